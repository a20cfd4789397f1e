#include "lower/buffers.h"

#include <algorithm>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/limits.h"
#include "graph/table_size.h"
#include "lower/rows.h"
#include "lower/scan_powers.h"
#include "schedule/carried_delay.h"
#include "schedule/phase.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

namespace {

/// A name that is an identifier of every C-like language.
std::string identifier(std::string_view text) {
  std::string made;
  for (const char c : text) made += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
  return made;
}

/// Elements that a sub-block has of a value.
std::int64_t size_in(const Type& type, int sub_block) {
  const std::int32_t hop = schedule::hop_between_rows(type);
  return hop > 0 ? most_ticks(sub_block, hop) * row_stride(type.shape) : sub_block;
}

ir::Buffer host_channel(const Type& type, ir::Space space, int channel, int sub_block) {
  ir::Buffer made{.name = (space == ir::Space::input ? "in" : "out") + std::to_string(channel),
                  .space = space,
                  .size = size_in(type, sub_block),
                  .channel = channel};
  if (const std::int32_t hop = schedule::hop_between_rows(type)) made.hop = hop, made.stride = row_stride(type.shape);
  return made;
}

/// The type of a host input channel.
Type input_type(const Graph& g, int channel) {
  for (const Node& node : g.nodes()) {
    if (node.op->kind == Kind::input && node.attributes.size == channel) return node.type;
  }
  return {};
}

}  // namespace

namespace {

/// Whether the stages that take a value find it in the ring that keeps its past.
bool is_read_from_ring(const schedule::Schedule& schedule, int id) {
  bool kept = false, all_per_frame = true;
  for (const schedule::Stage& stage : schedule.stages) {
    const bool per_frame = stage.order == schedule::Order::parallel || stage.order == schedule::Order::sequential;
    const auto has = [id](const std::vector<int>& ids) { return std::find(ids.begin(), ids.end(), id) != ids.end(); };
    kept = kept || (per_frame && has(stage.fills));
    all_per_frame = all_per_frame && (per_frame || (!has(stage.loads) && !has(stage.stores)));
  }
  return kept && all_per_frame;
}

}  // namespace

int power_of_two_above(std::int64_t n) {
  if (n > most_elements) throw Error(ErrorCode::limit_exceeded, "a delay of " + std::to_string(n) + " frames is too long");
  int p = 1;
  while (p < n) p *= 2;
  return p;
}

int host_outputs(const Graph& graph) {
  int count = 0;
  for (std::size_t c = 0; c < graph.outputs().size(); ++c) {
    if (graph[graph.outputs()[c].node].op->kind == Kind::reduce) continue;
    check(count++ == static_cast<int>(c), "sums come after the outputs that are host channels");
  }
  return count;
}

Buffers::Buffers(const schedule::Schedule& schedule, ir::Module& module, int sub_block) : module_(module) {
  const Graph& g = *schedule.graph;
  std::int64_t elements = 0;
  for (const int id : g.params()) {
    param_offset[id] = elements;
    elements += g[id].type.shape.elements();
  }
  params = add({.name = "params", .space = ir::Space::params, .size = elements});
  clock = add({.name = "sample_rate", .space = ir::Space::clock, .scalar = ir::Scalar::f64});
  std::set<int> channels;
  for (const schedule::Stage& stage : schedule.stages) {
    for (const int id : stage.loads) {
      if (g[id].op->kind == Kind::input) channels.insert(static_cast<int>(g[id].attributes.size));
    }
    std::vector<int> crosses = stage.stores;
    for (const int id : stage.nodes) {
      if (g[id].op->kind == Kind::hold) crosses.push_back(id);
    }
    for (const int id : crosses) {
      if (crossing.contains(id) || is_read_from_ring(schedule, id)) continue;
      crossing[id] =
          add({.name = "cross" + std::to_string(id), .space = ir::Space::scratch, .size = size_in(g[id].type, sub_block)});
    }
  }
  for (const int c : channels) input[c] = add(host_channel(input_type(g, c), ir::Space::input, c, sub_block));
  const int outputs = host_outputs(g);
  for (int channel = 0; channel < outputs; ++channel) {
    const Type& type = g[g.outputs()[at(channel)].node].type;
    if (type.clock <= Clock::control && type.shape.rank > 0) continue;  // no channel: `Lowered::values`
    output[channel] = add(host_channel(type, ir::Space::output, channel, sub_block));
  }
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    if (node.op->kind == Kind::recur) add_recurrence(g, id);
    if (node.op->kind != Kind::table) continue;
    table[id] = add({.name = "table" + std::to_string(id),
                     .space = ir::Space::constant,
                     .size = table_size(node.attributes),
                     .contents = table_contents(node.attributes)});
  }
  add_sums(g);
  add_rings(g, sub_block);
  add_ticks(g, sub_block);
  add_stacks(g);
  add_taps(schedule, sub_block);
  add_carried(schedule);
  add_controls(schedule);
  add_steps(schedule);
  add_delays(schedule);
  add_oscillators(schedule, sub_block);
}

