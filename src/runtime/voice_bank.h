#pragma once
// The memory of voices: one instance with rows of parameters, or an instance each.

#include <cstdint>
#include <string>
#include <vector>

#include "dgen/polyphony.h"

namespace dgen::runtime {

/// Allocates no memory after it is made.
class VoiceBank {
 public:
  VoiceBank(const VoiceProgram& program, double sample_rate);

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
  std::vector<std::vector<float>> one_, all_;  ///< by output: a voice, the sum
  std::vector<float*> pointers_;
};

}  // namespace dgen::runtime
