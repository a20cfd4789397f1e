#pragma once
// Evaluates one graph frame by frame: a patch, or the body of a recurrence. The interpreter's inside.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dgen/graph.h"
#include "dgen/interpreter.h"

namespace dgen::engine {

/// What all runners of one interpreter see of the frame that is evaluated.
struct FrameContext {
  double sample_rate = 0;
  Precision precision = Precision::float64;
  std::int64_t frame = 0;                                            ///< since reset, or as `Interpreter::begin` says
  bool reversed = false;                                             ///< frames count down
  bool first = true;                                                 ///< no frame was evaluated since: states start
  std::map<std::string, std::vector<double>, std::less<>> params{};  ///< elements by name
  std::vector<std::span<const double>> inputs{};                     ///< by channel: its elements, of this frame or tick
};

/// What a graph remembers from frame to frame: the last values of a node, oldest first (a cell is a line of one value), the
/// content of a table, or what frames that were added up still hold for the coming frames.
struct RunnerState {
  std::string name;
  bool is_table = false;
  int next = -1;  ///< the node whose value or version it takes at the end of a frame; -1: a table that is only read
  std::int64_t size = 1;
  std::int64_t elements = 1;                              ///< of one value
  int adds = -1;                                          ///< the overlap_add whose frames it adds up
  std::shared_ptr<const std::vector<double>> at_reset{};  ///< null: zeros
  std::deque<double> values{};

  /// Element `element` of the value `frames` frames ago, 1 <= frames <= size.
  double ago(std::int64_t frames, std::int64_t element = 0) const {
    return values[values.size() - static_cast<std::size_t>(frames * elements - element)];
  }
  void reset();
};

class GraphRunner {
 public:
  /// The body of a recurrence has a `parent` and is its node `recur`. Throws `Error`: loop_without_delay, bad_feedback.
  GraphRunner(const Graph& graph, const FrameContext& context, const GraphRunner* parent = nullptr, int recur = -1);

  void reset();
  /// Evaluates every node; states stay as the frame before left them.
  void run();
  /// Moves the states on to the end of the frame.
  void commit();

  double value(int node) const { return values_[begin_[static_cast<std::size_t>(node)]]; }
  /// Every element of a node's value, last axis fastest.
  std::span<const double> elements(int node) const {
    return std::span(values_).subspan(begin_[static_cast<std::size_t>(node)], count_[static_cast<std::size_t>(node)]);
  }
  /// Whether this frame is a tick of the node's clock; true for all but the hop clock.
  bool ticks(int node) const;
  /// The value as the host gets it, which is rounded in float32 mode where the node changes at control rate, too.
  double rounded(double x) const;
  /// The states that change, those inside recurrences too, in node order.
  std::vector<RunnerState*> states();

 private:
  struct Write {
    std::int64_t index = -1;  ///< -1: outside, nothing is written
    double value = 0;
  };

  void plan_clock(int id);
  void plan_state(int id);
  void plan_recurrence();
  void add_state(int id, RunnerState state);
  const Recurrence& recurrence() const { return *(*parent_).graph_[recur_].attributes.recurrence; }

  double evaluate(int id);
  /// Every element of an op on tensors, or of one that has a tensor among its inputs.
  void evaluate_elements(int id, std::span<double> y);
  void evaluate_window(int id, std::span<double> y) const;
  void evaluate_overlap_add(int id, std::span<double> y) const;
  bool is_scalar(int id) const;
  double evaluate_pointwise(int id);
  double evaluate_delay(int id) const;
  void evaluate_delays(int id, std::span<double> y) const;
  std::int64_t delay_frames(int id) const;
  double evaluate_line_read(int id) const;
  double evaluate_gather(int id) const;
  double evaluate_scatter(int id);
  double evaluate_recur(int id);
  double evaluate_body_state(int id) const;

  /// The value of `reader`'s input `k`, as `reader` sees it.
  double operand(int reader, std::size_t k) const;
  const RunnerState& state(int id) const { return states_[static_cast<std::size_t>(state_of_[static_cast<std::size_t>(id)])]; }
  /// Element `index` of a version of a table, 0 <= index < its size.
  double element(int version, std::int64_t index) const;
  std::int64_t table_size(int version) const;
  void commit_table(RunnerState& state) const;
  void commit_sum(RunnerState& state) const;
  /// The elements of `reader`'s input `k`, as `reader` sees them.
  std::vector<double> operands(int reader, std::size_t k) const;

  const Graph& graph_;
  const FrameContext& context_;
  const GraphRunner* parent_;
  int recur_;
  std::vector<int> order_;
  std::vector<int> versions_;  // that gathers read
  std::vector<bool> feedback_reads_;
  std::vector<bool> per_frame_;             // the others keep double in float32 mode
  std::vector<std::size_t> begin_, count_;  // of each node's elements in values_
  std::vector<double> values_;
  std::vector<bool> scalar_;   // nodes of one element, whose inputs have one
  std::vector<Write> writes_;  // of this frame, by scatter
  std::vector<RunnerState> states_;
  std::vector<int> state_of_;
  std::map<int, std::unique_ptr<GraphRunner>> bodies_;  // by recur node
};

}  // namespace dgen::engine
