#pragma once
// Evaluates a graph over whole segments: losses and gradients, which a stream cannot know. Compiled, or in double.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/graph.h"
#include "dgen/interpreter.h"
#include "dgen/program.h"

namespace dgen {

/// What a segment starts from: states as at reset, or those that the end of the last segment left. Adjoints always start at
/// zero behind the last frame (truncated backpropagation through time).
enum class From : std::uint8_t { reset, carried };

namespace runtime {
struct UpdateSpec;  // src/runtime/device_update.h
struct UpdateStep;
}  // namespace runtime

struct SegmentOptions {
  CompileOptions compile{};                            ///< back end, name, cache
  std::int64_t memory_budget = std::int64_t{1} << 30;  ///< bytes of tape; a longer segment runs from checkpoints
  /// Threads, with the caller's, that share runs which do not need each other, as the resolutions of a spectral loss: the same
  /// bits for any number. 0: as many as the machine has. With more than 1 runs wait for each other.
  int threads = 1;
  std::shared_ptr<const runtime::UpdateSpec> update{};  ///< a trainer's: how a device changes the parameters by itself
};

namespace runtime {
struct SegmentData;     // src/runtime/segment_data.h
class SegmentExecutor;  // src/runtime/segment_executor.h
}  // namespace runtime

/// A graph's losses, gradients and signals over whole segments, compiled. Cheap to copy; safe to use from any thread.
class SegmentProgram {
 public:
  explicit SegmentProgram(std::shared_ptr<const runtime::SegmentData> data) : data_(std::move(data)) {}
  const std::string& name() const;
  Backend backend() const;                    ///< that it runs on, never automatic
  const std::string& choice() const;          ///< as Program::choice
  int inputs() const;                         ///< host input channels
  int wanted() const;                         ///< signals it computes
  bool is_frames(int wanted) const;           ///< whether a wanted signal is one value a frame, not one a segment
  std::span<const ParamInfo> params() const;  ///< every parameter of the graph, in the order of Graph::params
  const std::string& source() const;          ///< generated C; empty for the interpreter
  double compile_seconds() const;             ///< time `compile_segment` took
  bool from_cache() const;                    ///< the code came from the cache
  /// Text: the runs over the segment, how their stages run, what is kept for later ones or computed again, bytes a frame.
  std::string explain() const;
  const runtime::SegmentData& data() const { return *data_; }

 private:
  std::shared_ptr<const runtime::SegmentData> data_;
};

/// Compiles what computes `wanted`: losses, what `gradient` gave, frame signals; of one graph, which may go away afterwards.
/// Throws `Error` bad_value (nothing wanted, an option), mixed_graphs, bad_type (a table is wanted), what is wrong with the
/// graph, compiler_missing, compiler_failed.
SegmentProgram compile_segment(std::span<const Signal> wanted, const SegmentOptions& options = {});

/// Compiles many in one run of the C compiler.
std::vector<SegmentProgram> compile_segments(std::span<const std::vector<Signal>> wanted, const SegmentOptions& options = {});

/// The memory of one running copy. One caller at a time.
class Segment {
 public:
  /// Throws `Error` bad_value unless sample_rate is finite and in 1 … 1e7 Hz and max_frames in 1 … 2^40; limit_exceeded where
  /// the program's memory budget does not do, or the system has not so much memory.
  Segment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames);
  ~Segment();
  Segment(Segment&&) noexcept;
  Segment& operator=(Segment&&) noexcept;

  /// Sets a parameter from the next run on; clamped to its range, NaN is ignored. Of a tensor: every element.
  void set(int param, double value) noexcept;
  /// A value for each element, last axis fastest; with another number of them nothing happens.
  void set(int param, std::span<const double> values) noexcept;
  /// By name. Throws unknown_name with a suggestion; bad_value for another number of values than the parameter has.
  void set(std::string_view param, double value);
  void set(std::string_view param, std::span<const double> values);
  /// Of a tensor: the first element.
  double get(int param) const noexcept;
  double get(std::string_view param) const;

  /// Runs a segment of `frames` frames, 1 … max_frames (other numbers: nothing happens). in[c]: `frames` floats of channel c,
  /// or null: silence; `in` itself may be null. `same_input`: the inputs hold what they held at the last run, which had as many
  /// frames and the same `from`; then what depends on no parameter is not computed again. (Where it cannot be kept, as states
  /// that are carried, it is.) No allocation, no lock, no exception; interpreted segments allocate and are for tests.
  void run(const float* const* in, std::int64_t frames, From from = From::reset, bool same_input = false) noexcept;

