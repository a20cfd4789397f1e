#pragma once
// Fourier transforms on a device: Stockham's passes, a kernel each, from one buffer to another. The last leaves the bins in
// order. Source: Govindaraju et al. 2008, High performance discrete Fourier transforms on graphics processors.

#include "lower/butterflies.h"
#include "lower/device_kernel.h"

namespace dgen::lower {

/// The radices of the passes of a transform of n = 2^a 3^b 5^c numbers.
std::vector<std::int64_t> transform_radices(std::int64_t n);

/// The kernels of a stage of one transform.
class DeviceTransformKernel : public DeviceKernel {
 public:
  using DeviceKernel::DeviceKernel;
  /// Pass number `pass`: a work item for every tick, transform and butterfly.
  void write_pass(std::size_t pass);
  /// Transforms of a tick.
  static std::int64_t transforms(const Graph& graph, int fft);

 private:
  Complex read_input(int fft, ir::Value transform, ir::Value k);
  Complex turned(const Complex& z, ir::Value root);
  void write_output(int fft, ir::Value transform, ir::Value k, const Complex& z);
};

}  // namespace dgen::lower
