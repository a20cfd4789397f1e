#include "dgen/graph.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "graph/check_inputs.h"
#include "graph/clocks.h"
#include "graph/describe.h"
#include "graph/infer_type.h"

namespace dgen {

struct Graph::Interned {
  std::set<std::string, std::less<>> texts;
  std::map<std::uint64_t, int> constants;  ///< node by the bits of its value
  std::map<std::int64_t, int> inputs;      ///< node by host channel
};

namespace {

std::string shape_text(const Shape& shape) { return shape.rank == 0 ? "one number" : "the shape " + to_string(shape); }

}  // namespace

Graph::Graph() : interned_(std::make_unique<Interned>()) {}
Graph::~Graph() = default;

int Graph::append(Node node) {
  if (!node.origin.file.empty()) node.origin.file = intern(node.origin.file);
  nodes_.push_back(std::move(node));
  return size() - 1;
}

Signal Graph::n(const OpDef& op, std::initializer_list<Operand> inputs, const char* file, int line) {
  return n(op, std::span(inputs.begin(), inputs.size()), Origin{file, line, 0});
}

Signal Graph::n(const OpDef& op, std::span<const Operand> inputs, Origin origin) {
  const Signature wanted = signature(op);
  check_arity(op, wanted, inputs.size());
  check_operands(op, inputs, origin_.file.empty() ? origin : origin_);
  std::vector<Signal> x;
  for (const Operand& input : inputs) x.push_back(input.signal ? input.signal : constant(input.value));
  for (std::size_t k = x.size(); k < wanted.inputs.size(); ++k) x.push_back(constant(wanted.inputs[k].initial));
  return add(op, x, {}, origin);
}

Signal Graph::add(const OpDef& op, std::span<const Signal> inputs, Attributes attributes, Origin origin) {
  check_arity(op, signature(op), inputs.size());
  const Origin place = origin_.file.empty() ? origin : origin_;
  for (std::size_t k = 0; k < inputs.size(); ++k) check_graph(this, op, inputs[k], k, place);
  if (op.kind == Kind::composite) return expand(op, inputs, origin);
  std::vector<Signal> x(inputs.begin(), inputs.end());
  bring_to_one_clock(*this, op, x, attributes);
  Node node{.op = &op, .attributes = std::move(attributes), .origin = place};
  for (const Signal s : x) node.inputs.push_back(s.id);
  node.type = checked_type(*this, node);
  node.path = path_ + (node.attributes.name.empty() ? std::string(op.name) : node.attributes.name);
  return {this, append(std::move(node))};
}

Signal Graph::expand(const OpDef& op, std::span<const Signal> inputs, Origin origin) {
  const Scope scope(*this, op.name, origin);
  const Signal y = op.expand(*this, inputs);
  check(y.graph == this, "a composite expands into the graph it was added to");
  return y;
}

Signal Graph::copy(const Node& node, std::span<const int> inputs) {
  if (node.op->kind == Kind::constant) return constant(node.attributes.value);
  Node made{.op = node.op,
            .inputs = {inputs.begin(), inputs.end()},
            .attributes = node.attributes,
            .origin = node.origin,
            .path = node.path};
  const Kind kind = node.op->kind;
  const bool given = kind == Kind::state || kind == Kind::argument || kind == Kind::table || kind == Kind::input;
  made.type = given ? node.type : infer_type(*this, *node.op, made.inputs, made.attributes);
  const int id = append(std::move(made));
  if (kind == Kind::param) params_.push_back(id);
  if (kind == Kind::input) interned_->inputs.emplace(node.attributes.size, id);
  return {this, id};
}

Signal Graph::typed(const OpDef& op, Type type, Attributes attributes, std::string_view path) {
  const std::int64_t channel = op.kind == Kind::input ? attributes.size : -1;
  const int id = append({.op = &op, .type = type, .attributes = std::move(attributes), .path = std::string(path)});
  if (channel >= 0) interned_->inputs.emplace(channel, id);
  return {this, id};
}

Signal Graph::constant(double value) {
  if (std::isnan(value)) throw Error(ErrorCode::bad_value, "constant: the value is not a number (NaN)");
  const auto [at, fresh] = interned_->constants.try_emplace(std::bit_cast<std::uint64_t>(value), size());
  if (fresh)
    append({.op = &ops::constant, .type = {.clock = Clock::constant}, .attributes = {.value = value}, .path = "constant"});
  return {this, at->second};
}

Signal Graph::param(std::string_view name, double initial, const ParamOptions& options, const char* file, int line) {
  return add_param({.name = std::string(name), .initial = initial, .min = options.min, .max = options.max}, options,
                   {file, line, 0});
}

Signal Graph::param(std::string_view name, const Shape& shape, const Initialiser& initial, const ParamOptions& options,
                    const char* file, int line) {
  constexpr std::int64_t most = 1 << 24;
  if (shape.elements() > most) {
    throw Error(ErrorCode::limit_exceeded, "param '" + std::string(name) + "' " + to_string(shape) + " has " +
                                               std::to_string(shape.elements()) + " elements; it may have " +
                                               std::to_string(most));
  }
  auto values = std::make_shared<const std::vector<double>>(initial_values(initial, shape, name));
  return add_param({.name = std::string(name),
                    .initial = values->front(),
                    .min = options.min,
                    .max = options.max,
                    .shape = shape,
                    .values = shape.rank == 0 ? nullptr : std::move(values)},
                   options, {file, line, 0});
}

Signal Graph::add_param(ParamInfo info, const ParamOptions& options, Origin origin) {
  const std::string quoted = "param '" + info.name + "'";
  if (info.name.empty()) throw Error(ErrorCode::bad_value, "param: the name is empty");
  for (const int id : params_) {
    if (nodes_[static_cast<std::size_t>(id)].attributes.param->name == info.name) {
      throw Error(ErrorCode::duplicate_name, quoted + " is declared twice, first at " + describe(*this, id));
    }
  }
  if (std::isnan(info.min) || std::isnan(info.max) || info.min > info.max) {
    throw Error(ErrorCode::bad_value,
                quoted + ": the range " + std::to_string(info.min) + " … " + std::to_string(info.max) + " is empty");
  }
  for (std::int64_t k = 0; k < info.elements(); ++k) {
    const double initial = info.initial_of(k);
    if (!std::isfinite(initial)) throw Error(ErrorCode::bad_value, quoted + ": the initial value is not finite");
    if (initial >= info.min && initial <= info.max) continue;
    const std::string which = info.shape.rank == 0 ? "" : " of element " + std::to_string(k);
    throw Error(ErrorCode::bad_value, quoted + ": the initial value " + std::to_string(initial) + which +
                                          " is outside its range " + std::to_string(info.min) + " … " + std::to_string(info.max));
  }
  if (!(options.smoothing_s >= 0)) throw Error(ErrorCode::bad_value, quoted + ": smoothing_s is negative");
  info.mapping = options.mapping;
  const std::string name = info.name;
  const Signal value = add(ops::param, {}, {.name = name, .param = std::make_shared<const ParamInfo>(std::move(info))}, origin);
  params_.push_back(value.id);
  if (options.smoothing_s == 0) return value;
  const Scope scope(*this, name, origin);
  const Signal keep = exp(std::log(0.01) / (options.smoothing_s * add(ops::sample_rate, {}, {})));
  const Signal before = ops::cell(value);
  const Signal smoothed = value + keep * (before - value);
  close(before, smoothed);
  return smoothed;
}

Signal Graph::input(int channel, std::string_view name) {
  if (channel < 0 || channel > 1023) {
    throw Error(ErrorCode::bad_value, "input: channel " + std::to_string(channel) + " is outside 0 … 1023");
  }
  if (const auto at = interned_->inputs.find(channel); at != interned_->inputs.end()) return {this, at->second};
  const std::string path = name.empty() ? "in" + std::to_string(channel + 1) : std::string(name);
  const Signal made = add(ops::input, {}, {.size = channel, .name = path});
  interned_->inputs.emplace(channel, made.id);
  return made;
}

int Graph::inputs() const { return interned_->inputs.empty() ? 0 : static_cast<int>(interned_->inputs.rbegin()->first) + 1; }

int Graph::output(Signal signal, std::string_view name) {
  const int channel = static_cast<int>(outputs_.size());
  const std::string text = name.empty() ? "out" + std::to_string(channel + 1) : std::string(name);
  if (signal.graph != this) throw Error(ErrorCode::mixed_graphs, "output '" + text + "': the signal belongs to another graph");
  const Type& type = nodes_[static_cast<std::size_t>(signal.id)].type;
  if (type.dtype != DType::signal || type.shape.rank != 0) {
    throw Error(ErrorCode::bad_type, "output '" + text + "': " + describe(*this, signal.id) + " is a " + to_string(type) +
                                         "; an audio output takes one signal");
  }
  return leave(hold(signal), text);
}

int Graph::leave(Signal signal, std::string_view name) {
  outputs_.push_back({std::string(name), signal.id});
  return static_cast<int>(outputs_.size()) - 1;
}

Signal Graph::feedback(const char* file, int line) { return add(ops::handle, {}, {}, {file, line, 0}); }

void Graph::close(Signal open, Signal value) {
  if (open.graph != this || value.graph != this) throw Error(ErrorCode::mixed_graphs, "close: a signal belongs to another graph");
  Node& node = nodes_[static_cast<std::size_t>(open.id)];
  const Kind kind = node.op->kind;
  if (kind != Kind::cell && kind != Kind::line && kind != Kind::table && kind != Kind::handle) {
    throw Error(ErrorCode::bad_feedback,
                "close: " + describe(*this, open.id) + " is no history, delay line, table or feedback handle");
  }
  if (node.feedback >= 0 && kind != Kind::table) {
    throw Error(ErrorCode::bad_feedback,
                "close: " + describe(*this, open.id) + " is written twice, first with " + describe(*this, node.feedback));
  }
  const DType wanted = kind == Kind::table ? DType::table : DType::signal;
  if (nodes_[static_cast<std::size_t>(value.id)].type.dtype != wanted) {
    throw Error(ErrorCode::bad_type, "close: " + describe(*this, open.id) + " cannot take " + describe(*this, value.id) +
                                         ", which is a " + to_string(nodes_[static_cast<std::size_t>(value.id)].type));
  }
  if (kind == Kind::table) {
    node.feedback = value.id;
    return;
  }
  const Shape wanted_shape = node.type.shape;
  Signal taken = hold(value);  // `node` is no longer valid: the graph grew
  const Shape shape = (*this)[taken.id].type.shape;
  if (shape != wanted_shape) {
    if (!broadcasts_to(shape, wanted_shape)) {
      throw Error(ErrorCode::bad_type, "close: " + describe(*this, open.id) + " carries " + shape_text(wanted_shape) +
                                           " and cannot take " + describe(*this, value.id) + ", which has the shape " +
                                           to_string(shape) +
                                           (kind == Kind::cell ? "; give the history an initial value of that shape" : ""));
    }
    taken = dgen::expand(taken, wanted_shape);
  }
  nodes_[static_cast<std::size_t>(open.id)].feedback = taken.id;
}

void Graph::freeze(int first, Signal condition) {
  if (condition.graph != this) throw Error(ErrorCode::mixed_graphs, "freeze: the condition belongs to another graph");
  const int end = size();
  for (int id = first; id < end; ++id) {
    const Node& node = (*this)[id];
    if (node.feedback < 0) continue;
    const Signal next{this, node.feedback};
    Signal kept{};
    if (node.op->kind == Kind::cell) {
      kept = select(condition, next, Signal{this, id});
    } else if (node.op->kind == Kind::line) {
      const std::int64_t frames = node.attributes.size;
      const std::array<Signal, 2> inputs{Signal{this, id}, constant(static_cast<double>(frames))};
      const Signal oldest = add(ops::line_read, inputs, {.size = frames});
      kept = select(condition, next, oldest);
    } else {
      continue;
    }
    nodes_[static_cast<std::size_t>(id)].feedback = kept.id;
  }
}

Signal Graph::name(Signal signal, std::string_view name) {
  if (signal.graph != this) throw Error(ErrorCode::mixed_graphs, "name: the signal belongs to another graph");
  nodes_[static_cast<std::size_t>(signal.id)].path = path_ + std::string(name);
  return signal;
}

std::string_view Graph::intern(std::string_view text) {
  const auto known = interned_->texts.find(text);
  return known != interned_->texts.end() ? *known : *interned_->texts.emplace(text).first;
}

void Graph::set_origin(Origin origin) {
  if (!origin.file.empty()) origin.file = intern(origin.file);
  origin_ = origin;
}

Graph::Scope::Scope(Graph& graph, std::string_view name, Origin origin)
    : graph_(graph), path_length_(graph.path_.size()), origin_before_(graph.origin_) {
  graph.path_ += std::string(name) + "/";
  if (graph.origin_.file.empty()) graph.origin_ = origin;
}

Graph::Scope::~Scope() {
  graph_.path_.resize(path_length_);
  graph_.origin_ = origin_before_;
}

double constant_value(Signal signal, std::string_view what) {
  check(signal.graph != nullptr, "constant_value gets a signal");
  const Node& node = (*signal.graph)[signal.id];
  if (node.op->kind == Kind::constant) return node.attributes.value;
  throw Error(ErrorCode::bad_value,
              std::string(what) + " must be a number known when the patch is built, got " + describe(*signal.graph, signal.id));
}

Signal add_node(Graph* graph, const OpDef& op, std::span<const Operand> inputs) {
  if (!graph) {
    check_operands(op, inputs, inputs.front().origin);
    throw Error(ErrorCode::bad_type,
                std::string(op.name) + ": every input is a number, so it belongs to no graph; make one with Graph::constant");
  }
  return graph->n(op, inputs, inputs.front().origin);
}

}  // namespace dgen
