#include "dgen/patch.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "lang/builder.h"
#include "lang/parser.h"

namespace dgen {

namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20;  ///< also of what never ends

}  // namespace

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
  std::string text;
  std::array<char, 1 << 16> block;
  do {
    stream.read(block.data(), block.size());
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
  } while (stream && text.size() <= most_bytes);
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed) || !stream.is_open() || stream.bad() || (stream.fail() && !stream.eof()))
    throw Error(ErrorCode::file_unreadable, path + ": the patch cannot be opened or read; check the name and that it is a file");
  if (text.size() > most_bytes)
    throw Error(ErrorCode::file_unreadable, path + ": a patch is text of at most 16 MiB; this is longer. Is it the right file?");
  parse_patch(graph, text, path);
}

}  // namespace dgen
