#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "base/text.h"
#include "dgen/error.h"
#include "dgen/train.h"
#include "train/device_rules.h"
#include "train/device_step.h"
#include "train/fingerprint.h"
#include "train/recording.h"

namespace dgen {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t traced_values = 64;  // most numbers whose way the history keeps

void check_loss(const Graph& graph, Signal loss) {
  if (!loss) throw Error(ErrorCode::bad_value, "training: the loss is an empty signal");
  if (loss.graph != &graph) throw Error(ErrorCode::mixed_graphs, "training: the loss belongs to another graph");
}

TrainerOptions with_frames(TrainerOptions options, const Graph& graph, Signal loss) {
  check_loss(graph, loss);
  const std::int64_t length = train::check_channels(graph, options.channels);
  if (options.frames == 0) options.frames = length;
  train::check_segments(options, length);
  return options;
}

Parameters parameters_of(const Graph& graph, const TrainerOptions& options) {
  Parameters parameters(graph);
  for (const std::string& name : options.freeze) parameters.freeze(name);
  for (const auto& [name, factor] : options.learning_rates) parameters.set_learning_rate(name, factor);
  return parameters;
}

std::int64_t traced(const Parameters& parameters) {
  const std::size_t count = parameters.values().size();
  return count <= traced_values ? static_cast<std::int64_t>(count) : 0;
}

}  // namespace

Trainer::Trainer(Graph& graph, Signal loss, const Optimizer& optimizer, const TrainerOptions& options)
    : options_(with_frames(options, graph, loss)), patch_(train::fingerprint(loss)),
      recording_(train::fingerprint(options_.channels)), device_step_(std::make_shared<train::DeviceStep>()),
      parameters_(parameters_of(graph, options_)),
      objective_(loss, {.frames = options_.frames,
                        .sample_rate = options_.sample_rate,
                        .freeze = options_.freeze,
                        .compile = options_.compile,
                        .memory_budget = options_.memory_budget,
                        .threads = options_.threads,
                        .update = train::update_spec(optimizer, parameters_, options_.clip)}),
      descent_(optimizer, parameters_, options_.schedule, options_.clip), history_(traced(parameters_)), best_loss_(infinity),
      watched_loss_(infinity), best_values_(parameters_.values().begin(), parameters_.values().end()), good_values_(best_values_),
      values_before_(best_values_) {
  for (std::span<const float>& channel : options_.channels) {
    channels_.emplace_back(channel.begin(), channel.end());
    channel = channels_.back();
  }
  length_ = train::length_of(options_.channels);
  in_.resize(static_cast<std::size_t>(std::max(graph.inputs(), 1)), nullptr);
}

Trainer::Trainer(const Trainer& like)
    : options_(like.options_), patch_(like.patch_), recording_(like.recording_), channels_(like.channels_), length_(like.length_),
      device_step_(std::make_shared<train::DeviceStep>()), in_(like.in_), parameters_(like.parameters_),
      objective_(like.objective_), descent_(like.descent_), history_(like.history_), step_(like.step_), skipped_(like.skipped_),
      last_skipped_(like.last_skipped_), best_loss_(like.best_loss_), watched_loss_(like.watched_loss_),
      since_watched_(like.since_watched_), best_values_(like.best_values_), good_values_(like.good_values_),
      values_before_(like.values_before_) {
  for (std::size_t c = 0; c < channels_.size(); ++c) options_.channels[c] = channels_[c];
}

void Trainer::start_from(std::span<const double> values) {
  if (values.size() != parameters_.values().size()) {
    throw Error(ErrorCode::bad_value, "training: " + std::to_string(values.size()) +
                                          " values to start from; the parameters have " +
                                          std::to_string(parameters_.values().size()) + " elements");
  }
  for (const double value : values) {
    if (!std::isfinite(value))
      throw Error(ErrorCode::bad_value, "training: a value to start from is " + base::number_text(value));
  }
  std::ranges::copy(values, parameters_.values().begin());
  parameters_.project();
  best_values_.assign(parameters_.values().begin(), parameters_.values().end());
  good_values_ = best_values_;
}