int Buffers::add(ir::Buffer buffer) {
  module_.buffers.push_back(std::move(buffer));
  return static_cast<int>(module_.buffers.size()) - 1;
}

std::string Buffers::unique(const std::string& name) {
  std::string found = name;
  for (int number = 2; !names_.insert(found).second; ++number) found = name + "#" + std::to_string(number);
  return found;
}

int Buffers::add_state(std::string name, ir::Buffer buffer) {
  name = unique(name);
  buffer.name = "s" + std::to_string(named.size()) + "_" + identifier(name);
  const int made = add(std::move(buffer));
  named.push_back({std::move(name), made});
  return made;
}

int Buffers::add_state(const RecurrenceState& owned, ir::Buffer buffer) {
  if (owned.lanes.empty()) return add_state(owned.name, std::move(buffer));
  buffer.name = "s" + std::to_string(named.size()) + "_" + identifier(owned.name);
  const int made = add(std::move(buffer));
  for (std::size_t lane = 0; lane < owned.lanes.size(); ++lane)
    named.push_back({unique(owned.lanes[lane]), made, static_cast<std::int64_t>(lane), 1});
  return made;
}

void Buffers::add_sums(const Graph& g) {
  for (const Output& one : g.outputs()) {
    if (g[one.node].op->kind != Kind::reduce || sum.contains(one.node)) continue;
    const std::int64_t elements = g[one.node].type.shape.elements();
    sum[one.node] = add(
        {.name = "sum" + std::to_string(one.node), .scalar = ir::Scalar::f64, .size = elements == 1 ? ir::padding : elements});
  }
}

void Buffers::add_rings(const Graph& g, int sub_block) {
  std::map<int, std::int64_t> longest;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const bool rows = node.op->kind == Kind::window && g[node.inputs[0]].type.shape.rank > 0;
    if ((node.op->kind == Kind::delay && schedule::carried_frames(g, id) == 0) || rows) {
      const std::int64_t fixed = schedule::constant_delay(g, id);
      longest[node.inputs[0]] = std::max(longest[node.inputs[0]], fixed >= 0 ? fixed : node.attributes.size);
    }
    if (node.op->kind != Kind::line_read) continue;
    const Node& line = g[node.inputs[0]];
    longest[line.feedback] = std::max(longest[line.feedback], line.attributes.size);
    if (block_limit < 0) block_limit = add({.name = "block_limit", .scalar = ir::Scalar::i32});
  }
  for (const auto& [id, size] : longest) {
    const int capacity = power_of_two_above(size + sub_block + ir::padding);
    const std::int64_t width = row_stride(g[id].type.shape);
    const bool rows = g[id].type.shape.rank > 0;
    const int reach = size <= schedule::longest_reach && !rows ? static_cast<int>(size) : 0;
    const int mirror = rows ? 0 : sub_block + reach + ir::padding;
    const std::int64_t elements = std::int64_t{capacity} * width + (rows ? ir::padding : mirror);
    ring[id] = {add_state(g[id].path + "/past", {.size = elements}), capacity, mirror, reach};
  }
}

