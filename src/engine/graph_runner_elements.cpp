// Values with several elements, and what comes and goes with the ticks of a hop clock.

#include <algorithm>

#include "dgen/error.h"
#include "engine/graph_runner.h"
#include "graph/elements.h"
#include "graph/tensor_elements.h"

namespace dgen::engine {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

}  // namespace

bool GraphRunner::is_scalar(int id) const {
  const Node& node = graph_[id];
  const Kind kind = node.op->kind;
  if (kind == Kind::tensor || kind == Kind::window || kind == Kind::overlap_add || kind == Kind::linear || kind == Kind::outer ||
      kind == Kind::fft || has_tensor_elements(kind))
    return false;
  if (node.type.shape.elements() != 1) return false;
  if (!has_elements(kind)) return true;
  return std::all_of(node.inputs.begin(), node.inputs.end(), [this](int x) { return graph_[x].type.shape.elements() == 1; });
}

std::vector<double> GraphRunner::operands(int reader, std::size_t k) const {
  const std::span<const double> x = elements(graph_[reader].inputs[k]);
  std::vector<double> seen(x.begin(), x.end());
  if (per_frame_[at(reader)])
    for (double& v : seen) v = rounded(v);
  return seen;
}

void GraphRunner::evaluate_elements(int id, std::span<double> y) {
  const Node& node = graph_[id];
  const auto take = [&](std::span<const double> x) { std::copy(x.begin(), x.end(), y.begin()); };
  const auto take_state = [&] {
    for (std::size_t e = 0; e < y.size(); ++e) y[e] = state(id).ago(1, static_cast<std::int64_t>(e));
  };
  if (has_elements(node.op->kind)) {
    std::vector<std::vector<double>> values;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) values.push_back(operands(id, k));
    std::vector<Elements> x;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) x.push_back({values[k], graph_[node.inputs[k]].type.shape});
    return compute_elements(*node.op, node.attributes, x, node.type.shape, y);
  }
  switch (node.op->kind) {
    case Kind::tensor: return take(*node.attributes.table);
    case Kind::input: return take(context_.inputs[at(node.attributes.size)]);
    case Kind::window: return evaluate_window(id, y);
    case Kind::overlap_add: return evaluate_overlap_add(id, y);
    case Kind::hold:
      if (ticks(node.inputs[0])) return take(operands(id, 0));
      return take_state();
    case Kind::delay: return evaluate_delays(id, y);
    case Kind::cell:
      if (context_.first) return take(operands(id, 0));
      return take_state();
    case Kind::state: {
      const RecurrenceState& declared = recurrence().states[at(node.attributes.size)];
      if (!context_.first) return take_state();
      return take(parent_->elements(parent_->graph_[recur_].inputs[at(declared.initial)]));
    }
    case Kind::handle: return take(elements(node.feedback));
    case Kind::sequence: return take(elements(node.inputs.back()));
    case Kind::argument: return take(parent_->elements(parent_->graph_[recur_].inputs[at(node.attributes.size)]));
    case Kind::result: {
      const GraphRunner& body = *bodies_.at(node.inputs[0]);
      return take(body.elements(body.recurrence().results[at(node.attributes.size)]));
    }
    case Kind::reduce: return std::fill(y.begin(), y.end(), 0.0);  // no output depends on it: check_streams
    case Kind::param: {
      const std::vector<double>& given = context_.params.find(node.attributes.param->name)->second;
      std::transform(given.begin(), given.end(), y.begin(), [this](double x) { return rounded(x); });
      return;
    }
    case Kind::constant:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::pointwise:
    case Kind::table:
    case Kind::gather:
    case Kind::scatter:
    case Kind::line:
    case Kind::line_read:
    case Kind::recur:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::linear:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:
    case Kind::composite: break;
  }
  throw InternalError("no value of several elements: " + std::string(node.op->name));
}

void GraphRunner::evaluate_delays(int id, std::span<double> y) const {
  const std::int64_t frames = delay_frames(id);
  const std::vector<double> now = operands(id, 0);
  for (std::size_t e = 0; e < y.size(); ++e) y[e] = frames == 0 ? now[e] : state(id).ago(frames, static_cast<std::int64_t>(e));
}

/// Element j is the frame size - 1 - j frames ago; where time runs backward, the one j frames later in time.
void GraphRunner::evaluate_window(int id, std::span<double> y) const {
  const std::int64_t size = graph_[id].attributes.size;
  const std::vector<double> now = operands(id, 0);
  for (std::size_t lead = 0; lead < now.size(); ++lead) {
    for (std::int64_t j = 0; j < size; ++j) {
      const std::int64_t ago = context_.reversed ? j : size - 1 - j;
      y[lead * at(size) + at(j)] = ago == 0 ? now[lead] : state(id).ago(ago, static_cast<std::int64_t>(lead));
    }
  }
}

/// The state holds what is laid down for this frame and the coming ones, this frame first.
void GraphRunner::evaluate_overlap_add(int id, std::span<double> y) const {
  const std::size_t size = at(graph_[id].attributes.size), first = context_.reversed ? size - 1 : 0;
  const bool tick = context_.frame % graph_[id].attributes.hop == 0;
  const std::vector<double> frames = tick ? operands(id, 0) : std::vector<double>();
  for (std::size_t lead = 0; lead < y.size(); ++lead) y[lead] = state(id).values[lead] + (tick ? frames[lead * size + first] : 0);
}

void GraphRunner::commit_sum(RunnerState& state) const {
  const std::size_t size = at(state.size), leads = at(state.elements);
  if (context_.frame % graph_[state.adds].attributes.hop == 0) {
    const std::vector<double> frames = operands(state.adds, 0);
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t lead = 0; lead < leads; ++lead)
        state.values[j * leads + lead] += frames[lead * size + (context_.reversed ? size - 1 - j : j)];
    }
  }
  for (std::size_t lead = 0; lead < leads; ++lead) {
    state.values.push_back(0);
    state.values.pop_front();
  }
}

}  // namespace dgen::engine
