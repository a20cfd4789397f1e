#include "runtime/part_call.h"

#include <algorithm>

namespace dgen::runtime {

namespace {

constexpr std::int64_t least_sub_block = 16;                  // frames; shorter ones are few
constexpr std::int64_t slots_budget = std::int64_t{1} << 20;  // bytes, to stay in the second-level cache
constexpr std::int64_t most_slots = 32;                       // of a cell
constexpr std::int64_t least_ahead = 3, most_ahead = 32;      // cells
constexpr std::int64_t most_bytes = std::int64_t{64} << 20;   // of the slots of all cells, where three are no more
constexpr double worth_a_cell = 15e-6;                        // seconds of work, against a fraction of one to hand it out
constexpr double least_cells = 4, most_cells = 64;            // of a call

}  // namespace

int PartCall::useful_cells(double seconds, std::size_t parts) {
  return static_cast<int>(std::clamp(seconds / (worth_a_cell * static_cast<double>(parts)), least_cells, most_cells));
}

int PartCall::ahead(int threads, std::int64_t slot_bytes) {
  const std::int64_t fits = most_bytes / std::max(slot_bytes, std::int64_t{1});
  return static_cast<int>(std::clamp(std::int64_t{threads} + 2, least_ahead, std::clamp(fits, least_ahead, most_ahead)));
}

PartCall::PartCall(const PartCode& code, std::int64_t most_frames, int ahead)
    : code_(code), ahead_(ahead), step_(code.parts.size() > 1 ? 1 : 0),
      most_sub_blocks_(std::clamp(slots_budget / (ahead_ * code.code->slot_bytes), std::int64_t{1}, most_slots)),
      slots_(ahead_ * (step_ > 0 ? most_sub_blocks_ : 1) * code.code->slot_bytes, 64) {
  ends_.reserve(static_cast<std::size_t>(most_frames / least_sub_block + 64));
}

std::vector<base::Wavefront::Row> PartCall::rows(int first, int memory) const {
  std::vector<base::Wavefront::Row> made;
  for (const schedule::Part& part : code_.parts) {
    base::Wavefront::Row& row = made.emplace_back();
    for (const int need : part.needs) row.needs.push_back({first + need, false});
    row.in_order = part.remembers;
    row.memory = memory;
  }
  return made;
}

void PartCall::begin(std::byte* state, const float* const* in, float* const* out, std::int64_t start, std::int64_t frames,
                     int cells) noexcept {
  state_ = state, in_ = in, out_ = out, start_ = start, frames_ = frames;
  const std::int64_t least = (frames + cells - 1) / cells;  // frames of a cell; sub-blocks with slots of their own are few
  ends_.clear();
  std::int64_t done = 0;
  while (done < frames) {
    const std::int64_t end = std::min(frames, done + least);
    for (std::int64_t k = 0; done < end && (step_ == 0 || k < most_sub_blocks_); ++k) {
      const std::int64_t frame = code_.backward ? frames - done : done;
      done += code_.code->cut(state, frame, frames, start + frame);
    }
    ends_.push_back(done);
  }
}

void PartCall::run(int part, int cell) noexcept {
  const auto k = static_cast<std::size_t>(cell);
  const std::int64_t first = k == 0 ? 0 : ends_[k - 1], last = ends_[k];
  const auto frame = [this](std::int64_t done) { return code_.backward ? frames_ - done : done; };
  std::byte* slots = slots_.data() + (cell % ahead_) * (step_ > 0 ? most_sub_blocks_ : 1) * code_.code->slot_bytes;
  code_.code->run(state_, slots, step_, in_, out_, start_, frames_, frame(first), frame(last), part);
}

}  // namespace dgen::runtime
