// Where recurrences keep their states.

#include <algorithm>

#include "lower/buffers.h"
#include "lower/rows.h"
#include "lower/scan_powers.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

void Buffers::add_recurrence(const Graph& g, int recur) {
  if (schedule::phase_accumulator(g, recur)) {
    const std::string& name = g[recur].attributes.recurrence->states[0].name;
    state[{recur, 0}] = add_state(name, {.scalar = ir::Scalar::u64, .size = 1});
    return;
  }
  if (schedule::row_phase(g, recur)) {
    const RecurrenceState& owned = g[recur].attributes.recurrence->states[0];
    state[{recur, 0}] = add_state(owned, {.scalar = ir::Scalar::u64, .size = schedule::loop_elements(g, recur)});
    return;
  }
  if (const auto system = dgen::cascade(g, recur)) {
    const bool in_a_row = runs_skewed(*g[recur].attributes.recurrence, *system);
    return in_a_row ? add_skewed(g, recur, *system) : add_cascade(g, recur, *system);
  }
  if (const auto loop = affine_loop(g, recur)) return add_scan(g, recur, *loop);
  add_loop_matrices(g, recur);
  const Recurrence& recurrence = *g[recur].attributes.recurrence;
  for (std::size_t k = 0; k < recurrence.states.size(); ++k) {
    const RecurrenceState& owned = recurrence.states[k];
    const std::pair key{recur, static_cast<int>(k)};
    switch (owned.form) {
      case RecurrenceState::Form::cell:
        state[key] = add_state(owned, {.size = row_stride((*recurrence.body)[owned.node].type.shape)});
        break;
      case RecurrenceState::Form::ring: state[key] = add_state(owned.name, {.size = power_of_two_above(owned.size + 1)}); break;
      case RecurrenceState::Form::table:
        state[key] = add_state(owned.name, {.size = owned.size});
        if (owned.table && std::any_of(owned.table->begin(), owned.table->end(), [](double v) { return v != 0; })) {
          contents[key] = add({.name = "contents" + std::to_string(recur) + "_" + std::to_string(k),
                               .space = ir::Space::constant,
                               .size = owned.size,
                               .contents = *owned.table});
        }
        break;
    }
  }
}

void Buffers::add_scan(const Graph& g, int recur, const AffineLoop& loop) {
  ScanBuffers made;
  const bool invariant = is_time_invariant(g, loop);
  const std::vector<RecurrenceState>& states = g[recur].attributes.recurrence->states;
  for (const RecurrenceState& owned : states) made.state.push_back(add_state(owned.name, {.scalar = ir::Scalar::f64, .size = 1}));
  for (const RecurrenceState& owned : states)
    made.base.push_back(add_state(owned.name + "/base", {.scalar = ir::Scalar::f64, .size = 1}));
  const std::string& name = states.front().name;
  const std::size_t pending = loop.states + (invariant ? 0 : loop.matrix.size());
  for (std::size_t k = 0; k < pending; ++k) made.pending.push_back(add_state(name + "/pending", {.size = 2 * ir::padding}));
  made.done = add_state(name + "/done", {.scalar = ir::Scalar::i32, .size = 1});
  const std::string number = std::to_string(recur);
  made.realigned = add({.name = "realigned" + number, .space = ir::Space::scratch, .size = 2 * ir::padding});
  module_.whole_vectors = true;
  if (invariant) {
    const auto [alike, fresh] = scan_powers_.try_emplace(loop.matrix, -1);
    if (fresh) alike->second = add({.name = "blocks" + number, .size = scan_block_elements(loop.states)});
    made.blocks = alike->second;
    if (loop.states == 2) made.rotation = add({.name = "rotation" + number, .scalar = ir::Scalar::f64, .size = 2});
  }
  scan[recur] = std::move(made);
}

}  // namespace dgen::lower
