#include "one_thread.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runtime/backends.h"

namespace gpu_bench {

namespace {

using namespace dgen;

/// For every window and bin a loop over the samples with the trigonometry inside, and backward the same loops again, as
/// bench/vs_torch/original.c has it. Behind each other: x, target, the gradient by x, the loss.
constexpr const char* body = R"( {
  if (WORK_ITEM > 0) return;
  GLOBAL const float* const x = (GLOBAL const float*)memory;
  GLOBAL const float* const target = x + frames;
  GLOBAL float* const gradient = (GLOBAL float*)memory + 2 * frames;
  const int size = 64;
  const float turn = 6.28318530717958647692f / (float)size;
  float loss = 0;
  for (int n = 0; n < frames; ++n) gradient[n] = 0;
  for (int tick = 0; tick < frames; ++tick) {
    for (int k = 0; k <= size / 2; ++k) {
      float re = 0, im = 0, target_re = 0, target_im = 0;
      for (int j = 0; j < size; ++j) {
        const int n = tick - size + 1 + j;
        const float sample = n >= 0 ? x[n] : 0, other = n >= 0 ? target[n] : 0;
        const float angle = turn * (float)(k * j), c = COS(angle), s = SIN(angle);
        re += sample * c, im -= sample * s;
        target_re += other * c, target_im -= other * s;
      }
      const float magnitude = SQRT(re * re + im * im);
      const float error = magnitude - SQRT(target_re * target_re + target_im * target_im);
      loss += error * error;
      if (magnitude == 0) continue;
      const float slope = 2 * error / (magnitude * (float)frames);
      for (int j = 0; j < size; ++j) {
        const int n = tick - size + 1 + j;
        const float angle = turn * (float)(k * j);
        if (n >= 0) gradient[n] += slope * (re * COS(angle) - im * SIN(angle));
      }
    }
  }
  gradient[frames] = loss / (float)frames;
}
)";

std::string text(Backend backend) {
  if (backend == Backend::cuda)
    return std::string(
               "#define GLOBAL\n#define COS cosf\n#define SIN sinf\n#define SQRT sqrtf\n#define WORK_ITEM threadIdx.x\n"
               "extern \"C\" __global__ void loss(unsigned char* memory, int frames, long long position, int items)") +
           body;
  return std::string(
             "#define GLOBAL __global\n#define COS cos\n#define SIN sin\n#define SQRT sqrt\n"
             "#define WORK_ITEM get_global_id(0)\n"
             "__kernel void loss(__global uchar* memory, int frames, long position, int items)") +
         body;
}

}  // namespace

double one_thread_seconds(Backend backend, int frames) {
  const auto code = runtime::def_of(backend).build(text(backend));
  const std::string kernels[] = {"loss"};
  const auto queue = code->make_queue(kernels, (3 * static_cast<std::int64_t>(frames) + 16) * 4);
  std::vector<float> sounds(2 * static_cast<std::size_t>(frames));
  for (std::size_t n = 0; n < sounds.size(); ++n) sounds[n] = std::sin(0.03f * static_cast<float>(n % 4001));
  queue->write(0, std::as_bytes(std::span(sounds)));
  std::array<std::byte, 4> loss{};
  const auto run = [&](int count) {
    const auto start = std::chrono::steady_clock::now();
    queue->launch(0, {}, count, 0);
    queue->read(12 * static_cast<std::int64_t>(count), loss);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  run(1);  // the driver makes code of a kernel when it first runs
  return run(frames);
}

}  // namespace gpu_bench