Trainer::Place Trainer::place(std::int64_t step) const {
  const From later = options_.carry_state && step > 0 && !fresh_ ? From::carried : From::reset;
  switch (options_.order) {
    case SegmentOrder::first: return {0, later};
    case SegmentOrder::consecutive: {
      const std::int64_t start = step % (length_ / options_.frames) * options_.frames;
      return {start, start == 0 ? From::reset : later};
    }
    case SegmentOrder::random: return {train::random_start(options_.seed, step, length_ - options_.frames + 1), From::reset};
  }
  return {};
}

/// Frames that run before a segment.
std::int64_t Trainer::pre_roll_of(const Place& place) const {
  return place.from == From::reset ? std::min(options_.pre_roll, place.start) : 0;
}

/// The channels from a frame on.
const float* const* Trainer::at_frame(std::int64_t frame, std::vector<const float*>& in) const noexcept {
  for (std::size_t c = 0; c < channels_.size() && c < in.size(); ++c)
    in[c] = channels_[c].empty() ? nullptr : channels_[c].data() + frame;
  return in.data();
}

/// Runs the segment, its pre-roll before it. Returns the loss; the gradients are in the parameters.
double Trainer::evaluate(const Place& place) {
  const bool on_device = objective_.fallback().empty();
  double loss = run_segment(place);
  const bool device_failed = !objective_.failure().empty();
  if (device_failed && on_device && !objective_.fallback().empty()) {  // the CPU goes on, but has no states
    if (place.from == From::carried) bring_states_back(place);
    loss = run_segment(place);
  }
  check_device();
  return loss;
}

/// Runs all that came before a segment since reset, with the values as they are.
void Trainer::bring_states_back(const Place& place) {
  From from = From::reset;
  for (std::int64_t before = carried_; before > 0; --before) {
    const std::int64_t start = options_.order == SegmentOrder::first ? 0 : place.start - before * options_.frames;
    objective_.warm_up(parameters_, at_frame(start, in_), options_.frames, from);
    from = From::carried;
  }
}

double Trainer::run_segment(const Place& place) {
  From from = place.from;
  const std::int64_t pre_roll = pre_roll_of(place);
  for (std::int64_t left = pre_roll; left > 0;) {
    const std::int64_t frames = std::min(left, options_.frames);
    objective_.warm_up(parameters_, at_frame(place.start - left, in_), frames, from);
    if (!objective_.failure().empty()) return std::numeric_limits<double>::quiet_NaN();
    from = From::carried;
    left -= frames;
  }
  const bool same = last_start_ == place.start && last_from_ == from && pre_roll == 0;
  last_start_ = pre_roll == 0 ? place.start : -1;
  last_from_ = from;
  parameters_.zero_grad();
  const float* const* in = at_frame(place.start, in_);
  if (objective_.updates()) return device_step_->run(objective_, parameters_, descent_, in, options_.frames, from, same);
  device_step_->forget();
  return objective_.run(parameters_, in, options_.frames, from, same);
}

/// Values are as before the step.
void Trainer::check_device() {
  const std::string why = objective_.failure();
  if (why.empty()) return;
  last_start_ = -1;
  throw Error(ErrorCode::backend_unavailable, "training, step " + std::to_string(step_) + ": the device failed: " + why +
                                                  ". The parameters are as they were before this step");
}

