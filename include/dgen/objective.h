#pragma once
// A loss and its gradients, compiled: what the explicit training loop runs.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dgen/parameters.h"
#include "dgen/segment.h"

namespace dgen {

struct ObjectiveOptions {
  std::int64_t frames = 4096;  ///< of the longest run
  double sample_rate = 44100;  ///< Hz
  /// Parameters no gradient is computed for. Throws unknown_name where there is none of a name.
  std::vector<std::string> freeze{};
  CompileOptions compile{.name = "training"};
  std::int64_t memory_budget = std::int64_t{1} << 30;   ///< bytes of tape; a longer segment runs from checkpoints
  int threads = 1;                                      ///< as SegmentOptions::threads
  std::shared_ptr<const runtime::UpdateSpec> update{};  ///< a trainer's, as SegmentOptions::update; gradients are filled in
};

/// A parameter that no gradient reaches, and why: steps do not move it.
struct Unreached {
  std::string name;
  std::string why;
};

/// A loss and its gradient by every parameter of its graph, compiled once, with the memory to run it. One caller at a time.
///
///     Parameters parameters(g);
///     Objective objective(loss, {.frames = 512, .sample_rate = 48000});
///     Descent descent(Adam{.learning_rate = 0.1}, parameters);
///     for (int step = 0; step < 100; ++step) {
///       parameters.zero_grad();
///       const double value = objective.run(parameters, in, 512);
///       descent.step(parameters);
///     }
class Objective {
 public:
  /// Adds the nodes of the gradients to the loss's graph, which may go away afterwards.
  /// Throws `Error` bad_value where the graph has no parameter, all are frozen or the loss depends on none of the others,
  /// saying for each why; and what `gradient`, `compile_segment` and `Segment` throw.
  explicit Objective(Signal loss, const ObjectiveOptions& options = {});
  /// Another one of the same compiled code, with memory of its own: states are as at reset.
  Objective(const Objective& like);
  Objective(Objective&&) noexcept = default;

  /// Runs a segment of `frames` frames, 1 … ObjectiveOptions::frames (else nothing runs and NaN comes back), with the values of
  /// `parameters`, which must be those of the loss's graph: returns the loss and adds its gradients to `parameters`. in[c]:
  /// `frames` floats of channel c, or null: silence. `from`, `same_input`: as of Segment::run. Allocates nothing with a compiled
  /// back end.
  double run(Parameters& parameters, const float* const* in, std::int64_t frames, From from = From::reset,
             bool same_input = false) noexcept;
  /// Runs frames whose loss does not count, so that a run with From::carried starts from the states they leave.
  void warm_up(const Parameters& parameters, const float* const* in, std::int64_t frames, From from = From::reset) noexcept;

  /// Whether `step` does: on a device, with ObjectiveOptions::update.
  bool updates() const;
  /// Runs a segment as `run` does, and changes the parameters on the device: a trainer's.
  void step(runtime::UpdateStep& step, const float* const* in, std::int64_t frames, From from, bool same_input) noexcept;

  /// Where the loss or a gradient of a segment stops being finite, by the interpreter in float32: slow. `in` as of `run`,
  /// from the first of `warm_up` frames that lie before the segment. None where the interpreter finds all of them finite.
  std::optional<NotFiniteNode> find_not_finite(const Parameters& parameters, const float* const* in, std::int64_t warm_up,
                                               std::int64_t frames) const;

  /// The states that the next run with From::carried starts from, as bytes; and back. As Segment::save, restore.
  std::string save_states() const { return segment_.save(); }
  void restore_states(std::string_view saved) { segment_.restore(saved); }

  /// Why a device failed in the last run: its loss is NaN; empty while all is well.
  std::string failure() const { return segment_.failure(); }
  /// That the next run runs on: of the program, or the CPU once a device failed.
  Backend backend() const { return fallback().empty() ? program().backend() : Backend::cpu; }
  /// As Segment::fallback.
  std::string fallback() const { return segment_.fallback(); }
  /// The loss of the last run.
  double loss() const noexcept { return segment_.value(0); }
  /// The parameters that no gradient reaches, frozen ones left out.
  std::span<const Unreached> unreached() const { return setup_.unreached; }
  const SegmentProgram& program() const { return segment_.program(); }
  std::int64_t max_frames() const { return segment_.max_frames(); }
  double sample_rate() const { return segment_.sample_rate(); }
  std::int64_t tape_bytes() const noexcept { return segment_.tape_bytes(); }

 private:
  /// What is found out before anything is compiled.
  struct Setup {
    std::vector<Signal> wanted;  ///< the loss, then gradients; of `graph` once they are compiled
    std::vector<int> of;         ///< by gradient: its parameter
    std::vector<Unreached> unreached;
    std::shared_ptr<const Graph> graph;  ///< a copy, to look for what is not finite
  };
  static Setup set_up(Signal loss, const ObjectiveOptions& options);
  void send(const Parameters& parameters) noexcept;

  Setup setup_;
  Segment segment_;
};

}  // namespace dgen
