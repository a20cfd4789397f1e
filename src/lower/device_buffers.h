#pragma once
// The memory that a schedule needs on a device, and what of it the host writes before every block of frames.

#include "lower/buffers.h"
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

/// Where a phase whose steps are summed up keeps the sums of chunks.
struct DevicePhase {
  int summary = -1, carry = -1;  ///< u64, by chunk
  int restarted = -1;            ///< i32, by chunk: whether the summary is a phase, not a step; -1: never
};

class DeviceBuffers : public Buffers {
 public:
  DeviceBuffers(const schedule::Schedule& schedule, ir::Module& module);

  int values = -1;  ///< f32, of the host: `control` as kernels read it
  int delays = -1;  ///< i32, of the host: whole frames of delays that do not change within a call
  std::map<int, int> delay_slot;
  int keys = -1;  ///< u32, of the host: two for each noise
  std::map<int, int> key_slot;
  std::map<int, DeviceScan> scans;    ///< by recur node
  std::map<int, DevicePhase> phases;  ///< by recur node
  std::set<int> uniforms;             ///< buffers that the host writes and kernels read

 private:
  int add_uniform(ir::Buffer buffer);
  void add_channels(const schedule::Schedule& schedule);
  void add_loop(const Graph& graph, int recur);
  void add_device_scan(const Graph& graph, int recur);
  void add_phase(const Graph& graph, int recur);
  void add_cells(const Graph& graph, int recur);
  void add_pasts(const Graph& graph);
  void add_values(const schedule::Schedule& schedule);
  ir::Module& made_;
};

/// Whether the frames of a delay or line_read do not change within a call.
bool has_fixed_time(const Graph& graph, int id);

/// The step of a phase that is the same for every patch of this text; of one with `increment` < 0 or a constant one.
bool has_constant_step(const Graph& graph, const schedule::PhaseAccumulator& phase);

}  // namespace dgen::lower
