#pragma once
// The reference interpreter: evaluates a graph frame by frame in double. Slow, obvious, the oracle of every back end.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// float64: every value in double. float32: every node's value is rounded to float, and |x| < 2^-126 is zero.
enum class Precision : std::uint8_t { float64, float32 };

class Interpreter {
 public:
  /// Keeps a reference to `graph`, which must outlive it. The graph may hold cells, lines and handles, or recurs.
  /// Throws `Error`: loop_without_delay, bad_feedback.
  Interpreter(const Graph& graph, double sample_rate, Precision precision = Precision::float64);
  ~Interpreter();

  /// in[c], out[c]: `frames` values of channel c, in the order of time. A missing or empty input is silence. Of a channel with
  /// a type of its own (what a phase of a segment takes and gives), all elements of each frame, of each tick where it is on a
  /// hop clock, or, of an input of control clock, of the call.
  void process(std::span<const std::vector<double>> in, std::vector<std::vector<double>>& out, std::int64_t frames);
  /// From the next call on; clamped to the parameter's range, NaN is ignored. Of a tensor: every element. Throws unknown_name.
  void set(std::string_view param, double value);
  /// A value for each element of the parameter, last axis fastest. Throws bad_value for another number of them.
  void set(std::string_view param, std::span<const double> values);
  /// As `set`, for numbers that another run computed: as they are, NaN too.
  void put(std::string_view param, std::span<const double> values);
  /// Back to frame 0, parameters kept.
  void reset();
  /// States as at reset; the next frame is number `frame`, and frames count up from there, or down where `reversed`.
  void begin(std::int64_t frame, bool reversed);

  /// The value of any node at the frame that `process` ran last.
  double value(int node) const;
  /// The same with all elements of the node, last axis fastest.
  std::span<const double> elements(int node) const;
  /// From now on calls `seen` with the number of every frame, once all its nodes are evaluated; an empty one ends that.
  void watch(std::function<void(std::int64_t frame)> seen);
  /// Named states: cells, delay lines (oldest frame first) and written tables.
  std::map<std::string, std::vector<double>, std::less<>> save() const;
  /// Throws state_mismatch where a state is missing, unknown or of another size; then nothing changed.
  void restore(const std::map<std::string, std::vector<double>, std::less<>>& state);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace dgen
