#pragma once
// Writes the graph of one run over a segment.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dgen/graph.h"
#include "passes/phase_levels.h"

namespace dgen::passes {

/// One run over the frames of a segment: an ordinary graph. Where `reversed`, its first frame is the segment's last, and
/// so are the frames of its inputs and outputs; frame numbers count down.
struct Phase {
  std::unique_ptr<Graph> graph;
  bool reversed = false;
  std::vector<int> inputs;    ///< by input channel: the node whose frames or ticks it takes, from an earlier phase or the host
  std::vector<int> outputs;   ///< by output: the node whose value it gives, a frame signal or (last phase) a control value
  std::vector<int> sums;      ///< the outputs behind them: reduce nodes, called `sum_name(node)`
  std::vector<int> received;  ///< the reduce nodes whose sums it takes: parameters `sum_name(node)` and `rest_name(node)`
};

/// Names of the two parameters that carry the sum of reduce node `node` into later phases. Their sum is the value: what
/// float32 cannot hold of it is in the second. Sums with a shape have the first only: their elements are float32.
std::string sum_name(int node);
std::string rest_name(int node);
/// The parameters that carry the number of frames of the segment, or of ticks of `hop` in it, in the same way.
inline constexpr int frame_count = -1;
constexpr int tick_count(std::int32_t hop) { return hop == 0 ? frame_count : frame_count - hop; }
/// Of such a count: the hop; 0 for frames.
constexpr std::int32_t hop_of_count(int count) { return frame_count - count; }
/// Multiples of `hop` among the frames [from, from + frames).
std::int64_t ticks_in(std::int64_t from, std::int64_t frames, std::int32_t hop);

class PhaseWriter {
 public:
  /// received(id): whether the frames of frame signal `id` come from an earlier phase.
  PhaseWriter(const Graph& graph, const PhaseLevels& levels, bool reversed, std::function<bool(int)> received);
  /// Adds what computes node `id`, and gives it.
  void add_output(int id);
  /// Adds what computes reduce node `id`, and gives the sum. After the last `add_output`.
  void add_sum(int id);
  Phase take();

 private:
  int copy(int id);
  bool is_received(int id) const;
  bool is_sum(int id) const;
  std::vector<int> inputs_of(int id) const;
  int make(int id);
  int receive_sum(int id);

  const Graph& g_;
  const PhaseLevels& levels_;
  const std::function<bool(int)> received_;
  Phase made_;
  std::map<int, int> map_;
  std::map<int, int> sum_params_;  ///< reduce node -> node of its value
  std::vector<int> open_;          ///< states and handles whose feedback is to be closed
};

}  // namespace dgen::passes
