#include "dgen/train_method.h"

#include <algorithm>
#include <cmath>

#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/patch.h"
#include "dgen/patch_run.h"

namespace dgen::tool {

namespace {

/// How wide the range is in the parameter's coordinate; without a range, what a step of 1 may be: the default, a decade, 20 dB.
double width_of(const ParamInfo& param) {
  const bool linear = param.mapping == Mapping::linear;
  const bool bounded = std::isfinite(param.max) && std::isfinite(param.min) && param.max > param.min;
  if (bounded && (linear || param.min > 0))
    return to_coordinate(param.mapping, param.max) - to_coordinate(param.mapping, param.min);
  return linear ? std::max(std::fabs(param.initial), 1.0) : param.mapping == Mapping::log ? std::log(10.0) : 20;
}

/// The factors of the learning rate that make every range 1 wide: a plain gradient step is scaled twice, once for the
/// gradient and once for the step.
std::vector<std::pair<std::string, double>> rate_factors(const PatchText& patch, const TrainOptions& options,
                                                         const Optimizer& optimizer) {
  std::vector<std::pair<std::string, double>> factors;
  if (options.scale == Scale::none) return factors;
  const bool plain = std::holds_alternative<Sgd>(optimizer);
  for (const ParamInfo& param : patch.params) {
    const double width = width_of(param);
    factors.emplace_back(param.name, plain ? width * width : width);
  }
  return factors;
}

}  // namespace

Method method_of(const TrainOptions& options) {
  const auto reworded = [](const char* option, const Error& error) {
    return UsageError(std::string(option) + ": " + error.what());
  };
  Method method;
  try {
    // Ranges are scaled to 1, so a rate of one hundredth is a hundredth of the range.
    const bool adaptive = options.scale == Scale::range && options.optimizer.rfind("sgd", 0) != 0;
    const bool given = options.learning_rate || options.optimizer.find("learning_rate") != std::string::npos;
    method.optimizer =
        optimizer_by_name(options.optimizer, adaptive && !given ? std::optional<double>(0.01) : options.learning_rate);
  } catch (const Error& error) {
    throw reworded("--optimizer", error);
  }
  try {
    method.schedule = schedule_by_name(options.schedule, std::max<std::int64_t>(options.steps, 1));
  } catch (const Error& error) {
    throw reworded("--schedule", error);
  }
  // Gradients by a parameter in Hz are small numbers: the usual epsilon would stand in for them.
  if (options.scale == Scale::none || options.optimizer.find("epsilon") != std::string::npos) return method;
  if (auto* adam = std::get_if<Adam>(&method.optimizer)) adam->epsilon = 1e-16;
  if (auto* adamw = std::get_if<AdamW>(&method.optimizer)) adamw->epsilon = 1e-16;
  return method;
}

PatchText with_settings(const PatchText& patch, const SetOptions& set) {
  std::vector<ParamDefault> defaults;
  for (const auto& [param, value] : resolve(patch.params, set.settings()))
    defaults.push_back({patch.params[static_cast<std::size_t>(param)].name, value});
  return defaults.empty() ? patch : with_text(patch, with_defaults(patch.text, defaults, patch.path));
}

TrainerOptions trainer_options(const TrainOptions& options, const PatchText& patch, const FitProblem& problem,
                               const Method& method) {
  TrainerOptions made{.sample_rate = problem.sample_rate(),
                      .channels = problem.channels(),
                      .seed = options.seed,
                      .schedule = method.schedule,
                      .freeze = options.freeze,
                      .learning_rates = rate_factors(patch, options, method.optimizer),
                      .compile = options.patch.compile,
                      .memory_budget = static_cast<std::int64_t>(options.memory_mib * 1024 * 1024),
                      .threads = options.threads};
  made.frames =
      options.segment > 0 ? std::min(frames_in(options.segment, problem.sample_rate()), problem.frames()) : problem.frames();
  if (made.frames == 0) throw UsageError("--segment " + number(options.segment) + " s is less than a frame");
  if (made.frames < problem.fewest_frames()) {
    throw UsageError("--segment " + number(options.segment) + " s ends before the first window of the spectral loss, " +
                     count_of(problem.fewest_frames(), "frame") + ": nothing would be compared");
  }
  // A patch that hears nothing starts its sound at frame 0: a stretch from the middle would be another sound.
  if (made.frames == problem.frames() || problem.sounds().input.channels.empty()) return made;
  made.order = SegmentOrder::random;
  made.pre_roll = options.pre_roll >= 0 ? frames_in(options.pre_roll, problem.sample_rate()) : made.frames;
  return made;
}

}  // namespace dgen::tool
