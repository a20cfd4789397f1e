#pragma once
// Calls of a program's process on several threads, for rendering files.

#include <cstdint>
#include <optional>

#include "base/thread_team.h"
#include "base/trial.h"
#include "base/wavefront.h"
#include "runtime/part_call.h"

namespace dgen::runtime {

class ThreadedProcess {
 public:
  /// threads: as CompileOptions::threads.
  ThreadedProcess(const render::abi::Descriptor& descriptor, const PartCode& code, int threads);

  /// As Descriptor::process, to the bit. On one thread where that is faster: both are tried, and timed, in the first calls.
  void run(std::byte* state, const float* params, const float* const* in, float* const* out, std::int64_t frames) noexcept;

  static constexpr std::int64_t most_frames = 1 << 16;  ///< of a call

 private:
  void run_parts(std::byte* state, const float* params, const float* const* in, float* const* out, std::int64_t frames) noexcept;

  const render::abi::Descriptor& descriptor_;
  PartCode code_;
  base::ThreadTeam team_;
  PartCall call_;
  base::Wavefront front_;
  base::Trial trial_;
  std::vector<int> silent_;  ///< channels that no part writes
};

/// Whether more than one part can be at work at once.
bool may_share(std::span<const schedule::Part> parts);

}  // namespace dgen::runtime
