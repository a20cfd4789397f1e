#pragma once
// Scans of loops over values with shapes whose elements are apart and affine in their states, in three phases: work items take a
// chunk of frames of one element from zero; one an element goes through the ends of the chunks; work items go through the chunks
// again, each from its true beginning.

#include "lower/device_kernel.h"

namespace dgen::lower {

/// The kernels of a stage of such loops. Rows are the loops.
class DeviceRowScanKernel : public DeviceKernel {
 public:
  using DeviceKernel::DeviceKernel;
  /// A work item a chunk and element: what its frames add, from zero, and the product of their matrices.
  void write_summaries();
  /// A work item an element: the states before each chunk.
  void write_carries();
  /// A work item a chunk and element: its frames; that of the last frame keeps the states.
  void write_frames();

 private:
  using Values = std::vector<ir::Value>;
  /// Goes to the element of the work item; returns its chunk.
  ir::Value go_to_chunk();
  void each_frame(ir::Value chunk, const std::function<void()>& body);
  void summarise(int recur, ir::Value chunk);
  void carry(int recur);
  /// Where number k of `each` lies of what a chunk and element has.
  ir::Value place(ir::Value chunk, std::size_t each, std::size_t k);
};

}  // namespace dgen::lower
