#include "lower/measure_kernel.h"

#include "graph/feedback.h"
#include "ir/builder.h"
#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

ir::Function measure_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "measure",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::ahead,
                        .why =
                            "the latest frame that delays whose times move read in each frame; no part of the sub-block begins "
                            "before it"};
  ir::Builder b(module, function);
  const bool backward = module.run == ir::Run::backward;
  const Value frames = b.argument(0);
  const auto time_at = [&](int time, Value i) {
    const Node& node = g[time];
    if (node.op->kind != Kind::input) return b.load(buffers.crossing.at(time), i, true);
    const int buffer = buffers.input.at(static_cast<int>(node.attributes.size));
    return backward ? b.load_back(buffer, frames - 1 - i) : b.load(buffer, i, true);
  };
  b.loop(whole(b, 0), frames, true, [&](Value i) {
    Value least{};
    for (int id = 0; id < g.size(); ++id) {
      if (!is_measured(g, id)) continue;
      const Value back = whole_frames(time_at(g[id].inputs[1], i), 1, g[g[id].inputs[0]].attributes.size);
      least = least.builder ? select(back < least, back, least) : back;
    }
    b.store(buffers.latest, i, b.broadcast(i) + b.lane() - least);
  });
  return function;
}

}  // namespace dgen::lower
