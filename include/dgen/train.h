#pragma once
// Training: a loss is minimised by gradient descent over the segments of a recording.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dgen/learning_rate.h"
#include "dgen/loss_history.h"
#include "dgen/objective.h"
#include "dgen/optimizers.h"
#include "dgen/parameters.h"

namespace dgen {

namespace train {
struct Checkpoint;  // src/train/checkpoint.h
class DeviceStep;   // src/train/device_step.h
}  // namespace train

/// Which frames of the recording a step runs.
enum class SegmentOrder : std::uint8_t {
  first,        ///< the first `frames` frames, in every step
  consecutive,  ///< one segment after the other, and from the start again; what is left at the end is not used
  random,       ///< any `frames` frames; those of step k follow from the seed and k alone
};

/// What to do in a step whose loss, gradient or result is not finite. The parameters go back to the last ones for which all
/// was well, either way.
enum class NotFinite : std::uint8_t {
  stop,  ///< throw `Error` not_finite
  skip,  ///< go on with the next step
};

/// Stops when the loss did not fall by more than `min_delta` for `patience` steps; 0: never.
struct EarlyStop {
  std::int64_t patience = 0;
  double min_delta = 0;
};

struct TrainerOptions {
  std::int64_t frames = 0;     ///< of a segment; 0: all frames of the channels
  double sample_rate = 44100;  ///< Hz
  /// By host input channel: its frames, all of one length; an empty span is silence. The trainer keeps a copy.
  std::vector<std::span<const float>> channels{};
  SegmentOrder order = SegmentOrder::first;
  /// Frames before a segment that run first, from reset, so that it does not start from silence; the loss does not see
  /// them. A segment nearer to the start of the recording gets those there are.
  std::int64_t pre_roll = 0;
  /// Segments start from the states the last one left, not from reset; but for the first, those at the start of the recording
  /// in consecutive order, and the one after a step in which something was not finite.
  bool carry_state = false;
  std::uint64_t seed = 0;  ///< of random segments
  Schedule schedule{};
  Clip clip{};
  EarlyStop early_stop{};
  NotFinite not_finite = NotFinite::stop;
  std::vector<std::string> freeze{};                             ///< parameters that stay as they are
  std::vector<std::pair<std::string, double>> learning_rates{};  ///< by parameter: factor of the optimiser's rate
  CompileOptions compile{.name = "training"};
  std::int64_t memory_budget = std::int64_t{1} << 30;  ///< bytes of tape; a longer segment runs from checkpoints
  int threads = 1;                                     ///< as SegmentOptions::threads
};

/// What a step did and found.
struct Metrics {
  std::int64_t step = 0;     ///< its number, from 0
  double loss = 0;           ///< with the values before the step
  double gradient_norm = 0;  ///< Euclidean, in the parameters' coordinates, before clipping
  double learning_rate = 0;
  double seconds = 0;      ///< that the step took
  std::int64_t start = 0;  ///< first frame of its segment
  bool improved = false;   ///< the loss is the lowest so far
  bool skipped = false;    ///< something was not finite: no parameter moved
};

/// Trains the parameters of a loss's graph: compiles once, then every step runs forward, backward and the optimiser.
/// Steps allocate nothing with a compiled back end. One caller at a time.
class Trainer {
 public:
  /// Adds nodes to the graph, which may go away afterwards.
  /// Throws `Error` bad_value naming the option that is wrong (channels of different length or with values that are not
  /// finite, more frames than there are, …), unknown_name, and what `Objective` and `Descent` throw.
  Trainer(Graph& graph, Signal loss, const Optimizer& optimizer, const TrainerOptions& options = {});

  /// Another one of the same compiled code, where this one stands, with memory of its own: what it does from here on changes
  /// nothing here. States that are carried on begin at reset. Throws what `Segment` throws.
  Trainer(const Trainer& like);
  Trainer(Trainer&&) = default;
  /// Begins at these values, [elements of all parameters], instead of the initial ones: before the first step. Brought into the
  /// ranges. Throws `Error` bad_value for another number of them, or for one that is not finite.
  void start_from(std::span<const double> values);

  /// One step. Throws `Error` not_finite, naming what came to be not finite first, where the options say stop.
  Metrics step();

