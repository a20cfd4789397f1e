#include "lower/stacks.h"

#include "base/index.h"
#include "ir/builder.h"
#include "lower/access.h"
#include "lower/control_rows.h"
#include "lower/diffused_rows.h"
#include "lower/phase_writer.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// Element k of a row of numbers that rest, or the only one, in double.
Value resting_element(const Graph& g, const Buffers& buffers, ir::Builder& b, int id, std::size_t k) {
  const Node& node = g[id];
  if (node.op->kind == Kind::constant) return b.number({Scalar::f64, false}, node.attributes.value);
  if (node.op->kind == Kind::tensor) return b.number({Scalar::f64, false}, (*node.attributes.table)[k]);
  if (schedule::is_stack(g, id)) return resting_element(g, buffers, b, node.inputs[k], 0);
  return b.load(buffers.control, whole(b, buffers.control_slot.at(id)), false);
}

/// Of each element, 16 floats for 1 + it: what is left of rounding one comes to the next.
void write_diffused(const Graph& g, Buffers& buffers, ir::Builder& b, int id, int to) {
  const bool stacked = buffers.stack.contains(id);
  const auto [from, first] = stacked ? std::pair{buffers.stack.at(id), std::int64_t{0}} : buffers.control_elements(g, id);
  b.loop(whole(b, 0), whole(b, g[id].type.shape.elements()), true, [&, row = from, begin = first](Value e) {
    const Value exact = 1.0 + convert(Scalar::f64, b.load(row, whole(b, begin) + e, true));
    Value left = b.number({Scalar::f64, true}, 0);
    for (int frame = 0; frame < diffused_frames; ++frame) {
      const Value wanted = exact + left, rounded = convert(Scalar::f32, wanted);
      b.store(to, diffused_place(b, e, whole(b, frame)), rounded);
      left = wanted - convert(Scalar::f64, rounded);
    }
  });
}

}  // namespace

void add_stack_kernel(const schedule::Schedule& schedule, Buffers& buffers, ir::Module& module) {
  if (buffers.stack.empty() && buffers.row_steps.empty() && buffers.diffused.empty()) return;
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "stacks",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "numbers that rest, one behind another, for vectors of equal parts"};
  ir::Builder b(module, function);
  for (const auto& [id, row] : buffers.stack) {
    for (std::size_t k = 0; k < g[id].inputs.size(); ++k) {
      const Value x = resting_element(g, buffers, b, id, k);
      b.store(row, whole(b, static_cast<std::int64_t>(k)), convert(Scalar::f32, x));
    }
  }
  for (const auto& [recur, row] : buffers.row_steps) {
    const schedule::PhaseAccumulator phase = *schedule::row_phase(g, recur);
    const std::int64_t count = schedule::loop_elements(g, recur);
    if (phase.increment >= 0 && g[phase.increment].type.shape.rank > 0 && !schedule::is_stack(g, phase.increment)) {
      b.loop(whole(b, 0), whole(b, count), false,
             [&, to = row](Value e) { b.store(to, e, fixed_step(phase, exact_element(g, buffers, b, phase.increment, e))); });
      continue;
    }
    for (std::int64_t k = 0; k < count; ++k) {
      const Value increment = phase.increment < 0 ? b.number({Scalar::f64, false}, phase.step)
                                                  : resting_element(g, buffers, b, phase.increment, static_cast<std::size_t>(k));
      b.store(row, whole(b, k), fixed_step(phase, increment));
    }
  }
  for (const auto& [id, buffer] : buffers.diffused) write_diffused(g, buffers, b, id, buffer);
  module.kernels.push_back(std::move(function));
}

}  // namespace dgen::lower
