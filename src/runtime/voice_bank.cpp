#include "runtime/voice_bank.h"

#include <algorithm>

#include "dgen/error.h"

namespace dgen::runtime {

namespace {

constexpr std::int64_t frames_together = 1024;  ///< that copies run before they are added

/// Threads for so many copies of an instance. Throws `Error` bad_value for a number of threads out of range.
int threads_for(int copies, int threads) {
  constexpr int most = 1024;
  if (threads < 0 || threads > most) {
    throw Error(ErrorCode::bad_value,
                "Polyphony: threads is " + std::to_string(threads) + "; it must be 0 … " + std::to_string(most));
  }
  return base::useful_threads(threads, copies);
}

bool runs_in_lanes(const VoiceProgram& program) { return program.layout == VoiceLayout::lanes; }

}  // namespace

VoiceBank::VoiceBank(const VoiceProgram& program, double sample_rate, int threads)
    : lanes_(runs_in_lanes(program)), team_(threads_for(lanes_ ? 1 : program.voices, threads)) {
  const int count = lanes_ ? 1 : program.voices;
  for (int k = 0; k < count; ++k) instances_.emplace_back(program.program, sample_rate);
  if (lanes_) return;
  const auto outputs = static_cast<std::size_t>(program.program.outputs());
  each_.assign(instances_.size() * outputs, std::vector<float>(frames_together));
  pointers_.assign(instances_.size(), std::vector<float*>(outputs));
  for (std::size_t k = 0; k < instances_.size(); ++k) {
    for (std::size_t c = 0; c < outputs; ++c) pointers_[k][c] = each_[k * outputs + c].data();
  }
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
  team_.run(static_cast<int>(instances_.size()), [&](int number) noexcept {
    const auto k = static_cast<std::size_t>(number);
    instances_[k].process(in, pointers_[k].data(), frames);
  });
  // An output may be the memory of an input: it is written when all have read. Voices are added in one order.
  for (std::size_t c = 0; c < pointers_[0].size(); ++c) {
    if (!out[c]) continue;
    std::copy_n(pointers_[0][c], frames, out[c]);
    for (std::size_t k = 1; k < pointers_.size(); ++k) {
      const float* const voice = pointers_[k][c];
      for (std::int64_t n = 0; n < frames; ++n) out[c][n] += voice[n];
    }
  }
}

}  // namespace dgen::runtime
