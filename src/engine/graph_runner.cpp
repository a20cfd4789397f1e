#include "engine/graph_runner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/noise.h"
#include "dgen/error.h"
#include "graph/table_index.h"

namespace dgen::engine {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

}  // namespace

double GraphRunner::rounded(double x) const {
  if (context_.precision == Precision::float64) return x;
  const double nearest = static_cast<double>(static_cast<float>(x));
  return std::fabs(nearest) < 0x1p-126 ? std::copysign(0.0, nearest) : nearest;
}

double GraphRunner::operand(int reader, std::size_t k) const {
  const double x = value(graph_[reader].inputs[k]);
  return per_frame_[at(reader)] ? rounded(x) : x;
}

void GraphRunner::run() {
  for (const int id : order_) {
    if (!ticks(id)) continue;
    const std::span<double> y = std::span(values_).subspan(begin_[at(id)], count_[at(id)]);
    if (scalar_[at(id)]) {
      y[0] = evaluate(id);
    } else {
      evaluate_elements(id, y);
    }
    if (!per_frame_[at(id)]) continue;
    for (double& x : y) x = rounded(x);
  }
}

bool GraphRunner::ticks(int node) const {
  const Type& type = graph_[node].type;
  return type.clock != Clock::hop || context_.frame % type.hop == 0;
}

double GraphRunner::evaluate(int id) {
  const Node& node = graph_[id];
  const Attributes& attributes = node.attributes;
  switch (node.op->kind) {
    case Kind::constant: return attributes.value;
    case Kind::param: return rounded(context_.params.find(attributes.param->name)->second[0]);
    case Kind::input: return context_.inputs[at(attributes.size)][0];
    case Kind::sample_rate: return context_.sample_rate;
    case Kind::frame_index: return static_cast<double>(context_.frame);
    case Kind::noise: return noise(static_cast<std::uint64_t>(attributes.size), static_cast<std::uint64_t>(context_.frame));
    case Kind::pointwise: return evaluate_pointwise(id);
    case Kind::delay: return evaluate_delay(id);
    case Kind::gather: return evaluate_gather(id);
    case Kind::scatter: return evaluate_scatter(id);
    case Kind::cell: return context_.first ? operand(id, 0) : state(id).ago(1);
    case Kind::line_read: return evaluate_line_read(id);
    case Kind::handle: return value(node.feedback);
    case Kind::reduce: return std::numeric_limits<double>::quiet_NaN();  // no output depends on it: check_streams
    case Kind::sequence: return value(node.inputs.back());
    case Kind::recur: return evaluate_recur(id);
    case Kind::result:
      return bodies_.at(node.inputs[0])->value(graph_[node.inputs[0]].attributes.recurrence->results[at(attributes.size)]);
    case Kind::state: return evaluate_body_state(id);
    case Kind::argument: return parent_->value(parent_->graph_[recur_].inputs[at(attributes.size)]);
    case Kind::table:
    case Kind::line: return 0;
    case Kind::hold: return ticks(node.inputs[0]) ? operand(id, 0) : state(id).ago(1);
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape: return operand(id, 0);
    case Kind::tensor:
    case Kind::window:
    case Kind::overlap_add:
    case Kind::linear:
    case Kind::outer:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:  // evaluate_elements
    case Kind::composite: break;
  }
  throw InternalError("no value of one element: " + std::string(node.op->name));
}

double GraphRunner::evaluate_pointwise(int id) {
  std::array<double, 8> few;
  const std::size_t count = graph_[id].inputs.size();
  if (count <= few.size()) {
    for (std::size_t k = 0; k < count; ++k) few[k] = operand(id, k);
    return graph_[id].op->meaning(std::span(few).first(count));
  }
  std::vector<double> many;
  for (std::size_t k = 0; k < count; ++k) many.push_back(operand(id, k));
  return graph_[id].op->meaning(many);
}

std::int64_t GraphRunner::delay_frames(int id) const { return whole(operand(id, 1), 0, graph_[id].attributes.size); }

double GraphRunner::evaluate_delay(int id) const {
  const std::int64_t frames = delay_frames(id);
  return frames == 0 ? operand(id, 0) : state(id).ago(frames);
}

double GraphRunner::evaluate_line_read(int id) const {
  const int line = graph_[id].inputs[0];
  const std::int64_t least = feedback_reads_[at(id)] ? 1 : 0;
  const std::int64_t size = graph_[line].op->kind == Kind::line ? graph_[line].attributes.size : state(line).size;
  const std::int64_t frames = whole(operand(id, 1), least, std::max(least, size));
  return frames == 0 ? value(graph_[line].feedback) : state(line).ago(frames);
}

double GraphRunner::evaluate_gather(int id) const {
  const int version = versions_[at(id)];
  const std::int64_t index = table_index(operand(id, 1), table_size(version), graph_[id].attributes.bound);
  return index < 0 ? 0 : element(version, index);
}

double GraphRunner::evaluate_scatter(int id) {
  const double value = operand(id, 2);
  writes_[at(id)] = {table_index(operand(id, 1), table_size(id), Bound::zero), value};
  return value;
}

double GraphRunner::evaluate_recur(int id) {
  bodies_.at(id)->run();
  return 0;
}

double GraphRunner::evaluate_body_state(int id) const {
  const RecurrenceState& declared = recurrence().states[at(graph_[id].attributes.size)];
  if (declared.form != RecurrenceState::Form::cell) return 0;
  if (!context_.first) return state(id).ago(1);
  return declared.initial < 0 ? 0 : parent_->value(parent_->graph_[recur_].inputs[at(declared.initial)]);
}

}  // namespace dgen::engine
