#include "runtime/voice_bank.h"

#include <algorithm>

namespace dgen::runtime {

namespace {

constexpr std::int64_t frames_together = 1024;  ///< that copies run before they are added

void add(const float* from, float* to, std::int64_t frames, bool first) noexcept {
  if (first) {
    std::copy_n(from, frames, to);
    return;
  }
  for (std::int64_t n = 0; n < frames; ++n) to[n] += from[n];
}

}  // namespace

VoiceBank::VoiceBank(const VoiceProgram& program, double sample_rate) : lanes_(program.layout == VoiceLayout::lanes) {
  const int count = lanes_ ? 1 : program.voices;
  for (int k = 0; k < count; ++k) instances_.emplace_back(program.program, sample_rate);
  if (lanes_) return;
  one_.assign(static_cast<std::size_t>(program.program.outputs()), std::vector<float>(frames_together));
  all_ = one_;
  for (auto& channel : one_) pointers_.push_back(channel.data());
}

void VoiceBank::set(int voice, int param, double value) noexcept {
  if (param < 0) return;
  if (lanes_)
    instances_[0].set(param, voice, value);
  else
    instances_[static_cast<std::size_t>(voice)].set(param, value);
}

void VoiceBank::set_all(int param, double value) noexcept {
  for (Instance& instance : instances_) instance.set(param, value);
}

void VoiceBank::reset() noexcept {
  for (Instance& instance : instances_) instance.reset();
}

std::string VoiceBank::failure() const {
  for (const Instance& instance : instances_) {
    if (std::string why = instance.failure(); !why.empty()) return why;
  }
  return {};
}

std::int64_t VoiceBank::most_frames() const { return lanes_ ? std::int64_t{1} << 40 : frames_together; }

void VoiceBank::process(const float* const* in, float* const* out, std::int64_t frames) noexcept {
  if (lanes_) return instances_[0].process(in, out, frames);
  for (std::size_t k = 0; k < instances_.size(); ++k) {
    instances_[k].process(in, pointers_.data(), frames);
    for (std::size_t c = 0; c < one_.size(); ++c) add(one_[c].data(), all_[c].data(), frames, k == 0);
  }
  // An output may be the memory of an input: it is written when all have read.
  for (std::size_t c = 0; c < all_.size(); ++c) {
    if (out[c]) std::copy_n(all_[c].data(), frames, out[c]);
  }
}

}  // namespace dgen::runtime
