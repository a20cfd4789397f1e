#pragma once
// Runs the text of CUDA and Metal kernels on this machine: compiled by the host's C++ compiler against what stands for the
// language, a work item after the other; those of a group that meet at barriers as fibers.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/dynlib.h"
#include "base/hash.h"
#include "base/subprocess.h"
#include "device/fibers.h"
#include "engine/cpu_cache.h"
#include "engine/device.h"
#include "support/temporary_folder.h"

namespace device_shim {

/// What the machine brings to CUDA C++: no header, for CUDA's long is not the host's.
inline constexpr const char* cuda = R"(#define __global__
#define __device__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(threads)
extern "C" { void (*shim_barrier)(); }
#define __syncthreads() shim_barrier()
struct Place { unsigned x, y, z; };
static Place blockIdx, blockDim, threadIdx;
static inline float __int_as_float(int x) { float y; __builtin_memcpy(&y, &x, 4); return y; }
static inline int __float_as_int(float x) { int y; __builtin_memcpy(&y, &x, 4); return y; }
static inline double __longlong_as_double(long long x) { double y; __builtin_memcpy(&y, &x, 8); return y; }
static inline long long __double_as_longlong(double x) { long long y; __builtin_memcpy(&y, &x, 8); return y; }
)";

inline constexpr const char* metal = R"(#define kernel extern "C"
#define device
#define constant const
#define threadgroup static
extern "C" { void (*shim_barrier)(); }
typedef unsigned char uchar;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef int int32_t;
struct uint2 { uint x, y; };
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
template <class To, class From>
static inline To as_type(From x) { static_assert(sizeof(To) == sizeof(From)); To y; __builtin_memcpy(&y, &x, sizeof y); return y; }
static inline uint clz(uint x) { return x ? (uint)__builtin_clz(x) : 32; }
namespace metal {
enum class mem_flags { mem_threadgroup };
static inline void threadgroup_barrier(mem_flags) { shim_barrier(); }
}
)";

/// Of both: mathematics that overload, and denormals that are zero while kernels run.
inline constexpr const char* mathematics = R"(
static inline float fabs(float x) { return __builtin_fabsf(x); }
static inline float sqrt(float x) { return __builtin_sqrtf(x); }
static inline float floor(float x) { return __builtin_floorf(x); }
static inline double fabs(double x) { return __builtin_fabs(x); }
static inline double sqrt(double x) { return __builtin_sqrt(x); }
static inline double floor(double x) { return __builtin_floor(x); }
struct FlushDenormals {
#if defined(__SSE2__)
  unsigned before = __builtin_ia32_stmxcsr();
  FlushDenormals() { __builtin_ia32_ldmxcsr(before | 0x8040); }
  ~FlushDenormals() { __builtin_ia32_ldmxcsr(before); }
#endif
};
)";

// shim_item runs work item `item` of a row. It says where that is before the kernel asks; behind a barrier none asks again.
inline constexpr const char* launch_cuda = R"(
extern "C" void shim_item(void (*run)(unsigned char*, int, long, int), unsigned char* memory, int frames, long position, int items,
                          int item, int row, int group) {
  FlushDenormals flush;
  blockDim = {(unsigned)group, 1, 1};
  blockIdx = {(unsigned)(item / group), (unsigned)row, 0};
  threadIdx = {(unsigned)(item % group), 0, 0};
  run(memory, frames, position, items);
}
)";

inline constexpr const char* launch_metal = R"(
extern "C" void shim_item(void (*run)(unsigned char*, const Arguments&, uint2, uint2, uint2), unsigned char* memory, int frames,
                          long position, int items, int item, int row, int group) {
  FlushDenormals flush;
  const Arguments arguments{position, frames, items};
  run(memory, arguments, {(uint)item, (uint)row}, {(uint)(item % group), 0}, {(uint)(item / group), (uint)row});
}
)";

/// A built text.
class Runner {
 public:
  explicit Runner(const std::function<void*(const char*)>& symbol) : item_(reinterpret_cast<Item*>(symbol("shim_item"))) {
    *static_cast<void (**)()>(symbol("shim_barrier")) = Fibers::barrier;
  }

  /// All groups of a launch, one after another.
  void launch(void* kernel, std::byte* memory, int frames, std::int64_t position, int items, int rows, int group) {
    for (int row = 0; row < rows; ++row) {
      for (int first = 0; first < items; first += group)
        fibers_.run(group, [&](int k) { item_(kernel, memory, frames, position, items, first + k, row, group); });
    }
  }

 private:
  using Item = void(void*, std::byte*, int, std::int64_t, int, int, int, int);
  Item* item_ = nullptr;
  Fibers fibers_;
};

