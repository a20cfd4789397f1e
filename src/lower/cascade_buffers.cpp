#include "lower/cascade_buffers.h"

#include <algorithm>

#include "ir/ir.h"
#include "lower/buffers.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

void Buffers::add_skewed(const Graph& g, int recur, const Cascade& system) {
  SkewedBuffers made;
  const std::vector<RecurrenceState>& states = g[recur].attributes.recurrence->states;
  for (const RecurrenceState& owned : states) made.state.push_back(add_state(owned.name, {.scalar = ir::Scalar::f64}));
  const std::string &name = states.front().name, number = std::to_string(recur);
  made.base = add_state(name + "/base", {.size = 2 * skewed_places});
  made.pending = add_state(name + "/pending", {.size = ir::padding});
  made.done = add_state(name + "/done", {.scalar = ir::Scalar::i32});
  const auto keep = [&](const char* what, ir::Scalar scalar, std::int64_t size) {
    return add({.name = what + number, .scalar = scalar, .size = size});
  };
  made.kept = keep("coefficients", ir::Scalar::f64, static_cast<std::int64_t>(system.arguments));
  made.numbers = keep("numbers", ir::Scalar::f64, section_numbers * skewed_places);
  made.turns = keep("turns", ir::Scalar::f64, 2 * skewed_places);
  made.own = keep("own", ir::Scalar::f64, 2 * skewed_places);
  made.coefficients = keep("rows", ir::Scalar::f32, skewed_rows * skewed_places);
  const SkewedPlaces places(system);
  const std::int64_t frames =
      module_.sub_block + 3 * skew_frames * ir::octet_elements;  // and what sections behind each other read on
  made.given = add({.name = "given" + number, .space = ir::Space::scratch, .size = frames});
  for (std::int64_t k = 0; k < places.octets; ++k)
    made.heard.push_back(add({.name = "heard" + number + "_" + std::to_string(k), .space = ir::Space::scratch, .size = frames}));
  std::vector<double> edge(3 * ir::octet_elements, 0);
  std::fill(edge.begin() + ir::octet_elements, edge.end(), -1);
  made.edge = add({.name = "edge" + number,
                   .space = ir::Space::constant,
                   .scalar = ir::Scalar::i32,
                   .size = static_cast<std::int64_t>(edge.size()),
                   .contents = edge});
  skewed[recur] = std::move(made);
}

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
