#include "dgen/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "dgen/error.h"
#include "dgen/fit_results.h"
#include "dgen/interruption.h"
#include "dgen/messages.h"
#include "dgen/train_progress.h"
#include "dgen/train_report.h"

namespace dgen::tool {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds checkpoint_interval(5);

/// The values of all parameters.
using Values = std::vector<double>;

Values values_of(std::span<const double> values) { return {values.begin(), values.end()}; }

Values initial_values(const PatchText& patch) {
  Values values;
  for (const ParamInfo& param : patch.params) values.push_back(param.initial);
  return values;
}

/// Values along the way, evenly spaced: a step's own loss says little of the whole sound where it hears a segment of it.
std::vector<Values> candidates(const Trainer& trainer) {
  constexpr std::int64_t most = 64;
  const LossHistory& history = trainer.history();
  std::vector<Values> made;
  for (std::int64_t k = 0; k < std::min(most, history.rows()); ++k)
    made.push_back(values_of(history.values(k * history.rows() / std::min(most, history.rows()))));
  made.push_back(values_of(trainer.best_values()));
  made.push_back(values_of(trainer.parameters().values()));
  return made;
}

/// Of the values that were reached those with the lowest loss over the whole sound: the first, the last, the best of a step, or
/// one along the way.
Values best_of(Audition& audition, const PatchText& patch, const Trainer& trainer) {
  Values best = initial_values(patch);
  double least = audition.loss(best);
  for (Values candidate : candidates(trainer)) {
    if (candidate.size() != best.size()) continue;
    for (std::size_t k = 0; k < candidate.size(); ++k) candidate[k] = tidy(candidate[k], patch.params[k]);
    const double loss = audition.loss(candidate);
    if (!(loss <= least) && !(std::isnan(least) && !std::isnan(loss))) continue;
    least = loss;
    best = candidate;
  }
  return best;
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

/// One training from start to results.
class Training {
 public:
  Training(const TrainOptions& options, const LossSpec& loss, const Method& method, PatchText written)
      : options_(options), method_(method), written_(std::move(written)), patch_(with_settings(written_, options.set)),
        problem_(patch_, loss, load()), audition_(patch_, problem_, options.patch.compile),
        trainer_(problem_.graph(), problem_.loss(), method.optimizer, trainer_options(options, patch_, problem_, method)) {}

  void run() {
    announce();
    if (options_.resume) resume();
    std::optional<Error> failure;
    try {
      descend();
    } catch (const Error& error) {
      // What was reached is worth keeping; the error comes after it.
      failure = error;
    }
    say_backend({}, trainer_.objective().fallback());
    const report::FitReport report = results();
    std::fputs(fit_table(report).c_str(), stdout);
    std::fflush(stdout);
    write_results(options_.paths, report);
    if (failure) throw *failure;
  }

 private:
  FitSounds load() {
    FitSounds sounds = load_sounds({.input = options_.input,
                                    .target = options_.target,
                                    .rate = options_.rate,
                                    .inputs = patch_.inputs,
                                    .outputs = patch_.outputs});
    for (const std::string& remark : sounds.remarks) say(remark);
    return sounds;
  }

  void announce() const {
    std::size_t trained = 0;
    for (const ParamInfo& param : patch_.params) trained += remark_on(param.name, options_, trainer_).empty() ? 1 : 0;
    say("fitting " + count_of(static_cast<std::int64_t>(trained), "parameter") + " of '" + patch_.path + "' to '" +
        options_.target + "': " + number(static_cast<double>(problem_.frames()) / problem_.sample_rate()) + " s at " +
        number(problem_.sample_rate(), 8) + " Hz, loss " + options_.loss);
    say_backend(trainer_.objective().program().choice());
    for (const Unreached& unreached : trainer_.unreached())
      say_warning("'" + unreached.name + "' is not trained: " + reason(unreached));
  }

  void resume() {
    if (!std::filesystem::exists(options_.checkpoint)) {
      say("there is no checkpoint '" + options_.checkpoint + "' yet: starting from the first step");
      return;
    }
    trainer_.resume(options_.checkpoint);
    say("continuing after step " + std::to_string(trainer_.steps()) + " of '" + options_.checkpoint + "'");
  }

  void descend() {
    const Interruption interruption;
    TrainProgress progress(trainer_.steps(), options_.steps);
    Clock::time_point saved = Clock::now();
    while (trainer_.steps() < options_.steps) {
      const Metrics metrics = trainer_.step();
      progress.show(metrics.step, metrics.loss);
      if (Clock::now() - saved > checkpoint_interval) {
        save(progress);
        saved = Clock::now();
      }
      if (!interruption.asked()) continue;
      progress.clear();
      say("stopped after step " + std::to_string(trainer_.steps()) + " of " + std::to_string(options_.steps));
      break;
    }
    progress.clear();
    if (!options_.checkpoint.empty()) trainer_.save_checkpoint(options_.checkpoint);
  }

  /// On the way a disk that is full for a while is no reason to lose the training.
  void save(TrainProgress& progress) const {
    if (options_.checkpoint.empty()) return;
    try {
      trainer_.save_checkpoint(options_.checkpoint);
    } catch (const Error& error) {
      progress.clear();
      say_warning(std::string(error.what()) + "; the training goes on");
    }
  }

  report::FitReport results() {
    const Values start = initial_values(patch_), best = best_of(audition_, patch_, trainer_);
    report::FitReport report{.patch_name = file_name(patch_.path),
                             .target_name = file_name(options_.target),
                             .command = options_.command_line,
                             .settings = settings_of(options_, method_, trainer_, problem_),
                             .loss_name = options_.loss};
    for (std::size_t k = 0; k < patch_.params.size(); ++k) {
      const ParamInfo& info = patch_.params[k];
      report.params.push_back(
          {.info = info, .before = start[k], .after = best[k], .remark = remark_on(info.name, options_, trainer_)});
    }
    add_history(report, trainer_, audition_.loss(start), audition_.loss(best));
    report.target = problem_.sounds().target;
    report.start = audition_.sound(start);
    report.result = audition_.sound(best);
    report.patch_before = written_.text;
    report.patch_after = fitted_text(written_, report.params);
    report.remarks = problem_.sounds().remarks;
    return report;
  }

  const TrainOptions& options_;
  const Method& method_;
  PatchText written_, patch_;  ///< as the file has it; with the settings of the command line
  FitProblem problem_;
  Audition audition_;
  Trainer trainer_;
};

}  // namespace

void run_training(const TrainOptions& options, const LossSpec& loss, const Method& method, PatchText written) {
  Training(options, loss, method, std::move(written)).run();
}

}  // namespace dgen::tool
