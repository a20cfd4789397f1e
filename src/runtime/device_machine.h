#pragma once
// What the host does for one program on a device: control values, uniforms, and the launches of a block.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/device.h"
#include "ir/interpret.h"
#include "lower/device_memory.h"

namespace dgen::runtime {

/// Work items a group: those that share its memory, else enough for the lanes of a GPU.
int group_of(const lower::Launch& launch);

/// One caller at a time. Throws what its queue throws.
class DeviceMachine {
 public:
  /// first_kernel: of the queue, the program's first: of its block, then, where it is resident, those of a change. Writes its
  /// constants.
  DeviceMachine(const lower::DeviceLowered& lowered, const lower::DeviceMemory& memory, int first_kernel,
                engine::DeviceQueue& queue, double sample_rate);

  /// To frame 0: states are cleared, and parameters count as changed.
  void clear();
  /// Elements of parameter after parameter. Computes control values where one changed.
  void set_params(std::span<const float> params);
  /// Of a resident program, whose parameters are on the device: computes control values there.
  void change();
  /// Frames that the kernels may get at once from a frame on.
  std::int64_t most_frames(std::int64_t position) const;
  /// One block. origins: of a run over segments, see `DeviceLowered::origins`.
  void run(std::int32_t frames, std::int64_t position, std::span<const std::int32_t> origins = {});

  /// The elements of a state, and setting them.
  std::vector<double> read(int buffer) const;
  void write(int buffer, std::span<const double> elements);

 private:
  std::span<const std::byte> bytes_of(std::size_t buffer) const;
  std::vector<std::byte> device_bytes(int buffer) const;
  void run_on_host(const lower::Launch& launch, std::int32_t frames, std::int64_t position);
  void write_uniforms();
  void write_origins(std::span<const std::int32_t> origins);

  const lower::DeviceLowered& lowered_;
  const lower::DeviceMemory& place_;
  const ir::Module& module_;
  const int first_kernel_;
  const bool resident_;
  engine::DeviceQueue& queue_;
  ir::Memory memory_;                ///< of the host: control values, what it hands to kernels, constants; else empty
  std::vector<std::byte> uniforms_;  ///< as they lie on the device
  std::vector<float> params_;        ///< the values the next block runs with
  int params_buffer_ = -1;
  bool changed_ = true;
  bool origins_written_ = false;
};

}  // namespace dgen::runtime
