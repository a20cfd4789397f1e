#pragma once
// What a SegmentProgram holds: what every back end has in common, and the code of one of them.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/dynlib.h"
#include "dgen/segment.h"
#include "render/abi.h"
#include "schedule/parts.h"

namespace dgen::runtime {

struct DeviceSegmentProgram;  // device_segment_data.h

/// What a parameter of a run's code is set to.
struct ParamSource {
  enum class From : std::uint8_t { host, sum, sum_rest, frames, frames_rest, ticks, ticks_rest };
  From from = From::host;
  /// host: the first of its elements among those of all parameters; sum: the same among those of all sums; ticks: their hop
  std::int64_t number = -1;
  std::int64_t elements = 1;
};

/// A value in the memory of a run's code: its elements, each as f64 that are to be added in order; or one f32.
struct NumberPlace {
  std::int64_t number = -1;  ///< the first of its elements among those of all sums; or which wanted signal
  std::int64_t elements = 1, parts = 1;
  std::int64_t offset = 0;
  bool single = false;              ///< elements are f32
  std::vector<double> constants{};  ///< its elements, where it lies in no memory
};

/// One run over the frames of a segment, compiled.
struct SegmentRun {
  const render::abi::Descriptor* code = nullptr;
  const render::abi::Parts* parts = nullptr;  ///< what several threads share; null: one runs it
  std::vector<schedule::Part> part_list{};    ///< of `parts`
  bool reversed = false;
  bool depends_on_params = true;
  std::int64_t state_bytes = 0;  ///< from the start of the memory: what the next frames depend on
  std::vector<ParamSource> params{};
  std::vector<int> host_inputs{};   ///< by input channel: the host's channel, or -1 …
  std::vector<int> inputs{};        ///< … and which of SegmentData::signals
  std::vector<int> outputs{};       ///< by output channel: which of SegmentData::signals
  std::vector<NumberPlace> sums{};  ///< that it makes
  std::vector<int> needs{};         ///< earlier runs whose signals it takes, and theirs, in order
  bool is_needed = false;           ///< a later run takes its signals
};

/// Frames, or rows of ticks, that leave a run.
struct SegmentSignal {
  std::vector<int> wanted{};  ///< where the host wants it; empty: tape
  std::int32_t hop = 0;       ///< frames between its rows; 0: one number a frame
  std::int64_t stride = 1;    ///< numbers from a row to the next
  /// Numbers of `frames` frames, with room for a vector behind the last row.
  std::int64_t numbers(std::int64_t frames) const { return hop == 0 ? frames : (frames / hop + 2) * stride + 16; }
};

struct SegmentData {
  std::string name;
  Backend backend = Backend::cpu;
  int inputs = 0;
  std::vector<ParamInfo> params{};
  std::vector<bool> is_frames{};  ///< by wanted signal
  std::shared_ptr<const std::string> source{};
  double compile_seconds = 0;
  bool from_cache = false;
  std::string choice{};  ///< as Program::choice
  std::string explained{};
  std::int64_t memory_budget = 0;
  int threads = 1;  ///< as SegmentOptions::threads

  std::shared_ptr<const Graph> graph{};  ///< interpreter: its own copy
  std::vector<int> wanted{};             ///< interpreter: nodes of `graph`

  std::shared_ptr<const DeviceSegmentProgram> device{};  ///< of a device
  std::function<SegmentProgram()> on_cpu{};              ///< of automatic, on a device: compiles the same for the CPU

  // Of the CPU; numbers and signals of devices too.
  std::shared_ptr<const base::DynamicLibrary> library{};  ///< holds the code
  std::vector<SegmentRun> runs{};
  SegmentRun last{};                                       ///< its code computes numbers only; null: there are none
  std::vector<NumberPlace> values{};                       ///< that `last` makes
  std::vector<std::pair<int, NumberPlace>> wanted_sums{};  ///< wanted signals that are sums: which; number and elements of it
  std::vector<SegmentSignal> signals{};
  std::int64_t sums = 0;                             ///< elements of all of them
  std::vector<std::pair<int, int>> wanted_inputs{};  ///< wanted signals that are host channels: which, channel
  int sub_block = 256;
};

/// Programs of generated code, in one run of the C compiler.
std::vector<SegmentProgram> compile_cpu_segments(std::span<const std::vector<Signal>> wanted, std::span<const std::string> names,
                                                 const SegmentOptions& options);

/// Programs that interpret copies of the graphs of `wanted`.
std::vector<SegmentProgram> interpret_segments(std::span<const std::vector<Signal>> wanted, std::span<const std::string> names,
                                               const SegmentOptions& options);

}  // namespace dgen::runtime
