#include "runtime/threaded_process.h"

#include <chrono>
#include <cstring>
#include <set>

namespace dgen::runtime {

bool may_share(std::span<const schedule::Part> parts) { return parts.size() > 1 || (parts.size() == 1 && !parts[0].remembers); }

ThreadedProcess::ThreadedProcess(const render::abi::Descriptor& descriptor, const PartCode& code, int threads)
    : descriptor_(descriptor), code_(code), team_(threads),
      call_(code, most_frames, PartCall::ahead(team_.threads(), code.code->slot_bytes)),
      front_(call_.rows(0, 0), PartCall::ahead(team_.threads(), code.code->slot_bytes)) {
  std::set<int> written;
  for (const schedule::Part& part : code.parts) written.insert(part.outputs.begin(), part.outputs.end());
  for (int channel = 0; channel < descriptor.outputs; ++channel) {
    if (!written.contains(channel)) silent_.push_back(channel);
  }
}

void ThreadedProcess::run(std::byte* state, const float* params, const float* const* in, float* const* out,
                          std::int64_t frames) noexcept {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  if (trial_.way() == 0)
    descriptor_.process(state, params, in, out, frames);
  else
    run_parts(state, params, in, out, frames);
  trial_.took(std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(frames));
}

void ThreadedProcess::run_parts(std::byte* state, const float* params, const float* const* in, float* const* out,
                                std::int64_t frames) noexcept {
  code_.code->prepare(state, params);
  render::abi::Header header;
  std::memcpy(&header, state, sizeof header);
  const double seconds = trial_.best() * static_cast<double>(frames);
  call_.begin(state, in, out, header.position, frames, PartCall::useful_cells(seconds, code_.parts.size()));
  for (int row = 0; row < front_.rows(); ++row) front_.set_cells(row, call_.ends());
  front_.run(team_, [this](int row, int cell) noexcept { call_.run(row, cell); });
  for (const int channel : silent_) {
    if (out[channel]) std::memset(out[channel], 0, static_cast<std::size_t>(frames) * sizeof(float));
  }
  // `prepare` wrote the header, too.
  std::memcpy(&header, state, sizeof header);
  header.position += frames;
  std::memcpy(state, &header, sizeof header);
}

}  // namespace dgen::runtime