class Queue final : public dgen::engine::DeviceQueue {
 public:
  Queue(std::shared_ptr<const dgen::base::DynamicLibrary> library, std::span<const std::string> kernels, std::int64_t bytes)
      : library_(std::move(library)), memory_(static_cast<std::size_t>(bytes) + 64),
        runner_([this](const char* name) { return library_->symbol(name); }) {
    for (const std::string& name : kernels) {
      kernels_.push_back(library_->symbol(name));
      if (!kernels_.back()) throw std::runtime_error("the text has no kernel " + name);
    }
    base_ = memory_.data() + (64 - reinterpret_cast<std::uintptr_t>(memory_.data()) % 64) % 64;
  }
  void write(std::int64_t offset, std::span<const std::byte> bytes) override { std::ranges::copy(bytes, base_ + offset); }
  void read(std::int64_t offset, std::span<std::byte> bytes) override { std::memcpy(bytes.data(), base_ + offset, bytes.size()); }
  void clear(std::int64_t offset, std::int64_t bytes) override { std::fill_n(base_ + offset, bytes, std::byte{0}); }
  void launch(int kernel, const dgen::engine::WorkItems& work, std::int32_t frames, std::int64_t position) override {
    runner_.launch(kernels_[static_cast<std::size_t>(kernel)], base_, frames, position, static_cast<int>(work.items), work.rows,
                   work.group);
  }

 private:
  std::shared_ptr<const dgen::base::DynamicLibrary> library_;
  std::vector<std::byte> memory_;
  std::byte* base_ = nullptr;
  Runner runner_;
  std::vector<void*> kernels_;
};

class Code final : public dgen::engine::DeviceCode {
 public:
  explicit Code(std::shared_ptr<const dgen::base::DynamicLibrary> library, int most_items = 1024)
      : library_(std::move(library)), most_items_(most_items) {}
  std::unique_ptr<dgen::engine::DeviceQueue> make_queue(std::span<const std::string> kernels, std::int64_t bytes) const override {
    return std::make_unique<Queue>(library_, kernels, bytes);
  }
  int most_items(const std::string&) const override { return most_items_; }

 private:
  std::shared_ptr<const dgen::base::DynamicLibrary> library_;
  int most_items_;
};

/// How the host's compiler builds kernels: quickly, for they run few frames. Under sanitizers it is the compiler of the tests,
/// whose run-time library they share; what is `sanitized` runs under them too.
inline dgen::base::Command compiler(bool sanitized) {
#if defined(__SANITIZE_ADDRESS__)
  constexpr bool sanitizers = true;
#else
  constexpr bool sanitizers = false;
#endif
  const std::string clang = dgen::base::find_program("clang++");
  const bool quick = !clang.empty() && !(sanitizers && sanitized);
  dgen::base::Command command{
      .program = quick ? clang : dgen::base::find_program("c++"),
      .arguments = {"-std=c++20", "-O0", "-fno-math-errno", "-fno-trapping-math", "-Wall", "-Wextra", "-Wno-attributes",
                    "-Wno-unused-variable", "-Wno-unused-parameter", "-Wno-unused-function", "-Wno-unused-but-set-variable",
                    "-Werror", "-fPIC", "-shared"}};
  if (sanitizers && sanitized) {
    for (const char* flag : {"-fsanitize=address,undefined", "-fno-sanitize-recover=all"}) command.arguments.emplace_back(flag);
  }
  return command;
}

/// `text` between what stands for its language and what launches it. Kept among the compiled code of patches.
inline std::shared_ptr<const dgen::engine::DeviceCode> build(const std::string& language, const std::string& text,
                                                             const std::string& launch, bool sanitized = false) {
  const std::string whole = language + mathematics + text + launch;
  dgen::base::Command command = compiler(sanitized);
  std::string key = command.program;
  for (const std::string& argument : command.arguments) key += " " + argument;
  key = dgen::base::to_hex(dgen::base::hash({key, whole}));
  const dgen::engine::CpuCache cache("");
  std::shared_ptr<const dgen::base::DynamicLibrary> library = cache.find(key);
  if (library) return std::make_shared<Code>(std::move(library));
  const TemporaryFolder folder;
  const std::string source = folder / "kernels.cpp";
  const std::filesystem::path made = cache.fresh_file(key);
  spill(folder / "metal_stdlib", "");
  spill(source, whole);
  for (const std::string& argument : {std::string("-I"), folder.path().string(), source, std::string("-o"), made.string()})
    command.arguments.push_back(argument);
  const dgen::base::Completed completed = dgen::base::run(command);
  if (!completed.succeeded()) throw std::runtime_error("the host refuses the text:\n" + completed.errors.substr(0, 4000));
  return std::make_shared<Code>(cache.keep(key, made));
}

}  // namespace device_shim
