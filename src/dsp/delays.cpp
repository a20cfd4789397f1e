#include "dgen/delays.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/build_time.h"
#include "dsp/each_element.h"
#include "dsp/families.h"
#include "dsp/interpolate.h"
#include "dsp/state.h"
#include "graph/describe.h"

namespace dgen {

namespace {

constexpr std::int64_t longest_delay = std::int64_t{1} << 26;  // frames: 256 MiB of samples

/// Frames the line must reach back: no more than a constant time needs.
std::int64_t reach(Signal time, std::int64_t max) {
  if (!dsp::is_constant(time)) return max;
  return static_cast<std::int64_t>(std::ceil(std::clamp(constant_value(time, "delay: time"), 0.0, static_cast<double>(max))));
}

Signal delayed_number(Graph& g, std::span<const Signal> x) {
  const std::int64_t max = reach(x[1], dsp::whole_number(x[2], "delay: max", 0, longest_delay));
  const int order = dsp::interpolation_order(x[3], "delay: interpolation");
  const std::int64_t size = max + (order == 3 ? 2 : order);  // the neighbours beyond the longest time
  const Signal past = g.add(ops::line, {}, {.size = size});
  g.close(past, x[0]);
  return dsp::interpolate(order, clamp(x[1], 0.0, static_cast<double>(max)), [&](Signal frames) {
    return g.add(ops::line_read, std::array{past, frames}, {.size = size});
  });
}

/// Each element has a line of its own, which is read at a time of its own.
Signal delay_nodes(Graph& g, std::span<const Signal> x) {
  return dsp::each_element(g, x, [&](std::span<const Signal> element) { return delayed_number(g, element); });
}

Signal history_write_nodes(Graph& g, std::span<const Signal> x) {
  if (g[x[0].id].op->kind != Kind::cell) {
    throw Error(ErrorCode::bad_feedback, "history_write: " + describe(g, x[0].id) + " is not what history_read gave");
  }
  g.close(x[0], x[1]);
  return x[1];
}

}  // namespace

namespace ops {

constexpr OpDef history{
    .name = "history",
    .doc = "x one frame ago; initial at the first frame",
    .inputs = "x, initial = 0",
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          const Signal before = dsp::state_of(x[0], x[1]);
          g.close(before, x[0]);
          return before;
        },
};

constexpr OpDef history_read{
    .name = "history_read",
    .doc = "a one-frame memory, for loops: the value that history_write gives it, one frame ago; initial at the first frame",
    .inputs = "initial = 0",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return cell(x[0]); },
};

constexpr OpDef history_write{
    .name = "history_write",
    .doc = "closes the loop of a history_read, once: the memory takes value; the output is value",
    .inputs = "history, value",
    .kind = Kind::composite,
    .expand = history_write_nodes,
};

constexpr OpDef delay{
    .name = "delay",
    .doc =
        "x as it was time_samples frames ago, clamped to [0, max] and in a loop to at least 1; zeros before the first "
        "frame; max: a whole number in 0 … 2^26; interpolation between frames: 0 none (floor), 1 linear, 3 cubic",
    .inputs = "x, time_samples, max = 65536, interpolation = 1",
    .kind = Kind::composite,
    .expand = delay_nodes,
    .source = "cubic: Catmull & Rom 1974",
};

constexpr OpDef delta{
    .name = "delta",
    .doc = "x less x one frame ago; x at the first frame",
    .inputs = "x",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return x[0] - history(x[0]); },
};

constexpr OpDef change{
    .name = "change",
    .doc = "1 where x rises, -1 where it falls, 0 where it stays; before the first frame x was 0",
    .inputs = "x",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return sign(delta(x[0])); },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_DELAY_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> delay_family{entries};

}  // namespace ops

Signal history_cell(Graph& graph, double initial, const char* file, int line) {
  return graph.n(ops::history_read, {initial}, file, line);
}

}  // namespace dgen
