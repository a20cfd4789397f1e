#include "dgen/patch.h"

#include <fstream>
#include <sstream>

#include "lang/builder.h"
#include "lang/parser.h"

namespace dgen {

void parse_patch(Graph& graph, std::string_view text, std::string_view file) {
  const lang::Source source{text, file};
  lang::build(graph, source, lang::parse(source));
}

std::vector<PatchName> patch_names() {
  std::vector<PatchName> names;
  for (const lang::GenName& gen : lang::gen_names()) names.push_back({gen.name, gen.doc, gen.inputs, gen.missing});
  return names;
}

void load_patch(Graph& graph, const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || stream.bad())
    throw Error(ErrorCode::file_unreadable, path + ": the patch cannot be opened or read; check the name and that it is a file");
  parse_patch(graph, text.str(), path);
}

}  // namespace dgen