  /// Moves the states on by `frames` frames, as `run` does, for a run with From::carried: what only gradients need is left
  /// out. `value` and `frames` mean nothing until the next run.
  void advance(const float* const* in, std::int64_t frames, From from = From::reset) noexcept;

  double value(int wanted) const noexcept;  ///< of a signal that is one value a segment, its first element; NaN for others
  /// The same with every element, last axis fastest; empty for others.
  std::span<const double> values(int wanted) const noexcept;
  std::span<const float> frames(int wanted) const noexcept;  ///< of a frame signal: a value for each frame of the last run

  /// What the next run with From::carried starts from, as bytes, for a copy of the same program at the same rate.
  std::string save() const;
  /// Puts back what `save` gave, so that such a run gives the same bits. Throws `Error` state_mismatch where it is of other
  /// code (also by another version, or for another processor), file_malformed where it is none; then nothing changed.
  void restore(std::string_view saved);

  /// Why a device failed in the last run, whose values and frames are NaN; empty while all is well. The next run tries again.
  std::string failure() const;
  /// Of Backend::automatic, once its device failed: why, and that the CPU goes on; else empty. Runs from reset lose nothing. The
  /// states of carried ones were lost with the device: such a run fails, once, and the caller runs what was before it again.
  std::string fallback() const;

  /// Bytes that this copy holds to remember frames between runs forward and backward: tape and checkpoints.
  std::int64_t tape_bytes() const noexcept;
  const SegmentProgram& program() const { return program_; }
  /// What runs it: the trainer's, for steps that end on the device.
  runtime::SegmentExecutor& executor() { return *executor_; }
  const runtime::SegmentExecutor& executor() const { return *executor_; }
  double sample_rate() const { return sample_rate_; }
  std::int64_t max_frames() const { return max_frames_; }

 private:
  SegmentProgram program_;
  double sample_rate_;
  std::int64_t max_frames_;
  std::vector<float> params_;         ///< elements of parameter after parameter
  std::vector<std::size_t> offsets_;  ///< of each parameter's first, and behind the last
  std::unique_ptr<runtime::SegmentExecutor> executor_;
};

/// Where a computation over a segment stopped being finite.
struct NotFiniteNode {
  std::string name;        ///< path and origin of a node whose inputs were finite, and whose value was not
  std::string op;          ///< its op
  double value = 0;        ///< infinite, or not a number
  std::int64_t frame = 0;  ///< since reset; -1: of a value that is known only at the end of the segment
  bool backward = false;   ///< among the nodes that compute gradients
};

/// The reference for losses and gradients: the interpreter, run forward and backward over the frames of a segment.
class SegmentInterpreter {
 public:
  /// `wanted`: what to compute. Keeps a reference to the graph.
  /// Throws `Error` loop_without_delay, bad_feedback, mixed_graphs.
  SegmentInterpreter(const Graph& graph, std::span<const Signal> wanted, double sample_rate,
                     Precision precision = Precision::float64);
  ~SegmentInterpreter();

  /// From the next evaluation on; clamped to the parameter's range, NaN is ignored. Of a tensor: every element. Throws
  /// unknown_name.
  void set(std::string_view param, double value);
  /// A value for each element of the parameter, last axis fastest. Throws bad_value for another number of them.
  void set(std::string_view param, std::span<const double> values);
  /// in[c]: `frames` values of host channel c; missing: silence. Returns, by wanted signal, all elements of each frame, or of one
  /// value where it does not change per frame.
  std::vector<std::vector<double>> evaluate(std::span<const std::vector<double>> in, std::int64_t frames,
                                            From from = From::reset);

  /// As `evaluate`, and follows the first wanted signal that is not finite back to where that began: through the operands that
  /// are not finite, past branches that are not taken. None where all wanted signals are finite.
  std::optional<NotFiniteNode> find_not_finite(std::span<const std::vector<double>> in, std::int64_t frames,
                                               From from = From::reset);

  /// What the next evaluation with From::carried starts from, as bytes.
  std::string save() const;
  /// Puts back what `save` gave. Throws `Error` state_mismatch, file_malformed.
  void restore(std::string_view saved);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace dgen
