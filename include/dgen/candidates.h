#pragma once
// The losses of many candidates of one patch: many sets of values for its parameters, each with a loss of its own.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dgen/segment.h"

namespace dgen {

struct CandidateOptions {
  std::int64_t frames = 0;     ///< of the segment that is compared, from frame 0 of the channels; 0: all of them
  double sample_rate = 44100;  ///< Hz
  /// By host input channel: at least `frames` frames; an empty span is silence. A copy is kept.
  std::vector<std::span<const float>> channels{};
  /// Candidates that one program runs at once, along a leading axis (`batch`): 1 … 65536. 0: on the CPU 16 where the patch has a
  /// loop that runs frame by frame, so that lanes fill vectors, else 1, with frames in the vectors; on a device as many as 2^22
  /// numbers a frame signal allow, at most 4096. Where a patch cannot run in lanes: 1.
  int lanes = 0;
  CompileOptions compile{.name = "candidates"};
  int threads = 1;  ///< that share the candidates, on the CPU; the same bits for any number. 0: as many as the machine has
};

/// Losses of candidates, compiled once. One caller at a time. The loss of a candidate depends on its values only: not on the
/// others, nor on threads.
class CandidateLosses {
 public:
  /// The loss's graph may go away afterwards. Throws `Error` bad_value (a loss that is not one value a segment, options),
  /// bad_type with lanes above 1 for a patch that cannot run in lanes, naming the node; and what `compile_segment` and `Segment`
  /// throw.
  explicit CandidateLosses(Signal loss, const CandidateOptions& options = {});
  ~CandidateLosses();
  CandidateLosses(CandidateLosses&&) noexcept;
  CandidateLosses& operator=(CandidateLosses&&) noexcept;

  /// values: [candidates, elements of all parameters], in natural units, a candidate's as Parameters::values has them; losses:
  /// [candidates]. Values beyond a parameter's range count as its end. Throws `Error` bad_value where the numbers do not fit,
  /// backend_unavailable where a device failed.
  void run(std::span<const double> values, std::span<double> losses);

  int lanes() const;
  const std::string& why_lanes() const;  ///< in words, why as many
  std::int64_t elements() const;         ///< of a candidate
  const SegmentProgram& program() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The graph of `wanted` (losses, signals) with every parameter along a leading axis of `lanes`, and whatever depends on one:
/// [lanes, …]. What a loss is summed over stays in its lane. `wanted` is replaced by its counterparts. The result is a graph as
/// `batch` makes it: compile it, derive it, train it. lanes: 1 … 65536. Throws `Error` bad_value; bad_type naming the node that
/// has no lanes: delay lines and tables written in a loop, delays whose time is a parameter, values of 6 dimensions.
std::unique_ptr<Graph> with_lanes(std::vector<Signal>& wanted, std::int64_t lanes);

}  // namespace dgen
