#pragma once
// Fourier transforms on a device: Stockham's passes, a kernel each, from one buffer to another. The last leaves the bins in
// order. Source: Govindaraju et al. 2008, High performance discrete Fourier transforms on graphics processors.

#include "lower/butterflies.h"
#include "lower/device_kernel.h"

namespace dgen::lower {

/// The radices of the passes of a transform of n numbers.
std::vector<std::int64_t> pass_radices(std::int64_t n);

/// The kernels of a stage of one transform.
class DeviceTransformKernel : public DeviceKernel {
 public:
  using DeviceKernel::DeviceKernel;
  /// Pass number `pass`: a work item for every tick, transform and butterfly.
  void write_pass(std::size_t pass);

 protected:
  Complex read_input(int fft, ir::Value transform, ir::Value k);
  /// exp(-2 pi i k / n), by a table of all.
  Complex root(ir::Value k);
  /// z times root k.
  Complex turned(const Complex& z, ir::Value k);
  void write_output(int fft, ir::Value transform, ir::Value k, const Complex& z);

 private:
  int roots_ = -1;
};

}  // namespace dgen::lower
