// Any bytes as patch text: the interpreter gives the same values before and after loops are closed, and the rest of the
// pipeline, down to the C text, keeps its invariants; or an Error.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "dgen/error.h"
#include "dgen/inspect.h"
#include "dgen/interpreter.h"
#include "lang/builder.h"
#include "lang/parser.h"
#include "passes/close_loops.h"

namespace {

using Channels = std::vector<std::vector<double>>;

Channels run(const dgen::Graph& graph) {
  dgen::Interpreter interpreter(graph, 48000);
  const Channels in{{1, 0, -1, 0.5}, {0.25, 2, 3, -4}};
  Channels first(graph.outputs().size()), second(graph.outputs().size());
  interpreter.process(in, first, 4);
  interpreter.process(in, second, 4);
  for (std::size_t c = 0; c < first.size(); ++c) first[c].insert(first[c].end(), second[c].begin(), second[c].end());
  return first;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void compare(const Channels& open, const Channels& closed) {
  for (std::size_t c = 0; c < open.size(); ++c) {
    for (std::size_t k = 0; k < open[c].size(); ++k) {
      if (same(open[c][k], closed[c][k])) continue;
      std::fprintf(stderr, "output %zu, frame %zu: %.17g in loops, %.17g in recurrences\n", c + 1, k, open[c][k], closed[c][k]);
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dgen;
  const lang::Source source{{reinterpret_cast<const char*>(data), size}, "fuzz"};
  try {
    Graph graph;
    lang::build(graph, source, lang::parse(source), {.elements = 1 << 12, .steps = 2000, .nodes = 2000});
    const Rewritten closed = passes::close_loops(graph);
    compare(run(graph), run(*closed.graph));
    dump(graph, Representation::source);
  } catch (const Error&) {
  }
  return 0;
}
