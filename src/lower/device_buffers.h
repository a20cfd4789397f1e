#pragma once
// The memory that a schedule needs on a device, and what of it the host writes before every block of frames.

#include <array>

#include "lower/buffers.h"
#include "schedule/device_schedule.h"
#include "schedule/phase.h"

namespace dgen::lower {

/// Frames that one work item of a scan goes through.
inline constexpr int scan_chunk = 64;

/// Where a loop that is affine in its states keeps what it needs. Memory holds the states in the coordinates of its last
/// block (`equal_diagonal`), which the host turns them out of when its coefficients change.
struct DeviceScan {
  std::vector<int> state;  ///< f32, by state
  int rotation = -1;       ///< f64, of the host: cosine and sine of the coordinates; of a time-invariant loop of two states
  int uniform = -1;        ///< f32, of a time-invariant loop, by `DeviceScan::Uniform`
  int start = -1;          ///< f32, by state: initial values, in the coordinates
  int summary = -1;        ///< f32, by chunk: states and, where it varies, the matrix
  int carry = -1;          ///< f32, by chunk: states before it

  /// Elements of `uniform`: the matrix, its power for a chunk, cosine and sine, and those of the turn since the last block.
  struct Uniform {
    std::size_t states;
    std::int64_t matrix(std::size_t entry) const { return static_cast<std::int64_t>(entry); }
    std::int64_t power(std::size_t entry) const { return static_cast<std::int64_t>(states * states + entry); }
    std::int64_t rotation(int k) const { return static_cast<std::int64_t>(2 * states * states) + k; }
    std::int64_t turn(int k) const { return rotation(2) + k; }
    std::int64_t elements() const { return rotation(4); }
  };
};

/// Where a loop over values with shapes that is affine in the states of each element keeps what passes between its phases.
struct DeviceRowScan {
  int summary = -1;  ///< f32, by chunk and element: states, then the matrix
  int carry = -1;    ///< f32, by chunk and element: states before it
};

/// Where a phase whose steps are summed up keeps the sums of chunks.
struct DevicePhase {
  int summary = -1, carry = -1;  ///< u64, by chunk
  int restarted = -1;            ///< i32, by chunk: whether the summary is a phase, not a step; -1: never
};

/// A sum over time: of chunks of ticks, by chunk and element; and of all since it was cleared, by lane and element, which the
/// host adds up. Each is two f32, whose sum it is: `rest` is what the first cannot hold, so that no double is needed.
struct DeviceSum {
  int chunks = -1, chunks_rest = -1;
  int total = -1, total_rest = -1;
};

/// What a Fourier transform passes on from pass to pass through memory of the device, real and imaginary parts.
using TransformWork = std::array<std::array<int, 2>, 2>;

class DeviceBuffers : public Buffers {
 public:
  DeviceBuffers(const schedule::DeviceSchedule& schedule, ir::Module& module);

  /// So many f32 in the memory of every group of a kernel.
  int add_shared(const std::string& name, std::int64_t size) {
    return add({.name = name, .space = ir::Space::group, .size = size});
  }

  /// Elements of `ticks` for a hop: the frame of the block at which its first tick is, how many ticks it has, and the number
  /// since reset of the first, low bits.
  enum class Tick : std::uint8_t { first_frame, count, number };
  std::int64_t tick_place(std::int32_t hop, Tick what) const { return 3 * tick_slot.at(hop) + static_cast<std::int64_t>(what); }

  int ticks = -1;                         ///< i32, of the host: see `Tick`
  std::map<std::int32_t, int> tick_slot;  ///< by hop above 1
  int origins = -1;                       ///< i32, of the host, of runs over segments: where the rows of each channel begin
  std::map<int, int> input_origin, output_origin;  ///< channel -> element of `origins`
  std::map<int, Ring> tick_ring;                   ///< held or overlapped node -> its last rows, by the numbers of their ticks
  std::map<int, DeviceSum> sums;                   ///< by reduce node
  std::map<int, int> parts;                        ///< contract node -> f32, by tick, element and part
  std::map<int, TransformWork> work;               ///< by fft node
  int values = -1;                                 ///< f32, of the host: `control` as kernels read it
  int keys = -1;                                   ///< u32, of the host: two for each noise
  std::map<int, int> key_slot;
  std::map<int, DeviceScan> scans;         ///< by recur node
  std::map<int, DeviceRowScan> row_scans;  ///< by recur node
  std::map<int, DevicePhase> phases;       ///< by recur node
  std::set<int> uniforms;                  ///< buffers that the host writes and kernels may read

 private:
  int add_uniform(ir::Buffer buffer);
  std::int64_t rows(std::int32_t hop) const;
  int add_rows(const std::string& name, const Type& type, std::int64_t elements);
  void add_channels(const schedule::DeviceSchedule& schedule);
  void add_clocks(const schedule::DeviceSchedule& schedule);
  void add_node(const Graph& graph, int id, const ir::GroupLimits& group);
  void add_sum(const Graph& graph, int reduce);
  void add_loop(const Graph& graph, int recur);
  void add_device_scan(const Graph& graph, int recur);
  void add_phase(const Graph& graph, int recur);
  void add_cells(const Graph& graph, int recur);
  void add_row_cells(const Graph& graph, int recur);
  void add_row_scan(const Graph& graph, int recur);
  void add_coupled(const Graph& graph, int recur);
  void add_pasts(const Graph& graph);
  void add_tick_rings(const schedule::DeviceSchedule& schedule);
  void add_values(const schedule::DeviceSchedule& schedule);
  ir::Module& made_;
};

/// Ticks that one work item of a sum over time adds up.
inline constexpr int sum_chunk = 8;

/// Work items that add up the chunks of each element: some where elements are few.
constexpr std::int64_t sum_lanes(std::int64_t elements) { return elements >= 32 ? 1 : 32; }

/// Whether the frames of a delay or line_read do not change within a call.
bool has_fixed_time(const Graph& graph, int id);

/// The step of a phase that is the same for every patch of this text; of one with `increment` < 0 or a constant one.
bool has_constant_step(const Graph& graph, const schedule::PhaseAccumulator& phase);

}  // namespace dgen::lower
