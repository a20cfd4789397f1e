#include "base/wavefront.h"

#include <algorithm>

#include "dgen/error.h"

namespace dgen::base {

namespace {

constexpr int most_ahead = 32;  // cells, as many as `State::later` has bits
constexpr int spins = 4000;     // looks at `changes_` before a thread sleeps: about what it takes to wake one up
constexpr auto relaxed = std::memory_order_relaxed;

/// Between two looks at memory that another thread changes: takes less power, and leaves the core to its other thread.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");  // some tens of cycles, as the other; `yield` does nothing on most cores
#endif
}

}  // namespace

Wavefront::Wavefront(std::vector<Row> rows, int ahead) : rows_(std::move(rows)), ahead_(ahead), states_(rows_.size()) {
  check(ahead >= 1 && ahead <= most_ahead, "a wavefront is 1 … 32 cells wide");
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (const Need& need : rows_[r].needs)
      check(need.row >= 0 && need.row < static_cast<int>(r), "a row of a wavefront needs earlier ones only");
  }
}

void Wavefront::begin() noexcept {
  left_ = 0;
  for (State& state : states_) {
    state.taken = state.done = 0;
    state.later = 0;
    left_ += state.finished() ? 0 : 1;
  }
}

void Wavefront::give_cells(int row, std::span<const std::int64_t> ends) noexcept {
  const std::unique_lock lock(mutex_);
  set_cells(row, ends);
  if (ends.empty()) --left_;
}

Wavefront::Cell Wavefront::first() noexcept {
  std::unique_lock lock(mutex_);
  return take(lock);
}

Wavefront::Cell Wavefront::next(const Cell& filled) noexcept {
  std::unique_lock lock(mutex_);
  fill(filled);
  return take(lock);
}

/// Last rows first: what they need has just been written, and is near.
Wavefront::Cell Wavefront::take(std::unique_lock<std::mutex>& lock) noexcept {
  while (left_ > 0) {
    for (int row = rows() - 1; row >= 0; --row) {
      if (ready(row)) return {row, at(row).taken++};
    }
    wait(lock);
  }
  return {};
}

void Wavefront::fill(const Cell& cell) noexcept {
  State& state = at(cell.row);
  if (cell.number > state.done) {
    state.later |= 1u << (cell.number - state.done - 1);
    return;
  }
  for (bool more = true; more; state.later >>= 1) {
    ++state.done;
    more = (state.later & 1) != 0;
  }
  if (state.done == state.count()) --left_;
  changes_.fetch_add(1, relaxed);
  if (asleep_ > 0) filled_.notify_all();
}

bool Wavefront::ready(int row) const noexcept {
  const Row& seen = rows_[static_cast<std::size_t>(row)];
  const State& state = at(row);
  if (state.taken == state.count()) return false;
  if (state.taken - state.done >= (seen.in_order ? 1 : most_ahead)) return false;
  if (seen.memory >= 0 && state.taken >= slowest(seen.memory) + ahead_) return false;
  const std::int64_t end = state.ends[static_cast<std::size_t>(state.taken)];
  return std::ranges::all_of(seen.needs, [&](const Need& need) {
    const State& other = at(need.row);
    if (other.finished()) return true;
    return !need.all && other.done > 0 && other.ends[static_cast<std::size_t>(other.done - 1)] >= end;
  });
}

/// Cells that all rows of a memory have filled.
int Wavefront::slowest(int memory) const noexcept {
  int least = states_.empty() ? 0 : INT32_MAX;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (rows_[r].memory == memory) least = std::min(least, states_[r].done);
  }
  return least;
}

/// Until a cell is filled. Mostly that is soon, so that a thread looks for a while before it sleeps.
void Wavefront::wait(std::unique_lock<std::mutex>& lock) noexcept {
  const std::uint32_t seen = changes_.load(relaxed);
  lock.unlock();
  for (int k = 0; k < spins && changes_.load(relaxed) == seen; ++k) {
    pause();
  }
  lock.lock();
  if (changes_.load(relaxed) != seen) return;
  ++asleep_;
  filled_.wait(lock);
  --asleep_;
}

}  // namespace dgen::base