/// What is kept between ticks, and constants with shapes.
void Buffers::add_ticks(const Graph& g, int sub_block) {
  std::map<int, std::int64_t> longest;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const Kind kind = node.op->kind;
    const std::int64_t width = row_stride(node.type.shape);
    if (kind == Kind::window && g[node.inputs[0]].type.shape.rank == 0)
      longest[node.inputs[0]] = std::max(longest[node.inputs[0]], node.attributes.size);
    if (kind == Kind::hold) held[id] = add_state(node.path, {.size = width});
    if (kind == Kind::overlap_add)
      added[id] = add_state(node.path, {.size = sums_margin + (node.attributes.size + sub_block) * width + ir::padding});
    if (kind == Kind::linear && moves(node.type)) add_matrix(g, id);
    if (kind == Kind::tensor) {
      tensor[id] = add({.name = "tensor" + std::to_string(id),
                        .space = ir::Space::constant,
                        .size = node.type.shape.elements(),
                        .contents = *node.attributes.table});
    }
  }
  for (const auto& [id, size] : longest) {
    const int capacity = power_of_two_above(size + sub_block + 2 * ir::padding);
    history[id] = {.buffer = add_state(g[id].path + "/window", {.size = 2 * std::int64_t{capacity} + ir::padding}),
                   .capacity = capacity,
                   .mirror = capacity};
  }
}

void Buffers::add_matrix(const Graph& g, int linear) {
  matrix[linear] = matrix_of(g, g[linear].inputs[1], g[linear].attributes.size == 1);
}

int Buffers::matrix_of(const Graph& g, int given, bool transposed) {
  if (g[given].op->kind == Kind::tensor) return constant_matrix(g[given], transposed);
  const Shape& shape = g[given].type.shape;
  const std::int64_t outputs = shape.extent[transposed ? 1 : 0], inputs = shape.extent[transposed ? 0 : 1];
  const std::int64_t width = (outputs + ir::padding - 1) / ir::padding * ir::padding;
  const int made = add({.name = "matrix" + std::to_string(packed.size()), .size = inputs * width});
  packed.push_back({given, transposed, made});
  return made;
}

/// A padded row of outputs for each input.
int Buffers::constant_matrix(const Node& given, bool transposed) {
  const std::int64_t rows = given.type.shape.extent[0], columns = given.type.shape.extent[1];
  const std::int64_t outputs = transposed ? columns : rows, inputs = transposed ? rows : columns, width = padded(outputs);
  std::vector<double> numbers(static_cast<std::size_t>(inputs * width), 0.0);
  for (std::int64_t i = 0; i < inputs; ++i) {
    for (std::int64_t o = 0; o < outputs; ++o)
      numbers[static_cast<std::size_t>(i * width + o)] =
          (*given.attributes.table)[static_cast<std::size_t>(transposed ? i * columns + o : o * columns + i)];
  }
  const std::optional<BandedMatrix> runs = banded(numbers, inputs);
  return runs ? banded_matrix(std::move(numbers), inputs, *runs) : constant_row(numbers);
}

/// Once for equal matrices.
int Buffers::banded_matrix(std::vector<double> dense, std::int64_t inputs, const BandedMatrix& runs) {
  const auto [known, fresh] = banded_matrices_.try_emplace({inputs, std::move(dense)}, -1);
  if (!fresh) return known->second;
  std::vector<double> weights = runs.weights;
  if (weights.empty()) weights.assign(1, 0.0);  // of a matrix of zeros, whose runs are empty
  const int made = known->second = add({.name = "bands" + std::to_string(banded_matrices_.size()),
                                        .space = ir::Space::constant,
                                        .size = static_cast<std::int64_t>(weights.size()),
                                        .contents = weights});
  bands[made] = {.first = index_table(runs.first), .last = index_table(runs.last), .row = index_table(runs.row)};
  return made;
}

/// Of products in the body of a loop, whose matrices rest.
void Buffers::add_loop_matrices(const Graph& g, int recur) {
  const Graph& body = *g[recur].attributes.recurrence->body;
  for (int id = 0; id < body.size(); ++id) {
    if (body[id].op->kind != Kind::linear) continue;
    const Node& inner = body[body[id].inputs[1]];
    const bool transposed = body[id].attributes.size == 1, outside = inner.op->kind == Kind::argument;
    loop_matrix[{recur, id}] = outside
                                   ? matrix_of(g, g[recur].inputs[static_cast<std::size_t>(inner.attributes.size)], transposed)
                                   : constant_matrix(inner, transposed);
  }
}

