#include "lower/cascade_buffers.h"

#include "ir/ir.h"
#include "lower/buffers.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

void Buffers::add_cascade(const Graph& g, int recur, const Cascade& system) {
  CascadeBuffers made;
  const bool stream = module_.run == ir::Run::stream;
  const std::vector<RecurrenceState>& states = g[recur].attributes.recurrence->states;
  for (const RecurrenceState& owned : states) made.state.push_back(add_state(owned.name, {.scalar = ir::Scalar::f64}));
  const std::string &name = states.front().name, number = std::to_string(recur);
  made.base = add_state(name + "/base", {.size = 2 * cascade_rows});
  made.pending = add_state(name + "/pending", {.size = 2 * ir::padding});
  made.done = add_state(name + "/done", {.scalar = ir::Scalar::i32});
  const auto keep = [&](const char* what, ir::Scalar scalar, std::int64_t size) {
    return add({.name = what + number, .scalar = scalar, .size = size});
  };
  const auto n = static_cast<std::int64_t>(system.states), outputs = static_cast<std::int64_t>(system.outputs),
             arguments = static_cast<std::int64_t>(system.arguments);
  made.kept = keep("coefficients", ir::Scalar::f64, arguments);
  made.rotations = keep("rotations", ir::Scalar::f64, 2 * static_cast<std::int64_t>(system.sections.size()));
  if (stream) {
    made.ready = add_state(name + "/ready", {.scalar = ir::Scalar::i64});
    made.coefficients = keep("factors", ir::Scalar::f32, arguments);
    for (const Cascade::Section& section : system.sections)
      made.powers.push_back(
          keep(("powers" + std::to_string(section.first) + "_").c_str(), ir::Scalar::f32, scan_block_elements(section.states)));
  }
  made.none = keep("none", ir::Scalar::i32, 1);
  made.built = keep("built", ir::Scalar::i32, 1);
  made.columns = keep("columns", ir::Scalar::f64, n * cascade_starts);
  made.impulse = keep("impulse", ir::Scalar::f64, cascade_starts);
  made.advance = keep("advance", ir::Scalar::f32, n * cascade_rows);
  made.inputs = keep("inputs", ir::Scalar::f32, most_lanes * cascade_rows);
  made.outputs = keep("outputs", ir::Scalar::f32, outputs * n * most_lanes);
  made.response = keep("response", ir::Scalar::f32, outputs * most_lanes * most_lanes);
  const auto scratch = [&](const char* what, std::int64_t size) {
    return add({.name = what + number, .space = ir::Space::scratch, .size = size});
  };
  made.given = scratch("given", ir::padding);
  made.realigned = scratch("realigned", 2 * ir::padding);
  made.rows = scratch("rows", (n + outputs) * cascade_starts);
  module_.whole_vectors = true;
  cascade[recur] = std::move(made);
}

}  // namespace dgen::lower
