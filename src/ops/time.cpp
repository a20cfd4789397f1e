#include "dgen/time.h"

#include <array>

#include "dgen/error.h"
#include "ops/families.h"

namespace dgen {

namespace ops {

constexpr OpDef constant{.name = "constant", .doc = "a number fixed when the graph is built", .kind = Kind::constant};
constexpr OpDef param{.name = "param", .doc = "a number the host sets between calls", .kind = Kind::param};
constexpr OpDef input{.name = "input", .doc = "one value per frame, from the host", .kind = Kind::input};
constexpr OpDef sample_rate{
    .name = "sample_rate", .doc = "frames per second, in Hz", .kind = Kind::sample_rate, .zero_derivative = true};
constexpr OpDef frame_index{.name = "frame_index",
                            .doc = "frames since reset: 0, 1, 2, …; in compiled code a float, which is whole up to 2^24",
                            .kind = Kind::frame_index,
                            .zero_derivative = true};
constexpr OpDef noise{
    .name = "noise",
    .doc = "white noise, uniform in [-1, 1); a function of seed and frame, the same on every run",
    .kind = Kind::noise,
    .zero_derivative = true,
    .cost = 8,
    .source = "counter-based; finaliser of splitmix64 (Steele, Lea, Flood 2014)",
};

constexpr OpDef delay_tap{
    .name = "delay_tap",
    .doc = "x as it was floor(frames) frames ago, frames clamped to [0, size]; 0 before frame 0",
    .inputs = "x, frames",
    .kind = Kind::delay,
    .cost = 3,
};
constexpr OpDef table{.name = "table",
                      .doc = "numbers read by index, with an initial content; written in place where it has feedback",
                      .kind = Kind::table};
constexpr OpDef table_read{
    .name = "table_read",
    .doc = "element floor(index) of a table; outside by the bound mode: clip, wrap or zero",
    .inputs = "table, index",
    .kind = Kind::gather,
    .cost = 3,
};
constexpr OpDef table_write{
    .name = "table_write",
    .doc = "the table after element floor(index) became value; an index outside changes nothing",
    .inputs = "table, index, value",
    .kind = Kind::scatter,
    .cost = 3,
};
constexpr OpDef cell{.name = "cell",
                     .doc = "the value its feedback had one frame ago; initial at frame 0",
                     .inputs = "initial = 0",
                     .kind = Kind::cell};
constexpr OpDef line{.name = "line", .doc = "a delay line: remembers the last frames of its feedback", .kind = Kind::line};
constexpr OpDef line_read{
    .name = "line_read",
    .doc = "what went into the line floor(frames) frames ago, frames clamped to [0, size]; at least 1 inside a loop",
    .inputs = "line, frames",
    .kind = Kind::line_read,
    .cost = 3,
};
constexpr OpDef handle{
    .name = "feedback", .doc = "stands for a signal that is made later; no time passes in it", .kind = Kind::handle};
constexpr OpDef time_sum{
    .name = "time_sum",
    .doc = "sum of x over the frames of a call, in the order of time; known at the end of the call",
    .inputs = "x",
    .kind = Kind::reduce,
};
constexpr OpDef seq{
    .name = "seq",
    .doc = "evaluates its inputs in order and is the last; later inputs see the table writes of earlier ones",
    .inputs = "x, ...",
    .kind = Kind::sequence,
};
constexpr OpDef recur{
    .name = "recur", .doc = "a feedback loop: a body run once per frame on its own states", .inputs = "...", .kind = Kind::recur};
constexpr OpDef result{.name = "result", .doc = "one of the values that leave a recur", .inputs = "recur", .kind = Kind::result};
constexpr OpDef state{.name = "state", .doc = "in the body of a recur: a state as the frame before left it", .kind = Kind::state};
constexpr OpDef argument{.name = "argument", .doc = "in the body of a recur: one of its inputs", .kind = Kind::argument};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_SOURCE_OPS(DGEN_ENTRY) DGEN_TIME_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY

constexpr std::span<const OpDef* const> time_family{entries};

}  // namespace ops

Signal sample_rate(Graph& graph) { return graph.add(ops::sample_rate, {}, {}); }
Signal frame_index(Graph& graph) { return graph.add(ops::frame_index, {}, {}); }
Signal noise(Graph& graph, std::int64_t seed) { return graph.add(ops::noise, {}, {.size = seed}); }

}  // namespace dgen
