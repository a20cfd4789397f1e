#include "dgen/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "dgen/build_notice.h"
#include "dgen/descents.h"
#include "dgen/error.h"
#include "dgen/fit_results.h"
#include "dgen/interruption.h"
#include "dgen/messages.h"
#include "dgen/resumption.h"
#include "dgen/train_progress.h"
#include "dgen/train_report.h"
#include "dgen/train_search.h"

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
std::vector<Values> values_along(const Trainer& trainer) {
  constexpr std::int64_t most = 64;
  const LossHistory& history = trainer.history();
  std::vector<Values> made;
  for (std::int64_t k = 0; k < std::min(most, history.rows()); ++k)
    made.push_back(values_of(history.values(k * history.rows() / std::min(most, history.rows()))));
  made.push_back(values_of(trainer.best_values()));
  made.push_back(values_of(trainer.parameters().values()));
  return made;
}

/// Of the values that were reached those with the lowest loss over the whole sound.
class Choice {
 public:
  Choice(Audition& audition, const PatchText& patch)
      : audition_(audition), patch_(patch), start_loss_(audition.loss(initial_values(patch))), values_(initial_values(patch)),
        loss_(start_loss_) {}

  /// `from`: the training they come from, -1: the search.
  void consider(Values candidate, int from) {
    if (candidate.size() != values_.size()) return;
    for (std::size_t k = 0; k < candidate.size(); ++k) candidate[k] = tidy(candidate[k], patch_.params[k]);
    const double loss = audition_.loss(candidate);
    if (!(loss <= loss_) && !(std::isnan(loss_) && !std::isnan(loss))) return;
    loss_ = loss;
    values_ = std::move(candidate);
    from_ = from;
  }
  double start_loss() const { return start_loss_; }
  double loss() const { return loss_; }
  const Values& values() const { return values_; }
  int from() const { return from_; }

 private:
  Audition& audition_;
  const PatchText& patch_;
  double start_loss_;
  Values values_;
  double loss_;
  int from_ = -1;
};

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

/// One training from start to results.
class Training {
 public:
  Training(const TrainOptions& options, const LossSpec& loss, const Method& method, PatchText written)
      : options_(options), method_(method), written_(std::move(written)), patch_(with_settings(written_, options.set)),
        problem_(patch_, loss, load()), audition_(patch_, problem_, options.patch.compile),
        chosen_(trainer_options(options, patch_, problem_, method)) {
    if (descents(options) == 0) return;
    if (descents(options) > 1) chosen_.threads = 1;  // trainings share the threads
    const BuildNotice notice(options.patch.compile.backend);
    first_ = std::make_unique<Trainer>(problem_.graph(), problem_.loss(), method.optimizer, chosen_);
    unreached_.assign(first_->unreached().begin(), first_->unreached().end());
  }