std::pair<int, std::int64_t> Buffers::control_elements(const Graph& g, int node) const {
  if (g[node].op->kind == Kind::param) return {params, param_offset.at(node)};
  if (g[node].op->kind == Kind::tensor) return {tensor.at(node), 0};
  return {control_row.at(node), 0};
}

int Buffers::index_table(const std::vector<std::int64_t>& index) {
  const auto [known, fresh] = index_tables_.try_emplace(index, -1);
  if (!fresh) return known->second;
  return known->second = add({.name = "index" + std::to_string(index_tables_.size()),
                              .space = ir::Space::constant,
                              .scalar = ir::Scalar::i32,
                              .size = static_cast<std::int64_t>(index.size()),
                              .contents = std::vector<double>(index.begin(), index.end())});
}

/// Filled when a parameter changes.
void Buffers::add_stacks(const Graph& g) {
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const std::string number = std::to_string(id);
    if (schedule::is_stack(g, id)) stack[id] = add({.name = "stack" + number, .size = node.type.shape.elements()});
    const auto phase = node.op->kind == Kind::recur ? schedule::row_phase(g, id) : std::nullopt;
    if (phase && schedule::has_known_steps(g, *phase)) {
      const std::int64_t count = schedule::loop_elements(g, id);
      row_steps[id] = add({.name = "row_steps" + number, .scalar = ir::Scalar::u64, .size = count});
    }
  }
}

void Buffers::add_carried(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  int scratch = -1;
  for (int id = 0; id < g.size(); ++id) {
    const int frames = schedule::carried_frames(g, id);
    if (frames == 0 || schedule.taps.absorbed.contains(id)) continue;
    if (scratch < 0) scratch = add({.name = "carried", .space = ir::Space::scratch, .size = ir::padding});
    carried[id] = {.state = add_state(g[id].path + "/before", {.size = frames}), .scratch = scratch};
  }
}

void Buffers::add_taps(const schedule::Schedule& schedule, int sub_block) {
  const Graph& g = *schedule.graph;
  for (const auto& [root, tap_sum] : schedule.taps.sums) {
    for (std::size_t k = 0; k < tap_sum.runs.size(); ++k) {
      const std::string number = std::to_string(root) + "_" + std::to_string(k);
      TapBuffers made{.sums = add({.name = "taps" + number, .space = ir::Space::scratch, .size = sub_block})};
      std::vector<double> fixed;
      for (const auto& [coefficient, negative] : tap_sum.runs[k].taps) {
        made.from_control = made.from_control || (coefficient >= 0 && g[coefficient].op->kind != Kind::constant);
        fixed.push_back((negative ? -1 : 1) * (coefficient >= 0 ? g[coefficient].attributes.value : 1));
      }
      made.coefficients = made.from_control
                              ? add({.name = "coefficients" + number, .size = static_cast<std::int64_t>(fixed.size())})
                              : constant_row(fixed);
      taps[{root, static_cast<int>(k)}] = made;
    }
  }
}

int Buffers::constant_row(const std::vector<double>& elements) {
  const auto [known, fresh] = constant_rows_.try_emplace(elements, -1);
  if (!fresh) return known->second;
  return known->second = add({.name = "row" + std::to_string(constant_rows_.size()),
                              .space = ir::Space::constant,
                              .size = static_cast<std::int64_t>(elements.size()),
                              .contents = elements});
}

int Buffers::exact_constant(const std::vector<double>& elements) {
  const auto [known, fresh] = exact_constants_.try_emplace(elements, -1);
  if (!fresh) return known->second;
  return known->second = add({.name = "exact_row" + std::to_string(exact_constants_.size()),
                              .space = ir::Space::constant,
                              .scalar = ir::Scalar::f64,
                              .size = static_cast<std::int64_t>(elements.size()),
                              .contents = elements});
}

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

