#pragma once
// What `dgen train` trains: a patch whose outputs are to become a target, and how near it is.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dgen/fit_sounds.h"
#include "dgen/graph.h"
#include "dgen/loss_spec.h"
#include "dgen/program.h"
#include "dgen/segment.h"

namespace dgen::tool {

/// The text of a patch, its name, and the graph of it.
struct PatchText {
  std::string path{};
  std::string text{};
  std::vector<ParamInfo> params{};
  int inputs = 0;   ///< host channels
  int outputs = 0;  ///< host channels
};

/// Throws what `load_patch` does.
PatchText read_patch(const std::string& path);
/// The parameters that `text` declares and the channels it has, in place of those of `patch`.
PatchText with_text(const PatchText& patch, const std::string& text);

/// The patch as graph with the loss of its outputs against the target, which comes in by host channels behind the patch's.
/// The loss of several outputs is the mean of theirs.
class FitProblem {
 public:
  /// Throws what the losses throw, and bad_value where a spectral window is longer than the sounds.
  FitProblem(const PatchText& patch, const LossSpec& loss, FitSounds sounds);
  Graph& graph() { return *graph_; }
  Signal loss() const { return loss_; }
  const FitSounds& sounds() const { return sounds_; }
  std::int64_t frames() const { return sounds_.target.frames(); }
  double sample_rate() const { return sounds_.target.sample_rate; }
  /// Frames a segment has at least, for the longest spectral window to see any.
  std::int64_t fewest_frames() const { return fewest_frames_; }
  /// By host channel; empty: silence. Views into the sounds.
  std::vector<std::span<const float>> channels() const;

 private:
  FitSounds sounds_;
  int inputs_;
  std::int64_t fewest_frames_;
  std::unique_ptr<Graph> graph_;
  Signal loss_{};
};

/// The loss over the whole sounds, and what the patch sounds like, for values of its parameters.
class Audition {
 public:
  /// Throws what `compile` and `compile_segment` throw. Keeps a reference to the sounds.
  Audition(const PatchText& patch, const FitProblem& problem, const CompileOptions& compile);
  double loss(std::span<const double> values);
  AudioBuffer sound(std::span<const double> values) const;

 private:
  const FitSounds& sounds_;
  Program program_;
  Segment segment_;
  std::vector<const float*> channels_;
};

/// The shortest decimal that compiled code, which computes in float32, does not tell from `value`, and that is in the range.
double tidy(double value, const ParamInfo& param);

}  // namespace dgen::tool
