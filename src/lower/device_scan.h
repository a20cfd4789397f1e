#pragma once
// Scans on a device, in three phases: work items go through chunks of frames from zero; one goes through the ends of the
// chunks; work items go through the chunks again, each from its true beginning. Sums are taken in the same order in every run.

#include "lower/device_kernel.h"

namespace dgen::lower {

/// The kernels of a stage of scans. Rows are the loops.
class DeviceScanKernel : public DeviceKernel {
 public:
  using DeviceKernel::DeviceKernel;
  /// A work item a chunk: what its frames add, from zero, and where the matrix varies their product.
  void write_summaries();
  /// A work item a row: the states before each chunk.
  void write_carries();
  /// A work item a chunk: its frames; that of the last frame keeps the states.
  void write_frames();

 private:
  using Values = std::vector<ir::Value>;
  /// One loop that is affine in its states.
  struct Scan;
  Scan scan_of(int recur) const;
  void summarise(Scan& scan);
  void carry(Scan& scan);
  void run(Scan& scan, int recur);
  void summarise_phase(int recur);
  void carry_phase(int recur);
  void run_phase(int recur);
  /// Calls `frame` for every frame of this item's chunk.
  void each_frame(const std::function<void(ir::Value i)>& frame);
  void each_chunk(const std::function<void(ir::Value chunk)>& body);
  Values coefficients(const Scan& scan, bool power);
  Values offsets(Scan& scan);
  Values turned(const Scan& scan, const Values& x, bool back) const;
  ir::Value phase_after(int recur, const schedule::PhaseAccumulator& phase, ir::Value before);
  ir::Value item_element(ir::Value item, std::size_t each, std::size_t k);
  void keep_at_end(const std::vector<int>& buffers, const std::vector<ir::Local>& values);
};

}  // namespace dgen::lower
