// Any bytes as patch text, closed into recurrences, run by the interpreter: values or an Error.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dgen/error.h"
#include "dgen/interpreter.h"
#include "lang/builder.h"
#include "lang/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dgen;
  const lang::Source source{{reinterpret_cast<const char*>(data), size}, "fuzz"};
  try {
    Graph graph;
    lang::build(graph, source, lang::parse(source), {.elements = 1 << 12, .steps = 2000, .nodes = 2000});
    Interpreter interpreter(graph, 48000);
    const std::vector<std::vector<double>> in{{1, 0, -1, 0.5}};
    std::vector<std::vector<double>> out(graph.outputs().size());
    interpreter.process(in, out, 4);
    interpreter.process(in, out, 4);
  } catch (const Error&) {
  }
  return 0;
}