Metrics Trainer::step() {
  const auto began = std::chrono::steady_clock::now();
  const Place here = place(step_);
  Metrics metrics{.step = step_, .start = here.start};
  std::ranges::copy(parameters_.values(), values_before_.begin());
  metrics.loss = evaluate(here);
  history_.add(metrics.loss, values_before_);
  ++step_;
  carried_ = here.from == From::carried ? carried_ + 1 : 1;
  fresh_ = false;
  if (std::isfinite(metrics.loss)) {
    note(metrics);
    descend(metrics, here);
  } else {
    metrics.gradient_norm = std::numeric_limits<double>::quiet_NaN();
    give_up(metrics, here, -1);
  }
  metrics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return metrics;
}

/// Takes note of a finite loss.
void Trainer::note(Metrics& metrics) noexcept {
  metrics.improved = metrics.loss < best_loss_;
  if (metrics.improved) {
    best_loss_ = metrics.loss;
    std::ranges::copy(values_before_, best_values_.begin());
  }
  ++since_watched_;
  if (metrics.loss < watched_loss_ - options_.early_stop.min_delta) {
    watched_loss_ = metrics.loss;
    since_watched_ = 0;
  }
}

/// Moves the parameters.
void Trainer::descend(Metrics& metrics, const Place& place) {
  const StepReport report = device_step_->is_done() ? device_step_->adopt(parameters_, descent_) : descent_.step(parameters_);
  metrics.gradient_norm = report.gradient_norm;
  metrics.learning_rate = report.learning_rate;
  if (report.not_finite >= 0) return give_up(metrics, place, report.not_finite);
  std::swap(good_values_, values_before_);
}

/// Goes back to the last good values, and to reset where states are carried on: they may not be finite.
void Trainer::give_up(Metrics& metrics, const Place& place, int parameter) {
  metrics.skipped = true;
  fresh_ = true;
  ++skipped_;
  last_skipped_.emplace(Skipped{.place = place,
                                .loss = metrics.loss,
                                .parameter = parameter,
                                .gradient_finite = std::isfinite(metrics.gradient_norm),
                                .parameters = parameters_});
  std::ranges::copy(values_before_, last_skipped_->parameters.values().begin());
  std::ranges::copy(good_values_, parameters_.values().begin());
  if (options_.not_finite == NotFinite::skip) return;
  throw Error(ErrorCode::not_finite, "training, step " + std::to_string(metrics.step) + ": " + why_skipped() +
                                         ". The parameters are back at the last values for which all was finite. Lower the "
                                         "learning rate, clip the gradient, or limit the range of the parameters");
}

std::string Trainer::why_skipped() const {
  if (!last_skipped_) return {};
  const Skipped& s = *last_skipped_;
  std::string what = "the loss is " + base::number_text(s.loss);
  if (s.parameter >= 0) {
    const std::string quoted = "parameter '" + parameters_[s.parameter].name + "'";
    if (s.gradient_finite) return "the step would take " + quoted + " beyond all numbers";
    what = "the gradient of " + quoted + " is not finite";
  }
  // States that were carried here came from runs with other values: the frames before stand for them.
  const std::int64_t before = s.place.from == From::carried ? std::min(s.place.start, 4 * options_.frames) : pre_roll_of(s.place);
  std::vector<const float*> in(in_.size());
  const auto found = objective_.find_not_finite(s.parameters, at_frame(s.place.start - before, in), before, options_.frames);
  if (!found) return what + "; the interpreter finds all nodes finite, so that rounding decides";
  what += "; the first node that is not finite is " + found->name;
  if (!found->name.ends_with(found->op) && found->name.find(found->op + " (") == std::string::npos) what += ", " + found->op;
  what += ": " + base::number_text(found->value);
  if (found->frame >= 0) what += " at frame " + std::to_string(s.place.start - before + found->frame);
  return what + (found->backward     ? ", in the backward pass"
                 : found->frame >= 0 ? ", in the forward pass"
                                     : ", at the end of the segment");
}

bool Trainer::stopped() const { return options_.early_stop.patience > 0 && since_watched_ >= options_.early_stop.patience; }

void Trainer::restore_best() { std::ranges::copy(best_values_, parameters_.values().begin()); }

}  // namespace dgen
