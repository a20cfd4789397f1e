#include "base/thread_team.h"

#include <algorithm>
#include <system_error>

namespace dgen::base {

int threads_of(int wanted) {
  return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));  // 0: it is not known
}

int useful_threads(int wanted, int pieces) { return std::clamp(threads_of(wanted), 1, std::max(pieces, 1)); }

ThreadTeam::ThreadTeam(int wanted) {
  try {
    for (int k = 1; k < threads_of(wanted); ++k) workers_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    // Those there are will do: what is computed does not depend on their number.
  }
}

ThreadTeam::~ThreadTeam() {
  ends_ = true;
  ++round_;
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadTeam::share(int count, Call call, const void* work) noexcept {
  call_ = call, work_ = work, count_ = count;
  next_ = 0;
  busy_ = static_cast<int>(workers_.size());
  ++round_;
  round_.notify_all();
  take_pieces();
  for (int busy = busy_; busy > 0; busy = busy_) busy_.wait(busy);
}

void ThreadTeam::take_pieces() noexcept {
  for (int k = next_++; k < count_; k = next_++) call_(work_, k);
}

void ThreadTeam::serve() noexcept {
  for (std::uint32_t seen = 0;;) {
    round_.wait(seen);
    // The caller waits for all before it begins another round, so that none is missed.
    seen = round_;
    if (ends_) return;
    take_pieces();
    if (--busy_ == 0) busy_.notify_one();
  }
}

}  // namespace dgen::base