void Buffers::add_controls(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  const auto need = [&](int x) {
    const Node& node = g[x];
    if (schedule::is_stack(g, x)) return;
    const bool per_call = node.type.dtype == DType::signal && node.type.clock <= Clock::control &&
                          node.op->kind != Kind::constant && node.type.shape.rank == 0;
    if (per_call) control_slot.try_emplace(x, static_cast<int>(control_slot.size()));
  };
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const schedule::Stage& stage = schedule.stages[s];
    for (const int id : stage.nodes) {
      for (const int x : g[id].inputs) {
        if (schedule.home[at(x)] != static_cast<int>(s)) need(x);
      }
    }
    for (const auto& [id, row] : stack) {
      for (const int x : g[id].inputs) need(x);
    }
    for (const int x : stage.fills) need(x);
    for (const int x : stage.windows) need(x);
    for (const int c : stage.outputs) need(g.outputs()[at(c)].node);
  }
  if (control_slot.empty()) return;
  control = add({.name = "control", .scalar = ir::Scalar::f64, .size = static_cast<std::int64_t>(control_slot.size())});
}

void Buffers::add_steps(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  for (const schedule::Stage& stage : schedule.stages) {
    for (const int id : stage.nodes) {
      if (g[id].op->kind != Kind::recur) continue;
      const auto phase = schedule::phase_accumulator(g, id);
      if (!phase || phase->increment < 0) continue;
      const Node& increment = g[phase->increment];
      if (increment.op->kind == Kind::constant || increment.type.clock > Clock::control) continue;
      step_slot.try_emplace(id, static_cast<int>(step_slot.size()));
    }
  }
  if (step_slot.empty()) return;
  steps = add({.name = "steps", .scalar = ir::Scalar::u64, .size = static_cast<std::int64_t>(step_slot.size())});
}

/// Of reads whose time is a control value; constants need none.
void Buffers::add_delays(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const bool reads = node.op->kind == Kind::line_read || node.op->kind == Kind::delay;
    if (reads && control_slot.contains(node.inputs[1])) delay_slot.try_emplace(id, static_cast<int>(delay_slot.size()));
  }
  if (!delay_slot.empty())
    delays = add({.name = "delays", .scalar = ir::Scalar::i32, .size = static_cast<std::int64_t>(delay_slot.size())});
}

/// Oscillators in the stage of their phase.
void Buffers::add_oscillators(const schedule::Schedule& schedule, int sub_block) {
  if (module_.run == ir::Run::backward) return;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    OscillatorBuffers made{.stage = find_oscillators(schedule, static_cast<int>(s))};
    if (made.count() == 0) continue;
    module_.whole_vectors = true;
    const auto one = [&](const char* name, ir::Space space, ir::Scalar scalar, std::int64_t size) {
      return add({.name = name + std::to_string(s), .space = space, .scalar = scalar, .size = size});
    };
    constexpr int least_lanes = 4;
    const std::int64_t vectors = sub_block / least_lanes + 2 * OscillatorBuffers::group;
    const auto count = static_cast<std::int64_t>(made.count()), banks = static_cast<std::int64_t>(made.stage.banks.size());
    made.steps = one("oscillator_steps", ir::Space::state, ir::Scalar::u64, made.padded());
    made.gains = one("gains", ir::Space::state, ir::Scalar::f32, made.padded());
    made.turns = one("turns", ir::Space::state, ir::Scalar::f32, (2 * count + 1) * ir::padding);
    made.vector_turns =
        one("vector_turns", ir::Space::state, ir::Scalar::f32, 2 * (OscillatorBuffers::group - 1) * made.padded());
    made.phases = one("phases", ir::Space::scratch, ir::Scalar::u64, made.padded());
    made.angles = one("angles", ir::Space::scratch, ir::Scalar::f32, made.angles_stride() * vectors);
    if (banks > 0)
      made.sums = one("banks", ir::Space::scratch, ir::Scalar::f32, banks * OscillatorBuffers::sums_stride(sub_block));
    oscillators[static_cast<int>(s)] = std::move(made);
  }
}

}  // namespace dgen::lower
