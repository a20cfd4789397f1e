#pragma once
// Generated C on another processor: compiled by a cross compiler for AArch64, run here under qemu.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dgen::test {

/// What is needed and is not on this machine, as a sentence; empty: nothing, the tests can run.
std::string missing_for_aarch64();

/// One vector a channel, all of one length.
using Channels = std::vector<std::vector<float>>;

/// A program in the source: the name of its dgen_descriptor, and its output channels.
struct Descriptor {
  std::string symbol;
  int outputs = 1;
};

/// One run of one program, from a fresh instance.
struct CrossRun {
  int program = 0;              ///< which of the descriptors
  double sample_rate = 48000;   ///< Hz
  std::vector<float> params{};  ///< all of them, in the program's order
  Channels in{};
  std::int64_t frames = 0;
};

/// C source with programs in it, built for AArch64.
class CrossProgram {
 public:
  /// The files go to `folder`, which must outlive this. Throws std::runtime_error with what the compiler said.
  CrossProgram(const std::string& source, const std::vector<Descriptor>& descriptors, std::filesystem::path folder);

  /// The output channels of every run, in calls of at most `block` frames. Throws std::runtime_error when the emulated
  /// program fails.
  std::vector<Channels> run(const std::vector<CrossRun>& runs, std::int64_t block) const;

  /// objdump -d of the compiled source.
  std::string disassembly() const;

 private:
  std::filesystem::path folder_;
  std::vector<int> outputs_;
};

}  // namespace dgen::test