  /// Steps taken, skipped ones too: the number of the next one.
  std::int64_t steps() const { return step_; }
  /// The early stop's condition holds. `step` goes on all the same.
  bool stopped() const;
  std::int64_t skipped() const { return skipped_; }
  /// What was not finite in the last step that was skipped, and the first node that made it so: one or two sentences. Runs
  /// the interpreter over the step's segment. Empty where no step was skipped since the trainer was made or resumed.
  std::string why_skipped() const;

  /// May be written to between steps.
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  /// The lowest loss of all steps, infinite before the first; and the values that gave it, where Parameters::values has
  /// theirs. With segments that differ from step to step losses do, too.
  double best_loss() const { return best_loss_; }
  std::span<const double> best_values() const { return best_values_; }
  /// Sets the parameters to the best values.
  void restore_best();

  /// Writes all that the following steps depend on, and the history: values, the optimiser's memory, the number of the step,
  /// the best and the last good values. A file that is there is replaced as a whole or, whatever happens, not at all.
  /// note: the caller's own words, which `checkpoint_note` gives back. Throws `Error` file_unwritable.
  void save_checkpoint(const std::string& path, const std::string& note = {}) const;
  /// Goes on where the trainer that wrote the checkpoint stood: the next steps give the same bits as its own would have. The
  /// patch, the recording, the way its segments are cut and the kind of optimiser must be the same; rates, schedules, clips
  /// and stops may differ. Throws file_unreadable, file_malformed (truncated, damaged, none), state_mismatch (of another
  /// training or version), each with what is wrong; then nothing has changed. On another back end than the checkpoint's the steps
  /// go on with other roundings; states that are carried on are made anew there, by the segments since reset with the values as
  /// they are (backend_unavailable where the device fails at that).
  void resume(const std::string& path);

  const LossHistory& history() const { return history_; }
  const Descent& descent() const { return descent_; }
  const Objective& objective() const { return objective_; }
  std::span<const Unreached> unreached() const { return objective_.unreached(); }
  const TrainerOptions& options() const { return options_; }

 private:
  struct Place {
    std::int64_t start = 0;
    From from = From::reset;
  };
  Place place(std::int64_t step) const;
  std::int64_t pre_roll_of(const Place& place) const;
  const float* const* at_frame(std::int64_t frame, std::vector<const float*>& in) const noexcept;
  double evaluate(const Place& place);
  double run_segment(const Place& place);
  void bring_states_back(const Place& place);
  void check_device();
  void note(Metrics& metrics) noexcept;
  void descend(Metrics& metrics, const Place& place);
  void give_up(Metrics& metrics, const Place& place, int parameter);

  train::Checkpoint checkpoint() const;

  TrainerOptions options_;
  std::string patch_, recording_;  ///< fingerprints
  std::vector<std::vector<float>> channels_;
  std::int64_t length_ = 0;                         ///< of the channels
  std::shared_ptr<train::DeviceStep> device_step_;  ///< where steps end on a device
  std::vector<const float*> in_;
  Parameters parameters_;
  Objective objective_;
  Descent descent_;
  LossHistory history_;
  std::int64_t step_ = 0, skipped_ = 0;
  bool fresh_ = true;             ///< the next segment starts from reset
  std::int64_t carried_ = 0;      ///< segments since reset, whose states the next one carries on
  std::int64_t last_start_ = -1;  ///< of the segment that ran last, -1: none, or with a pre-roll
  From last_from_ = From::reset;
  /// The last step that was skipped.
  struct Skipped {
    Place place;
    double loss = 0;
    int parameter = -1;  ///< whose gradient or value was not finite; -1: the loss was not
    bool gradient_finite = false;
    Parameters parameters;  ///< with the values it ran with
  };
  std::optional<Skipped> last_skipped_;
  double best_loss_, watched_loss_;  ///< watched: the lowest, as the early stop counts
  std::int64_t since_watched_ = 0;   ///< steps
  ParameterArena best_values_;
  ParameterArena good_values_;    ///< of the last step in which all was finite
  ParameterArena values_before_;  ///< of the step at hand
};

/// The note that a checkpoint was saved with; reads and checks the whole file. Throws file_unreadable, file_malformed and
/// state_mismatch (another version).
std::string checkpoint_note(const std::string& path);

}  // namespace dgen
