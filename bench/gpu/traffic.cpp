#include "traffic.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include "base/index.h"
#include "ir/touched.h"
#include "patches.h"
#include "runtime/backends.h"
#include "runtime/device_segment_data.h"

namespace gpu_bench {

namespace {

using namespace dgen;

/// Of what has rows for every frame, a whole block long, the share of the segment. What groups share is not the device's.
double bytes_of(const ir::Buffer& buffer, int block) {
  if (buffer.space == ir::Space::group) return 0;
  const double all = static_cast<double>(buffer.size) * ir::bytes(buffer.scalar);
  return buffer.space == ir::Space::constant || buffer.size < block ? all : all * frames / block;
}

std::string copy_text(Backend backend) {
  if (backend == Backend::cuda)
    return "extern \"C\" __global__ void copy(unsigned char* memory, int frames, long long position, int items) {\n"
           "  const int item = blockIdx.x * blockDim.x + threadIdx.x;\n"
           "  if (item < items) ((float4*)(memory + position))[item] = ((const float4*)memory)[item];\n}\n";
  return "__kernel void copy(__global uchar* memory, int frames, long position, int items) {\n"
         "  const int item = (int)get_global_id(0);\n"
         "  if (item < items) ((__global float4*)(memory + position))[item] = ((__global const float4*)memory)[item];\n}\n";
}

}  // namespace

double bytes_of_step(Backend backend, std::span<const Signal> wanted) {
  const std::vector<Signal> list(wanted.begin(), wanted.end());
  const std::string names[] = {"step"};
  const auto data = runtime::device_segments(
      backend, std::span(&list, 1), names, {}, runtime::def_of(backend).dialect(), [](const std::string&) { return nullptr; },
      runtime::group_limits(backend));
  double bytes = 0;
  for (const runtime::DeviceRun& run : data[0]->device->runs) {
    const ir::Module& module = run.lowered.module;
    for (const lower::Launch& launch : run.lowered.block) {
      if (launch.grid == lower::Grid::host) continue;
      const ir::Touched touched = ir::touched_by(module.kernels[at(launch.kernel)]);
      for (const int k : touched.read) bytes += bytes_of(module.buffers[at(k)], module.sub_block);
      for (const int k : touched.written) bytes += bytes_of(module.buffers[at(k)], module.sub_block);
    }
  }
  return bytes;
}

double copy_bandwidth(Backend backend) {
  constexpr std::int64_t bytes = std::int64_t{256} << 20;
  const auto code = runtime::def_of(backend).build(copy_text(backend));
  const std::string kernels[] = {"copy"};
  const auto queue = code->make_queue(kernels, 2 * bytes);
  queue->clear(0, bytes);
  std::array<std::byte, 4> last{};
  const auto copy = [&] {
    const auto start = std::chrono::steady_clock::now();
    queue->launch(0, {.items = bytes / 16, .group = 256}, 0, bytes);
    queue->read(2 * bytes - 4, last);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  copy();
  double best = copy();
  for (int k = 0; k < 9; ++k) best = std::min(best, copy());
  return 2 * static_cast<double>(bytes) / best;
}

}  // namespace gpu_bench
