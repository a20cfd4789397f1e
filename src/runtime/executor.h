#pragma once
// What runs one instance of a program: its memory, and the code of one back end.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dgen/program.h"

namespace dgen::runtime {

/// One caller at a time.
class Executor {
 public:
  virtual ~Executor() = default;

  /// As Instance::process, for frames > 0. `params`: the elements of parameter after parameter, which other threads may
  /// store to.
  virtual void process(std::span<const std::atomic<float>> params, const float* const* in, float* const* out,
                       std::int64_t frames) noexcept = 0;
  virtual void reset() noexcept = 0;
  /// As Instance::failure.
  virtual std::string failure() const { return {}; }
  /// As Instance::fallback.
  virtual std::string fallback() const { return {}; }

  /// `params` as for `process`: an instance that has not run yet computes its initial states from them.
  virtual SavedState save(std::span<const std::atomic<float>> params) const = 0;
  /// `state` holds every state of the program in its size, and no other.
  virtual void restore(const SavedState& state, std::span<const std::atomic<float>> params) = 0;
};

/// What the program's back end makes; of automatic, one that goes on on the CPU where the device fails.
/// Throws `Error` limit_exceeded where there is not enough memory, backend_unavailable where a device fails.
std::unique_ptr<Executor> make_executor(const Program& program, double sample_rate);

}  // namespace dgen::runtime