  void run() {
    announce();
    const Interruption interruption;
    begin(interruption);
    std::optional<Error> failure;
    try {
      if (descents_) descend(interruption);
    } catch (const Error& error) {
      // What was reached is worth keeping; the error comes after it.
      failure = error;
    }
    if (descents_) say_backend({}, descents_->fallback());
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

  std::string remark(const std::string& name) { return remark_on(name, options_, problem_.graph(), unreached_); }

  void announce() {
    std::size_t trained = 0;
    for (const ParamInfo& param : patch_.params) trained += stays(remark(param.name)) ? 0 : 1;
    say("fitting " + count_of(static_cast<std::int64_t>(trained), "parameter") + " of '" + patch_.path + "' to '" +
        options_.target + "': " + number(static_cast<double>(problem_.frames()) / problem_.sample_rate()) + " s at " +
        number(problem_.sample_rate(), 8) + " Hz, loss " + options_.loss);
    if (first_) say_backend(first_->objective().program().choice());
    for (const Unreached& unreached : unreached_) {
      const bool searched = not_searched(problem_.graph(), unreached.name, options_).empty();
      say_warning("'" + unreached.name + (searched ? "' is found by the search only: " : "' is not trained: ") +
                  reason(unreached));
    }
  }

  /// What a search compares: the whole sounds, or their beginning where every step hears that.
  std::int64_t searched_frames() const { return chosen_.order == SegmentOrder::first ? chosen_.frames : problem_.frames(); }

  /// Searches, unless descents go on from checkpoints, and sets the descents up.
  void begin(const Interruption& interruption) {
    const std::optional<int> saved = options_.resume ? saved_descents(options_, method_) : std::nullopt;
    std::vector<Values> starts;
    if (saved) {
      starts.assign(static_cast<std::size_t>(*saved), initial_values(patch_));
    } else if (options_.search.wanted()) {
      for (SearchPoint& point : run_search(options_, problem_, searched_frames(), interruption).best)
        starts_.push_back(std::move(point.values));
      starts = starts_;
    }
    if (!first_) return;
    descents_.emplace(options_, std::move(first_), starts);
    if (saved) descents_->resume();
    if (!options_.resume) return;
    const std::string file = "'" + options_.checkpoint + "'";
    say(saved ? "continuing after step " + std::to_string(descents_->steps()) + " of " + file
              : "there is no checkpoint " + file + " yet: starting from the first step");
  }

  void descend(const Interruption& interruption) {
    TrainProgress progress(descents_->steps(), options_.steps);
    Clock::time_point saved = Clock::now();
    std::optional<BuildNotice> notice(std::in_place, (*descents_)[0].objective().backend());
    while (descents_->steps() < options_.steps && !interruption.asked()) {
      const std::int64_t step = descents_->steps();
      const double loss = descents_->step(options_.steps);
      notice.reset();
      progress.show(step, loss);
      if (Clock::now() - saved > checkpoint_interval) {
        save(progress);
        saved = Clock::now();
      }
    }
    progress.clear();
    if (interruption.asked() && descents_->steps() < options_.steps)
      say("stopped after step " + std::to_string(descents_->steps()) + " of " + std::to_string(options_.steps));
    if (descents_->fallen() > 0)
      say_warning(std::to_string(descents_->fallen()) + " of " + std::to_string(descents_->count()) +
                  " descents left what is finite: " + descents_->why_fallen());
    if (!options_.checkpoint.empty()) descents_->save(checkpoint_note(options_, method_, descents_->count()));
  }

  /// On the way a disk that is full for a while is no reason to lose the training.
  void save(TrainProgress& progress) const {
    if (options_.checkpoint.empty()) return;
    try {
      descents_->save(checkpoint_note(options_, method_, descents_->count()));
    } catch (const Error& error) {
      progress.clear();
      say_warning(std::string(error.what()) + "; the training goes on");
    }
  }

  Choice choose() {
    Choice choice(audition_, patch_);
    for (const Values& start : starts_) choice.consider(start, -1);
    for (int k = 0; descents_ && k < descents_->count(); ++k) {
      for (Values& values : values_along((*descents_)[k])) choice.consider(std::move(values), k);
    }
    return choice;
  }

  report::FitReport results() {
    const Choice best = choose();
    const Values start = initial_values(patch_);
    const Trainer* const trainer = descents_ ? &(*descents_)[std::max(best.from(), 0)] : nullptr;
    report::FitReport report{.patch_name = file_name(patch_.path),
                             .target_name = file_name(options_.target),
                             .command = options_.command_line,
                             .settings = settings_of(options_, method_, chosen_, trainer, problem_),
                             .loss_name = options_.loss};
    for (std::size_t k = 0; k < patch_.params.size(); ++k) {
      const ParamInfo& info = patch_.params[k];
      report.params.push_back({.info = info, .before = start[k], .after = best.values()[k], .remark = remark(info.name)});
    }
    add_history(report, trainer, best.start_loss(), best.loss());
    report.target = problem_.sounds().target;
    report.start = audition_.sound(start);
    report.result = audition_.sound(best.values());
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
  TrainerOptions chosen_;
  std::unique_ptr<Trainer> first_;  ///< until `descents_` has it
  std::vector<Unreached> unreached_;
  std::vector<Values> starts_;  ///< what a search found
  std::optional<Descents> descents_;
};

}  // namespace

void run_training(const TrainOptions& options, const LossSpec& loss, const Method& method, PatchText written) {
  Training(options, loss, method, std::move(written)).run();
}

}  // namespace dgen::tool
