// `dgen train`: a patch's parameters fitted to a recording by gradient descent.

#include "dgen/train.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "audio/file_bytes.h"
#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/fit.h"
#include "dgen/fit_results.h"
#include "dgen/messages.h"
#include "dgen/patch.h"
#include "dgen/patch_options.h"
#include "dgen/patch_run.h"
#include "dgen/train_progress.h"

namespace dgen::tool {

namespace {

/// How far a step of a given learning rate goes.
enum class Scale : std::uint8_t {
  range,  ///< by the width of the parameter's range
  none,   ///< in the parameter's own coordinate
};

struct TrainOptions {
  PatchOptions patch{};
  SetOptions set{};
  std::string target{}, input{}, loss = "esr", optimizer = "adam", schedule = "cosine";
  std::optional<double> learning_rate{};
  Scale scale = Scale::range;
  std::int64_t steps = 1000;
  double segment = 0, pre_roll = -1, rate = 0;  ///< seconds, seconds, Hz
  std::uint64_t seed = 0;
  double memory_mib = 1024;
  int threads = 0;
  std::vector<std::string> freeze{};
  FitPaths paths{};
  std::string checkpoint{};
  bool resume = false;
  std::string command_line{};
};

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds checkpoint_interval(5);

volatile std::sig_atomic_t stop_asked = 0;

/// While it lives, Ctrl-C and termination ask for an end after the step at hand; the second one ends the program.
class Interruption {
 public:
  Interruption() {
    stop_asked = 0;
    const auto ask = [](int signal) {
      stop_asked = 1;
      std::signal(signal, SIG_DFL);
    };
    before_int_ = std::signal(SIGINT, ask);
    before_term_ = std::signal(SIGTERM, ask);
  }
  ~Interruption() {
    std::signal(SIGINT, before_int_);
    std::signal(SIGTERM, before_term_);
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  bool asked() const { return stop_asked != 0; }

 private:
  void (*before_int_)(int);
  void (*before_term_)(int);
};

/// The optimiser and its schedule, as the arguments name them.
struct Method {
  Optimizer optimizer{};
  Schedule schedule{};
};

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

/// The patch with the values of --set as defaults: where the training starts.
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

/// Why no gradient reaches the parameter, without the name and place that stand in front.
std::string reason(const Unreached& unreached) {
  const std::size_t place = unreached.why.find("): ");
  return place == std::string::npos ? unreached.why : unreached.why.substr(place + 3);
}

/// Why a parameter stays as it is; empty where it is trained.
std::string remark_on(const std::string& name, const TrainOptions& options, const Trainer& trainer) {
  if (std::find(options.freeze.begin(), options.freeze.end(), name) != options.freeze.end()) return "frozen";
  for (const Unreached& unreached : trainer.unreached()) {
    if (unreached.name == name) return "not trained: " + reason(unreached);
  }
  return {};
}

/// The way the losses and parameters took, with what was chosen at its end.
void add_history(report::FitReport& report, const Trainer& trainer, double start_loss, double loss) {
  const LossHistory& history = trainer.history();
  for (std::int64_t row = 0; row < history.rows(); ++row) {
    report.steps.push_back(row * history.stride());
    report.loss.push_back(history.loss(row));
  }
  if (report.steps.empty() || report.steps.front() != 0) {
    report.steps.insert(report.steps.begin(), 0);
    report.loss.insert(report.loss.begin(), start_loss);
  }
  report.loss.front() = start_loss;
  if (trainer.steps() > 0) {
    report.steps.push_back(trainer.steps());
    report.loss.push_back(loss);
  }
  for (std::size_t k = 0; k < report.params.size(); ++k) {
    report::FittedParam& param = report.params[k];
    if (!param.remark.empty() || trainer.steps() == 0) continue;
    for (std::int64_t row = 0; row < history.rows() && k < history.values(row).size(); ++row)
      param.trajectory.push_back(history.values(row)[k]);
    if (!param.trajectory.empty()) param.trajectory.push_back(param.after);
  }
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

std::string backend_of(const Trainer& trainer) {
  const std::string name = to_string(trainer.objective().program().backend());
  return trainer.objective().fallback().empty() ? name : name + ", then cpu: the device failed";
}

std::vector<std::pair<std::string, std::string>> settings_of(const TrainOptions& options, const Method& method,
                                                             const Trainer& trainer, const FitProblem& problem) {
  const TrainerOptions& chosen = trainer.options();
  const auto seconds = [&](std::int64_t frames) { return number(static_cast<double>(frames) / problem.sample_rate()) + " s"; };
  std::string segment = "the whole sound, " + seconds(chosen.frames);
  if (chosen.frames < problem.frames()) {
    segment = chosen.order == SegmentOrder::random ? seconds(chosen.frames) + " from anywhere, " + seconds(chosen.pre_roll) +
                                                         " before it run first; seed " + std::to_string(options.seed)
                                                   : "the first " + seconds(chosen.frames);
  }
  return {{"loss", options.loss},
          {"optimizer", to_string(method.optimizer)},
          {"steps of the parameters", options.scale == Scale::range ? "scaled by their ranges" : "in their own coordinates"},
          {"schedule", to_string(method.schedule)},
          {"steps", std::to_string(trainer.steps())},
          {"segment", segment},
          {"back end", backend_of(trainer)}};
}

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

/// Nothing that is written may take the place of what is read, or of something else that is written.
void check_paths(const TrainOptions& options) {
  struct Use {
    const char* option;
    std::string path;
    bool read = false;
  };
  const std::array uses{Use{"PATCH", options.patch.path, true}, Use{"--target", options.target, true},
                        Use{"-i", options.input, true},         Use{"--weights", options.set.weights, true},
                        Use{"-o", options.paths.patch},         Use{"--wav", options.paths.wav},
                        Use{"--report", options.paths.page},    Use{"--save-weights", options.paths.weights},
                        Use{"--checkpoint", options.checkpoint}};
  const auto place = [](const std::string& path) {
    std::error_code unknown;
    const auto found = std::filesystem::weakly_canonical(path, unknown);
    return unknown ? std::filesystem::path(path) : found;
  };
  for (std::size_t later = 0; later < uses.size(); ++later) {
    for (std::size_t k = 0; k < later; ++k) {
      const Use &a = uses[k], &b = uses[later];
      if ((a.read && b.read) || a.path.empty() || b.path.empty()) continue;
      std::error_code unknown;
      const bool device = std::filesystem::exists(b.path, unknown) && !std::filesystem::is_regular_file(b.path, unknown);
      if (device || place(a.path) != place(b.path)) continue;
      throw UsageError(std::string(b.option) + " would overwrite " + (a.read ? "" : "what is written by ") + a.option + ", '" +
                       a.path + "'; give it another name");
    }
  }
}

void train(TrainOptions options) {
  const LossSpec loss = parse_loss(options.loss);
  const Method method = method_of(options);
  if (options.resume && options.checkpoint.empty())
    throw UsageError("--resume needs --checkpoint FILE, the file to continue from");
  check_paths(options);
  audio::check_folder(options.paths.patch);
  if (!options.paths.wav.empty()) check_writable(options.paths.wav);
  if (!options.paths.page.empty()) audio::check_folder(options.paths.page);
  if (!options.paths.weights.empty()) audio::check_folder(options.paths.weights);
  if (!options.checkpoint.empty()) audio::check_folder(options.checkpoint);
  Training(options, loss, method, read_patch(options.patch.path)).run();
}

}  // namespace

void add_train(CLI::App& app, const std::string& command_line) {
  CLI::App& command = *app.add_subcommand("train", "Fit a patch's parameters to a recording");
  const auto options = std::make_shared<TrainOptions>();
  options->command_line = command_line;
  options->patch.add_patch(command);
  command.add_option("--target", options->target, "Sound file that the patch is to sound like")->required()->type_name("FILE");
  command.add_option("-i,--input", options->input, "Sound file that the patch hears; without it the patch runs by itself")
      ->type_name("FILE");
  command.add_option("-o,--output", options->paths.patch, "Fitted patch to write: the text with other defaults")
      ->required()
      ->type_name("FILE");
  command.add_option("--wav", options->paths.wav, "Sound of the fitted patch to write: .wav, .aif, .aiff or .flac")
      ->type_name("FILE");
  command.add_option("--report", options->paths.page, "Page to write: curves, pictures and sounds in one HTML file")
      ->type_name("FILE");
  command
      .add_option("--save-weights", options->paths.weights,
                  "Fitted values by name to write, as safetensors: for --weights, PyTorch")
      ->type_name("FILE");
  command
      .add_option("--loss", options->loss,
                  "[FACTOR*]mse|l1|esr|log-cosh|si-sdr|spectral[:KEY=VALUE,…], summed by + (default esr)")
      ->type_name("SPEC");
  command
      .add_option("--optimizer", options->optimizer, "sgd, adam (default), adamw, rmsprop, adagrad or lion, with [:KEY=VALUE,…]")
      ->type_name("NAME");
  command
      .add_option("--lr", options->learning_rate,
                  "Learning rate; default 0.01: a step is at most about a hundredth of a parameter's range")
      ->check(number_from(0.0, 1e9))
      ->type_name("X");
  command
      .add_option("--schedule", options->schedule,
                  "cosine (default), constant, step:EVERY[,FACTOR], linear or exponential:FACTOR, after [warmup:STEPS+]")
      ->type_name("SPEC");
  add_choice<Scale>(command, "--scale", options->scale, {{"range", Scale::range}, {"none", Scale::none}},
                    "range: learning rates are parts of each parameter's range (default); none: in its own unit");
  command.add_option("--steps", options->steps, "Steps to take (default 1000); 0 writes the patch as it is")
      ->check(whole_number_from(0, 1000000000))
      ->type_name("N");
  command
      .add_option("--segment", options->segment,
                  "Length of what a step runs; default: all. With -i: from anywhere, else the first")
      ->check(number_from(0.0, 1e6))
      ->type_name("S");
  command.add_option("--pre-roll", options->pre_roll, "Seconds that run before a segment and do not count; default: its length")
      ->check(number_from(0.0, 1e6))
      ->type_name("S");
  command.add_option("--seed", options->seed, "Of the places of segments (default 0)")->type_name("N");
  command.add_option("--freeze", options->freeze, "Leave this parameter as it is; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  options->set.add(command);
  command.add_option("--rate", options->rate, "Sample rate of the run; default: the input's, else the target's")
      ->check(number_from(1.0, 1e7))
      ->type_name("HZ");
  command
      .add_option("--checkpoint", options->checkpoint,
                  "File that keeps the state of the training, to continue from: written every 5 s and at the end")
      ->type_name("FILE");
  command.add_flag("--resume", options->resume, "Continue from the checkpoint, bit for bit");
  command.add_option("--threads", options->threads, "Threads; changes nothing but the speed (default: those of the machine)")
      ->check(whole_number_from(1, 1024))
      ->type_name("N");
  command.add_option("--memory", options->memory_mib, "Most memory for what the gradient must remember (default 1024)")
      ->check(number_from(1.0, 1e7))
      ->type_name("MIB");
  options->patch.add_backend(command);
  command.callback([options] { train(*options); });
}

}  // namespace dgen::tool
