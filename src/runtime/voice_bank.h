#pragma once
// The memory of voices: one instance with rows of parameters, or an instance each.

#include <cstdint>
#include <string>
#include <vector>

#include "base/thread_team.h"
#include "dgen/polyphony.h"

namespace dgen::runtime {

/// Allocates no memory after it is made.
class VoiceBank {
 public:
  /// threads: that copies share; 0: those of the machine.
  VoiceBank(const VoiceProgram& program, double sample_rate, int threads);

  /// A parameter of one voice; none where param is -1.
  void set(int voice, int param, double value) noexcept;
  void set_all(int param, double value) noexcept;
  void reset() noexcept;
  const Instance& first() const { return instances_[0]; }
  /// As Instance::failure.
  std::string failure() const;

  /// Frames that one call may have.
  std::int64_t most_frames() const;
  /// The sum of all voices.
  void process(const float* const* in, float* const* out, std::int64_t frames) noexcept;

 private:
  const bool lanes_;
  std::vector<Instance> instances_;
  std::vector<std::vector<float>> each_;       ///< by voice and output
  std::vector<std::vector<float*>> pointers_;  ///< by voice: of its outputs
  base::ThreadTeam team_;
};

}  // namespace dgen::runtime
