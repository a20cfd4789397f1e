#pragma once
// Compiled patches. A Program is immutable and shared; an Instance is its memory, and runs it.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

enum class Backend : std::uint8_t {
  cpu,          ///< C, compiled by the machine's compiler
  interpreter,  ///< slow and exact, in double
  opencl,       ///< a GPU, or whatever has an OpenCL driver: streams of scalar signals
  cuda,         ///< an NVIDIA GPU: the same
  metal,        ///< a GPU of Apple's systems: the same, of patches that need no double precision
  automatic,    ///< a GPU where there is one and the patch gains by it, else the CPU, which also goes on where the GPU fails
};

/// "cpu", …; of automatic "auto".
const char* to_string(Backend backend);

struct CompileOptions {
  Backend backend = Backend::cpu;
  std::int64_t frames = 4096;     ///< that a call will have, about: of which Backend::automatic chooses
  int vector_width = 0;           ///< floats a vector: 4, 8 or 16; 0: what this machine does best
  int sub_block = 256;            ///< most frames a stage runs before the next one does: 64 … 4096, a power of two
  std::string name = "patch";     ///< of the functions in the generated source: letters, digits and _
  std::string compiler{};         ///< C compiler; empty: $DGEN_CC, $CC, cc, gcc, clang, the first that is there
  std::string cache_directory{};  ///< of compiled code; empty: $DGEN_CACHE, $XDG_CACHE_HOME/dgen, ~/.cache/dgen
  /// Threads that a call of `Instance::process` may go on, with the caller's: 1 … 1024; 0: as many as the machine has. The same
  /// bits for any number. With more than 1, `process` waits for other threads and no memory of `in` may be of `out`: for
  /// rendering files, not for real time. Cpu only.
  int threads = 1;
};

/// A named state of a program: what `Instance::save` stores.
struct StateInfo {
  std::string name;  ///< the path of the node that owns it, unique in the program
  std::int64_t elements = 1;
};

namespace runtime {
struct ProgramData;  // src/runtime/program_data.h
class Executor;      // src/runtime/executor.h
}  // namespace runtime

/// A compiled patch. Cheap to copy; safe to use from any thread.
class Program {
 public:
  explicit Program(std::shared_ptr<const runtime::ProgramData> data) : data_(std::move(data)) {}
  const std::string& name() const;
  Backend backend() const;                    ///< that it runs on, never automatic
  const std::string& choice() const;          ///< of Backend::automatic: what was chosen and why, in a line; else empty
  int inputs() const;                         ///< host input channels
  int outputs() const;                        ///< host output channels
  std::span<const ParamInfo> params() const;  ///< in the order of `Instance::set` by index
  std::span<const StateInfo> states() const;
  const std::string& source() const;  ///< generated C or OpenCL C; empty for the interpreter
  /// Frames by which windows make the outputs late: size - 1 of each window on a way from a host input that overlap_add lays
  /// down again, of the latest way. What a window only measures (held values) is not late, and delays are not counted.
  std::int64_t latency() const;
  double compile_seconds() const;  ///< time `compile` took
  bool from_cache() const;         ///< the code came from the cache
  const runtime::ProgramData& data() const { return *data_; }

 private:
  std::shared_ptr<const runtime::ProgramData> data_;
};

/// Compiles a graph. Throws `Error`: what is wrong with the graph, compiler_missing, compiler_failed, backend_unavailable.
Program compile(const Graph& graph, const CompileOptions& options = {});

/// Compiles many graphs in one run of the compiler.
std::vector<Program> compile(std::span<const Graph* const> graphs, const CompileOptions& options = {});

/// Saved states by name. Values are in double, whatever the back end keeps.
using SavedState = std::map<std::string, std::vector<double>, std::less<>>;

/// One running copy of a program: its memory. One caller at a time, but for `set`, which any thread may call.
class Instance {
 public:
  /// Throws `Error` bad_value unless sample_rate is finite and in 1 … 1e7 Hz.
  Instance(const Program& program, double sample_rate);
  ~Instance();
  Instance(Instance&&) noexcept;
  Instance& operator=(Instance&&) noexcept;

  /// Runs `frames` frames. in[c] and out[c] are channels of `frames` floats; out[c] may be in[d]; a null input is
  /// silence, a null output is dropped. Real-time safe: no allocation, no lock, no exception. Interpreter instances allocate and
  /// are for tests; those of devices wait for the device.
  void process(const float* const* in, float* const* out, std::int64_t frames) noexcept;

  /// Why the device fails, since when outputs are silence; empty while all is well. `reset` tries again.
  std::string failure() const;
  /// Of Backend::automatic, once its device failed: why, and that the CPU goes on; else empty.
  std::string fallback() const;

  /// Sets a parameter from the next call on; clamped to its range, NaN is ignored. Of a tensor: every element. Any thread,
  /// wait-free.
  void set(int param, double value) noexcept;
  /// One element of a tensor, last axis fastest.
  void set(int param, std::int64_t element, double value) noexcept;
  /// By name. Throws unknown_name with a suggestion.
  void set(std::string_view param, double value);
  /// A value for each element, last axis fastest. Each is set by itself: a call may see some of them. Throws unknown_name;
  /// bad_value for another number of them.
  void set(std::string_view param, std::span<const double> values);
  /// Of a tensor: the first element.
  double get(std::string_view param) const;
  /// Every element.
  std::vector<double> values(std::string_view param) const;

  /// Back to frame 0, parameters kept.
  void reset() noexcept;
  SavedState save() const;
  /// Throws state_mismatch naming the first state that is missing, unknown or of another size; then nothing changed.
  void restore(const SavedState& state);

  const Program& program() const { return program_; }
  double sample_rate() const { return sample_rate_; }

 private:
  Program program_;
  double sample_rate_;
  std::span<const std::atomic<float>> targets() const;
  std::unique_ptr<std::atomic<float>[]> targets_;  ///< elements of parameter after parameter
  std::vector<std::size_t> offsets_;               ///< of each parameter's first, and behind the last
  std::unique_ptr<runtime::Executor> executor_;
};

}  // namespace dgen
