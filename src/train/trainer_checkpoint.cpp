// A trainer's checkpoints: all that the next step depends on, and what was found so far.

#include <algorithm>

#include "base/text.h"
#include "base/whole_file.h"
#include "dgen/error.h"
#include "dgen/train.h"
#include "train/checkpoint.h"

namespace dgen {

namespace {

std::string segments_text(const TrainerOptions& o) {
  std::string text = "segments of " + std::to_string(o.frames) + " frames at " + base::number_text(o.sample_rate) + " Hz";
  switch (o.order) {
    case SegmentOrder::first: break;
    case SegmentOrder::consecutive: text += ", one after the other"; break;
    case SegmentOrder::random: text += ", random by seed " + std::to_string(o.seed); break;
  }
  if (o.pre_roll > 0) text += ", after a pre-roll of " + std::to_string(o.pre_roll) + " frames";
  return text + (o.carry_state ? ", states carried on" : "");
}

ParameterArena copy(std::span<const double> values) { return {values.begin(), values.end()}; }

}  // namespace

train::Checkpoint Trainer::checkpoint() const {
  train::Checkpoint c;
  c.patch = patch_;
  c.recording = recording_;
  c.segments = segments_text(options_);
  c.optimizer = optimizer_name(descent_.optimizer());
  c.parameters.assign(parameters_.list().begin(), parameters_.list().end());
  c.step = step_;
  c.skipped = skipped_;
  c.descent_steps = descent_.steps();
  c.since_watched = since_watched_;
  c.best_loss = best_loss_;
  c.watched_loss = watched_loss_;
  c.values = copy(parameters_.values());
  c.good_values = good_values_;
  c.best_values = best_values_;
  for (int slot = 0; slot < descent_.slots(); ++slot) c.slots.push_back(copy(descent_.slot(slot)));
  c.backend = to_string(objective_.backend());
  if (place(step_).from == From::carried) c.states = objective_.save_states();
  c.carried = carried_;
  c.history_steps = history_.steps();
  c.history_stride = history_.stride();
  c.history.assign(history_.data().begin(), history_.data().end());
  return c;
}

namespace {

/// Restores states. Not those of other code, such as for other threads or from another compiler: these are run for again.
bool takes_states(Objective& objective, const std::string& states) {
  try {
    objective.restore_states(states);
    return true;
  } catch (const Error& e) {
    if (e.code() != ErrorCode::state_mismatch) throw;
    return false;
  }
}

}  // namespace

void Trainer::save_checkpoint(const std::string& path, const std::string& note) const {
  train::Checkpoint made = checkpoint();
  made.note = note;
  base::replace_whole_file(path, train::encode(made));
}

std::string checkpoint_note(const std::string& path) { return train::decode(base::read_whole_file(path), path).note; }

void Trainer::resume(const std::string& path) {
  const train::Checkpoint c = train::decode(base::read_whole_file(path), path);
  train::check_same(c, checkpoint(), path);
  LossHistory history = history_;
  if (!history.restore(c.history, c.history_steps, c.history_stride))
    throw Error(ErrorCode::state_mismatch, "the checkpoint '" + path + "' does not go with this training: its history is longer");
  const bool same_states =
      !c.states.empty() && c.backend == to_string(objective_.backend()) && takes_states(objective_, c.states);
  fresh_ = c.states.empty();
  history_ = std::move(history);
  step_ = c.step;
  skipped_ = c.skipped;
  since_watched_ = c.since_watched;
  best_loss_ = c.best_loss;
  watched_loss_ = c.watched_loss;
  std::ranges::copy(c.values, parameters_.values().begin());
  good_values_ = c.good_values;
  best_values_ = c.best_values;
  for (int slot = 0; slot < descent_.slots(); ++slot)
    std::ranges::copy(c.slots[static_cast<std::size_t>(slot)], descent_.slot(slot).begin());
  descent_.resume(c.descent_steps);
  carried_ = c.carried;
  last_start_ = -1;
  last_skipped_.reset();
  if (c.states.empty() || same_states) return;
  bring_states_back(place(step_));
  check_device();
}

}  // namespace dgen
