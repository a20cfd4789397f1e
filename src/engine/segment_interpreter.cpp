#include <algorithm>
#include <cmath>
#include <set>

#include "base/bytes.h"
#include "base/index.h"
#include "dgen/error.h"
#include "dgen/interpreter.h"
#include "dgen/segment.h"
#include "engine/not_finite_trace.h"
#include "passes/split_phases.h"

namespace dgen {

namespace {

using Frames = std::vector<double>;

std::vector<int> ids_of(const Graph& graph, std::span<const Signal> wanted) {
  std::vector<int> ids;
  for (const Signal s : wanted) {
    if (s.graph != &graph) throw Error(ErrorCode::mixed_graphs, "evaluate: a signal belongs to another graph, or is empty");
    ids.push_back(s.id);
  }
  return ids;
}

}  // namespace

struct SegmentInterpreter::Machine {
  Machine(const Graph& g, std::span<const Signal> wanted_signals, double rate, Precision precision)
      : graph(g), wanted(ids_of(g, wanted_signals)), phases(passes::split_phases(g, wanted)) {
    for (const passes::Phase& phase : phases.phases) runs.push_back(std::make_unique<Interpreter>(*phase.graph, rate, precision));
  }

  void run_phase(std::size_t p, std::span<const Frames> in, std::int64_t frames) {
    const passes::Phase& phase = phases.phases[p];
    const bool last = p + 1 == phases.phases.size();
    Interpreter& run = *runs[p];
    if (phase.reversed) {
      run.begin(position + frames - 1, true);
    } else if (position == 0 || last) {
      run.reset();
    }
    for (const int sum : phase.received) run.put(passes::sum_name(sum), total(sum, in, frames));
    std::vector<Frames> from, to;
    for (const int id : phase.inputs) from.push_back(frames_of(id, in, frames));
    run.process(from, to, last ? 1 : frames);
    for (std::size_t k = 0; k < to.size(); ++k) values[phase.outputs[k]] = std::move(to[k]);
  }

  /// The elements of the sum that reduce node `sum` makes of frames or ticks; of a count, the number of them.
  Frames total(int sum, std::span<const Frames> in, std::int64_t frames) const {
    if (sum == passes::frame_count) return {static_cast<double>(frames)};
    if (sum < 0) return {static_cast<double>(passes::ticks_in(position, frames, passes::hop_of_count(sum)))};
    Frames elements(static_cast<std::size_t>(graph[sum].type.shape.elements()), 0.0);
    std::size_t k = 0;
    for (const double x : frames_of(phases.reduced[at(sum)], in, frames)) elements[k++ % elements.size()] += x;
    return elements;
  }

  Frames frames_of(int id, std::span<const Frames> in, std::int64_t frames) const {
    const Node& node = graph[id];
    if (node.op->kind != Kind::input) return values.at(id);
    const auto channel = static_cast<std::size_t>(node.attributes.size);
    if (channel < in.size() && !in[channel].empty()) return {in[channel].begin(), in[channel].begin() + frames};
    return Frames(static_cast<std::size_t>(frames), 0.0);
  }

  const Graph& graph;
  const std::vector<int> wanted;
  const passes::Phases phases;
  std::vector<std::unique_ptr<Interpreter>> runs;
  std::int64_t position = 0;     ///< frames since reset at the start of the segment
  std::map<int, Frames> values;  ///< of nodes that left a phase
};

SegmentInterpreter::SegmentInterpreter(const Graph& graph, std::span<const Signal> wanted, double sample_rate,
                                       Precision precision)
    : machine_(std::make_unique<Machine>(graph, wanted, sample_rate, precision)) {}
SegmentInterpreter::~SegmentInterpreter() = default;

void SegmentInterpreter::set(std::string_view param, double value) {
  std::int64_t elements = 1;
  for (const int id : machine_->graph.params()) {
    const ParamInfo& info = *machine_->graph[id].attributes.param;
    if (info.name == param) elements = info.elements();
  }
  set(param, std::vector<double>(static_cast<std::size_t>(elements), value));
}

void SegmentInterpreter::set(std::string_view param, std::span<const double> values) {
  bool known = false;
  for (const int id : machine_->graph.params()) known = known || machine_->graph[id].attributes.param->name == param;
  if (!known) throw Error(ErrorCode::unknown_name, "there is no parameter '" + std::string(param) + "'");
  for (std::size_t p = 0; p < machine_->runs.size(); ++p) {
    const Graph& graph = *machine_->phases.phases[p].graph;
    for (const int id : graph.params()) {
      if (graph[id].attributes.param->name == param) machine_->runs[p]->set(param, values);
    }
  }
}

std::vector<std::vector<double>> SegmentInterpreter::evaluate(std::span<const std::vector<double>> in, std::int64_t frames,
                                                              From from) {
  machine_->values.clear();
  if (from == From::reset) machine_->position = 0;
  for (std::size_t p = 0; p < machine_->runs.size(); ++p) machine_->run_phase(p, in, frames);
  machine_->position += frames;
  std::vector<std::vector<double>> result;
  for (const int id : machine_->wanted) result.push_back(machine_->frames_of(id, in, frames));
  return result;
}

std::optional<NotFiniteNode> SegmentInterpreter::find_not_finite(std::span<const std::vector<double>> in, std::int64_t frames,
                                                                 From from) {
  engine::NotFiniteTrace trace(machine_->graph, machine_->phases);
  for (std::size_t p = 0; p < machine_->runs.size(); ++p) {
    Interpreter& run = *machine_->runs[p];
    run.watch([&trace, &run, p](std::int64_t frame) { trace.look(p, run, frame); });
  }
  const std::vector<Frames> results = evaluate(in, frames, from);
  for (const auto& run : machine_->runs) run->watch({});
  for (std::size_t k = 0; k < results.size(); ++k) {
    const bool finite = std::ranges::all_of(results[k], [](double x) { return std::isfinite(x); });
    if (!finite) return trace.origin_of(machine_->wanted[k]);
  }
  return std::nullopt;
}

std::string SegmentInterpreter::save() const {
  base::ByteWriter out;
  out.whole(static_cast<std::uint64_t>(machine_->position));
  for (std::size_t p = 0; p < machine_->runs.size(); ++p) {
    if (machine_->phases.phases[p].reversed) continue;
    const auto states = machine_->runs[p]->save();
    out.whole(states.size());
    for (const auto& [name, values] : states) {
      out.text(name);
      out.numbers(values);
    }
  }
  return out.take();
}

void SegmentInterpreter::restore(std::string_view saved) {
  base::ByteReader in(saved);
  const auto position = static_cast<std::int64_t>(in.whole());
  const std::string before = save();
  try {
    for (std::size_t p = 0; p < machine_->runs.size(); ++p) {
      if (machine_->phases.phases[p].reversed) continue;
      std::map<std::string, std::vector<double>, std::less<>> states;
      for (std::uint64_t left = in.length(16); left > 0; --left) {
        std::string name = in.text();
        states.emplace(std::move(name), in.numbers<std::vector<double>>());
      }
      machine_->runs[p]->restore(states);
    }
    machine_->position = position;
  } catch (const Error&) {
    if (saved != before) restore(before);
    throw;
  }
}

}  // namespace dgen
