#include "dgen/objective.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "graph/clone.h"
#include "runtime/device_update.h"
#include "runtime/segment_executor.h"

namespace dgen {

namespace {

void check_names(const Parameters& parameters, std::span<const std::string> names) {
  for (const std::string& name : names) static_cast<void>(parameters.index(name));
}

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::bad_value, "there is nothing to train: " + why); }

/// of: by gradient, the parameter; gradients are wanted behind the loss.
SegmentOptions segment_options(const ObjectiveOptions& options, const std::vector<int>& of) {
  SegmentOptions made{.compile = options.compile, .memory_budget = options.memory_budget, .threads = options.threads};
  made.compile.frames = options.frames;
  if (!options.update) return made;
  const auto spec = std::make_shared<runtime::UpdateSpec>(*options.update);
  for (std::size_t k = 0; k < of.size(); ++k)
    spec->parameters[static_cast<std::size_t>(of[k])].gradient = static_cast<int>(k) + 1;
  made.update = spec;
  return made;
}

}  // namespace

Objective::Setup Objective::set_up(Signal loss, const ObjectiveOptions& options) {
  if (!loss) throw Error(ErrorCode::bad_value, "training: the loss is an empty signal");
  Graph& graph = *loss.graph;
  check_names(Parameters(graph), options.freeze);
  if (graph.params().empty()) refuse("the graph has no parameters");
  Setup setup{.wanted = {loss}};
  std::vector<Signal> by;
  std::vector<int> numbers;
  for (std::size_t k = 0; k < graph.params().size(); ++k) {
    const int id = graph.params()[k];
    if (std::ranges::count(options.freeze, graph[id].attributes.param->name)) continue;
    by.push_back({&graph, id});
    numbers.push_back(static_cast<int>(k));
  }
  if (by.empty()) refuse("all parameters are frozen");
  const Gradient slopes = gradient(loss, by);
  for (std::size_t k = 0; k < by.size(); ++k) {
    if (slopes.of[k]) {
      setup.wanted.push_back(slopes.of[k]);
      setup.of.push_back(numbers[k]);
    } else {
      setup.unreached.push_back({graph[by[k].id].attributes.param->name, slopes.why_none[k]});
    }
  }
  if (setup.of.empty()) {
    std::string why = "no gradient of the loss reaches a parameter";
    for (const Unreached& u : setup.unreached) why += "\n  " + u.why;
    refuse(why);
  }
  return setup;
}

Objective::Objective(Signal loss, const ObjectiveOptions& options)
    : setup_(set_up(loss, options)),
      segment_(compile_segment(setup_.wanted, segment_options(options, setup_.of)), options.sample_rate, options.frames) {
  const std::shared_ptr<Graph> copy = clone(*loss.graph);
  for (Signal& signal : setup_.wanted) signal.graph = copy.get();
  setup_.graph = copy;
}

Objective::Objective(const Objective& like)
    : setup_(like.setup_), segment_(like.segment_.program(), like.sample_rate(), like.max_frames()) {}

void Objective::send(const Parameters& parameters) noexcept {
  for (int k = 0; k < parameters.count(); ++k) segment_.set(k, parameters.values(k));
}

double Objective::run(Parameters& parameters, const float* const* in, std::int64_t frames, From from, bool same_input) noexcept {
  if (frames < 1 || frames > segment_.max_frames()) return std::numeric_limits<double>::quiet_NaN();
  send(parameters);
  segment_.run(in, frames, from, same_input);
  for (std::size_t k = 0; k < setup_.of.size(); ++k) {
    const std::span<double> sum = parameters.gradients(setup_.of[k]);
    const std::span<const double> slope = segment_.values(static_cast<int>(k) + 1);
    for (std::size_t e = 0; e < sum.size(); ++e) sum[e] += slope[e];
  }
  return loss();
}

std::optional<NotFiniteNode> Objective::find_not_finite(const Parameters& parameters, const float* const* in,
                                                        std::int64_t warm_up, std::int64_t frames) const {
  SegmentInterpreter interpreter(*setup_.graph, setup_.wanted, sample_rate(), Precision::float32);
  for (int k = 0; k < parameters.count(); ++k) interpreter.set(parameters[k].name, parameters.values(k));
  const auto channels = [&](std::int64_t first, std::int64_t count) {
    std::vector<std::vector<double>> values(static_cast<std::size_t>(setup_.graph->inputs()));
    for (std::size_t c = 0; c < values.size(); ++c) {
      if (in && in[c]) values[c].assign(in[c] + first, in[c] + first + count);
    }
    return values;
  };
  if (warm_up > 0) {
    if (const auto found = interpreter.find_not_finite(channels(0, warm_up), warm_up)) return found;
  }
  return interpreter.find_not_finite(channels(warm_up, frames), frames, warm_up > 0 ? From::carried : From::reset);
}

bool Objective::updates() const { return segment_.executor().updates(); }

void Objective::step(runtime::UpdateStep& step, const float* const* in, std::int64_t frames, From from,
                     bool same_input) noexcept {
  segment_.executor().step(step, in, frames, from, same_input);
}

void Objective::warm_up(const Parameters& parameters, const float* const* in, std::int64_t frames, From from) noexcept {
  send(parameters);
  segment_.advance(in, frames, from);
}

}  // namespace dgen
