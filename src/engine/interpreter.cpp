#include "dgen/interpreter.h"

#include <algorithm>
#include <cmath>

#include "dgen/error.h"
#include "engine/graph_runner.h"
#include "graph/streams.h"

namespace dgen {

namespace {

/// The saved name of the number of frames since reset.
constexpr std::string_view frame_name = "frame";

double checked_rate(double sample_rate) {
  if (std::isfinite(sample_rate) && sample_rate >= 1 && sample_rate <= 1e7) return sample_rate;
  throw Error(ErrorCode::bad_value, "the sample rate must be 1 … 1e7 Hz, got " + std::to_string(sample_rate));
}

void check_count(const ParamInfo& param, std::size_t count) {
  if (static_cast<std::int64_t>(count) == param.elements()) return;
  throw Error(ErrorCode::bad_value, "parameter '" + param.name + "' has " + std::to_string(param.elements()) +
                                        " elements and cannot take " + std::to_string(count));
}

}  // namespace

struct Interpreter::Machine {
  Machine(const Graph& patch, double sample_rate, Precision precision)
      : graph(patch), context{.sample_rate = checked_rate(sample_rate), .precision = precision}, runner(patch, context) {
    check_streams(patch);
    for (const int id : graph.params()) {
      const ParamInfo& info = *graph[id].attributes.param;
      std::vector<double>& values = context.params[info.name];
      for (std::int64_t k = 0; k < info.elements(); ++k) values.push_back(info.initial_of(k));
    }
    context.inputs.resize(static_cast<std::size_t>(graph.inputs()));
    channels.resize(context.inputs.size());
    for (const Node& node : graph.nodes()) {
      if (node.op->kind == Kind::input) channels[static_cast<std::size_t>(node.attributes.size)] = node.type;
    }
    silence.assign(longest_value(), 0.0);
    name_states();
  }

  std::size_t longest_value() const {
    std::int64_t most = 1;
    for (const Type& type : channels) most = std::max(most, type.shape.elements());
    return static_cast<std::size_t>(most);
  }

  /// Which block of elements of a call's data belongs to the frame that is evaluated, which is number n of them in time.
  std::int64_t block(const Type& type, std::int64_t n) const {
    if (type.clock == Clock::hop) return ticks_before(context.frame, type.hop) - ticks_before(context.frame - n, type.hop);
    return type.clock == Clock::frame ? n : 0;
  }

  /// Multiples of `hop` in [0, frame).
  static std::int64_t ticks_before(std::int64_t frame, std::int64_t hop) { return (frame + hop - 1) / hop; }

  std::span<const double> elements_of(std::span<const double> data, const Type& type, std::int64_t n) const {
    const auto count = static_cast<std::size_t>(type.shape.elements());
    const std::size_t first = static_cast<std::size_t>(block(type, n)) * count;
    if (data.empty() || (type.clock == Clock::hop && context.frame % type.hop != 0)) return std::span(silence).first(count);
    return data.subspan(first, count);
  }

  /// How many values a call of `frames` frames from frame `from` on has of a type.
  static std::int64_t values_in(const Type& type, std::int64_t from, std::int64_t frames) {
    const bool by_ticks = type.clock == Clock::hop;
    return (by_ticks ? ticks_before(from + frames, type.hop) - ticks_before(from, type.hop) : frames) * type.shape.elements();
  }

  void write(int node, std::int64_t n, std::vector<double>& out) const {
    const Type& type = graph[node].type;
    if (!runner.ticks(node)) return;
    auto to = static_cast<std::size_t>((type.clock == Clock::hop ? block(type, n) : n) * type.shape.elements());
    for (const double x : runner.elements(node)) out[to++] = runner.rounded(x);
  }

  /// Gives states of one path different names: the second is "path#2".
  void name_states() {
    std::map<std::string, int, std::less<>> uses{{std::string(frame_name), 1}};
    for (engine::RunnerState* state : runner.states()) {
      int number = ++uses[state->name];
      std::string name = number == 1 ? state->name : state->name + "#" + std::to_string(number);
      while (!states.emplace(name, state).second) name = state->name + "#" + std::to_string(++number);
    }
  }

  const ParamInfo& find_param(std::string_view name) const {
    std::string known;
    for (const int id : graph.params()) {
      const ParamInfo& info = *graph[id].attributes.param;
      if (info.name == name) return info;
      known += (known.empty() ? "" : ", ") + info.name;
    }
    throw Error(ErrorCode::unknown_name, "there is no parameter '" + std::string(name) + "'; " +
                                             (known.empty() ? "this patch has none" : "this patch has " + known));
  }

