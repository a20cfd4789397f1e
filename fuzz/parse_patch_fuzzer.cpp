// Any bytes as patch text: a graph or an Error, nothing else.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dgen/error.h"
#include "lang/builder.h"
#include "lang/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dgen;
  const lang::Source source{{reinterpret_cast<const char*>(data), size}, "fuzz"};
  Graph graph;
  try {
    lang::build(graph, source, lang::parse(source), {.elements = 1 << 16, .steps = 20000, .nodes = 20000});
  } catch (const Error&) {
  }
  return 0;
}
