#pragma once
// Evaluates a graph over one whole segment, in double: losses and gradients, which a stream cannot know.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// The reference for losses and gradients: the interpreter, run forward and backward over the frames of a segment.
class SegmentInterpreter {
 public:
  /// `wanted`: what to compute. Keeps a reference to the graph.
  /// Throws `Error` loop_without_delay, bad_feedback, mixed_graphs.
  SegmentInterpreter(const Graph& graph, std::span<const Signal> wanted, double sample_rate);
  ~SegmentInterpreter();

  /// From the next evaluation on; clamped to the parameter's range, NaN is ignored. Throws unknown_name.
  void set(std::string_view param, double value);
  /// in[c]: `frames` values of host channel c; missing: silence. Returns, by wanted signal, one value a frame, or one value
  /// where it does not change per frame.
  std::vector<std::vector<double>> evaluate(std::span<const std::vector<double>> in, std::int64_t frames);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace dgen
