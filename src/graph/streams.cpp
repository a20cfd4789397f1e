#include "graph/streams.h"

#include "base/index.h"
#include "dgen/error.h"
#include "graph/describe.h"

namespace dgen {

void check_streams(const Graph& graph) {
  std::vector<bool> reached(at(graph.size()), false);
  for (const Output& output : graph.outputs()) {
    std::vector<int> waiting{output.node};
    while (!waiting.empty()) {
      const int id = waiting.back();
      waiting.pop_back();
      if (reached[at(id)]) continue;
      reached[at(id)] = true;
      const Node& node = graph[id];
      if (node.op->kind == Kind::reduce || node.attributes.reversed) {
        throw Error(ErrorCode::bad_value,
                    "output '" + output.name + "' depends on " + describe(graph, id) +
                        ", which is known at the end of a call only; evaluate it over a segment, not as a stream");
      }
      waiting.insert(waiting.end(), node.inputs.begin(), node.inputs.end());
      if (node.feedback >= 0) waiting.push_back(node.feedback);
    }
  }
}

}  // namespace dgen
