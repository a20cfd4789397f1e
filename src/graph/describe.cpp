#include "graph/describe.h"

namespace dgen {

std::string to_string(const Origin& origin) {
  if (origin.file.empty()) return {};
  std::string text(origin.file);
  if (const std::size_t slash = text.rfind('/'); slash != std::string::npos) text = text.substr(slash + 1);
  if (origin.line > 0) text += ":" + std::to_string(origin.line);
  if (origin.column > 0) text += ":" + std::to_string(origin.column);
  return text;
}

std::string describe(const Graph& graph, int id) {
  const Node& node = graph[id];
  std::string text = node.path.empty() ? std::string(node.op->name) : node.path;
  if (const std::string where = to_string(node.origin); !where.empty()) text += " (" + where + ")";
  return text;
}

}  // namespace dgen
