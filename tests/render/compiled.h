#pragma once
// Compiles rendered C with a system compiler and loads it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "render/abi.h"
#include "render/render.h"

namespace dgen::render {

/// The flags that kernels are made for.
inline constexpr std::string_view kernel_flags =
    "-std=gnu11 -O2 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wall -Wextra -Wconversion -Werror";

/// A shared library, unloaded at the end.
class Compiled {
 public:
  /// Fails the test with the compiler's messages.
  Compiled(const std::string& source, std::string_view compiler, std::string_view flags = kernel_flags);
  ~Compiled();
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  void* symbol(const std::string& name) const;
  const abi::Descriptor& descriptor(const std::string& program) const;

 private:
  void* library_ = nullptr;
};

/// Writes `text` to a file in a folder of this process's own, which goes with it. Returns its path.
std::string temporary_file(const std::string& name, const std::string& text);
/// Runs a shell command; true when it exits with 0. Its output goes to `messages`.
bool succeeds(const std::string& command, std::string& messages);

/// One instance of a compiled program.
class Running {
 public:
  explicit Running(const abi::Descriptor& descriptor, double sample_rate = 48000);
  void reset() { descriptor_.reset(memory_.get()); }
  int process(const float* const* in, float* const* out, std::int64_t frames);
  /// Runs whole channels in calls of `block` frames.
  std::vector<std::vector<float>> run(const std::vector<std::vector<float>>& in, std::int64_t frames, std::int64_t block);
  std::vector<float> params;

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  const abi::Descriptor& descriptor_;
  std::unique_ptr<void, Free> memory_;
};

/// The compilers that the generated C is tested with, of those that are installed.
std::vector<std::string> compilers();

/// Whether programs for AArch64 can be compiled and run here.
bool has_aarch64();
/// Compiles `source` for AArch64, optimised, and runs its program `name` on the whole of `in` in an emulator.
std::vector<std::vector<float>> run_on_aarch64(const std::string& source, const std::string& name,
                                               const std::vector<std::vector<float>>& in, std::size_t outputs);

}  // namespace dgen::render
