#include "dgen/windowing.h"

#include <array>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/windows.h"
#include "dsp/build_time.h"
#include "dsp/families.h"
#include "graph/describe.h"

namespace dgen {

namespace {

/// The weights that the constants `function` and `beta` ask for, as a tensor.
Signal weights(const char* op, std::int64_t size, Signal function, Signal beta) {
  Graph& g = *function.graph;
  const std::int64_t which = dsp::whole_number(function, std::string(op) + ": window_function", 0, 4);
  const std::vector<double> values = which == 4
                                         ? window_function(Kaiser{.beta = constant_value(beta, std::string(op) + ": beta")}, size)
                                         : window_function(static_cast<WindowFunction>(which), size);
  return tensor(g, values, extents({static_cast<std::int32_t>(size)}));
}

bool is_rectangular(Signal function) {
  const Node& node = (*function.graph)[function.id];
  return node.op->kind == Kind::constant && node.attributes.value == 0;
}

Signal windowed_nodes(Graph&, std::span<const Signal> x) {
  const std::int64_t size = dsp::whole_number(x[1], "windowed: size", 1, 1 << 20);
  const Signal frames = window(x[0], size, dsp::whole_number(x[2], "windowed: hop", 1, 1 << 20));
  return is_rectangular(x[3]) ? frames : frames * weights("windowed", size, x[3], x[4]);
}

Signal weighted_nodes(Graph& g, std::span<const Signal> x) {
  const Type& type = g[x[0].id].type;
  if (type.shape.rank == 0) {
    throw Error(ErrorCode::bad_type, "apply_window: " + describe(g, x[0].id) + " is " + to_string(type) +
                                         "; it takes frames, such as those of window");
  }
  const std::int64_t size = type.shape.extent[static_cast<std::size_t>(type.shape.rank - 1)];
  return is_rectangular(x[1]) ? x[0] : x[0] * weights("apply_window", size, x[1], x[2]);
}

}  // namespace

namespace ops {

constexpr OpDef windowed{
    .name = "windowed",
    .doc =
        "the last `size` frames of x at every tick of `hop`, weighted by window_function: 0 rectangular, 1 Hann, 2 Hamming, "
        "3 Blackman, 4 Kaiser with beta; periodic",
    .inputs = "x, size = 64, hop = 16, window_function = 1, beta = 8.6",
    .kind = Kind::composite,
    .expand = windowed_nodes,
};
constexpr OpDef apply_window{
    .name = "apply_window",
    .doc = "frames times the weights of a window function, as in windowed",
    .inputs = "frame_parts, window_function = 1, beta = 8.6",
    .kind = Kind::composite,
    .expand = weighted_nodes,
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_WINDOWING_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> windowing_family{entries};

}  // namespace ops

}  // namespace dgen