  const Graph& graph;
  engine::FrameContext context;
  std::function<void(std::int64_t)> seen{};  ///< is told of every frame
  std::vector<Type> channels;                ///< of the inputs
  std::vector<double> silence{};             ///< of the longest of them
  engine::GraphRunner runner;
  std::map<std::string, engine::RunnerState*, std::less<>> states;
};

Interpreter::Interpreter(const Graph& graph, double sample_rate, Precision precision)
    : machine_(std::make_unique<Machine>(graph, sample_rate, precision)) {}
Interpreter::~Interpreter() = default;

void Interpreter::process(std::span<const std::vector<double>> in, std::vector<std::vector<double>>& out, std::int64_t frames) {
  Machine& m = *machine_;
  const std::int64_t from = m.context.reversed ? m.context.frame - frames + 1 : m.context.frame;
  for (std::size_t c = 0; c < in.size(); ++c) {
    const std::int64_t wanted = c >= m.channels.size()                  ? frames
                                : m.channels[c].clock <= Clock::control ? m.channels[c].shape.elements()
                                                                        : Machine::values_in(m.channels[c], from, frames);
    if (in[c].empty() || static_cast<std::int64_t>(in[c].size()) >= wanted) continue;
    throw Error(ErrorCode::bad_value, "input channel " + std::to_string(c) + " has " + std::to_string(in[c].size()) +
                                          " frames of the " + std::to_string(frames) + " to process");
  }
  out.resize(m.graph.outputs().size());
  for (std::size_t c = 0; c < out.size(); ++c) {
    const Type& type = m.graph[m.graph.outputs()[c].node].type;
    out[c].assign(static_cast<std::size_t>(Machine::values_in(type, from, frames)), 0.0);
  }
  for (std::int64_t k = 0; k < frames; ++k) {
    const std::int64_t n = m.context.frame - from;
    for (std::size_t c = 0; c < m.context.inputs.size(); ++c)
      m.context.inputs[c] =
          m.elements_of(c < in.size() ? std::span<const double>(in[c]) : std::span<const double>{}, m.channels[c], n);
    m.runner.run();
    if (m.seen) m.seen(m.context.frame);
    for (std::size_t c = 0; c < out.size(); ++c) m.write(m.graph.outputs()[c].node, n, out[c]);
    m.runner.commit();
    m.context.frame += m.context.reversed ? -1 : 1;
    m.context.first = false;
  }
}

void Interpreter::set(std::string_view param, double value) {
  const ParamInfo& info = machine_->find_param(param);
  set(param, std::vector<double>(static_cast<std::size_t>(info.elements()), value));
}

void Interpreter::set(std::string_view param, std::span<const double> values) {
  const ParamInfo& info = machine_->find_param(param);
  check_count(info, values.size());
  std::vector<double>& held = machine_->context.params.find(param)->second;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!std::isnan(values[k])) held[k] = std::clamp(values[k], info.min, info.max);
  }
}

void Interpreter::put(std::string_view param, std::span<const double> values) {
  check_count(machine_->find_param(param), values.size());
  machine_->context.params.find(param)->second.assign(values.begin(), values.end());
}

void Interpreter::reset() { begin(0, false); }

void Interpreter::begin(std::int64_t frame, bool reversed) {
  machine_->context.frame = frame;
  machine_->context.first = true;
  machine_->context.reversed = reversed;
  machine_->runner.reset();
}

double Interpreter::value(int node) const { return elements(node)[0]; }

std::span<const double> Interpreter::elements(int node) const {
  if (node >= 0 && node < machine_->graph.size()) return machine_->runner.elements(node);
  throw Error(ErrorCode::bad_value, "the graph has no node " + std::to_string(node));
}

void Interpreter::watch(std::function<void(std::int64_t frame)> seen) { machine_->seen = std::move(seen); }

std::map<std::string, std::vector<double>, std::less<>> Interpreter::save() const {
  std::map<std::string, std::vector<double>, std::less<>> saved;
  saved.emplace(frame_name, std::vector<double>{static_cast<double>(machine_->context.frame)});
  for (const auto& [name, state] : machine_->states)
    saved.emplace(name, std::vector<double>(state->values.begin(), state->values.end()));
  return saved;
}

void Interpreter::restore(const std::map<std::string, std::vector<double>, std::less<>>& saved) {
  Machine& m = *machine_;
  const auto mismatch = [](const std::string& text) {
    return Error(ErrorCode::state_mismatch, "saved state of another patch: " + text);
  };
  const auto frame = saved.find(frame_name);
  if (frame == saved.end() || frame->second.size() != 1) throw mismatch("it does not say its 'frame'");
  if (!(frame->second[0] >= 0 && frame->second[0] < 0x1p53)) throw mismatch("its 'frame' is " + std::to_string(frame->second[0]));
  for (const auto& [name, values] : saved) {
    const auto state = m.states.find(name);
    if (name == frame_name) continue;
    if (state == m.states.end()) throw mismatch("this patch has no state '" + name + "'");
    if (state->second->values.size() == values.size()) continue;
    throw mismatch("'" + name + "' has " + std::to_string(values.size()) + " values, here " +
                   std::to_string(state->second->values.size()));
  }
  for (const auto& [name, state] : m.states)
    if (!saved.contains(name)) throw mismatch("it has no '" + name + "'");
  for (const auto& [name, state] : m.states) {
    const std::vector<double>& values = saved.find(name)->second;
    state->values.assign(values.begin(), values.end());
  }
  m.context.frame = static_cast<std::int64_t>(frame->second[0]);
  m.context.first = m.context.frame == 0;
}

}  // namespace dgen
