#pragma once
// Threads that share pieces of work and wait for each other: fork and join.

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace dgen::base {

/// Threads that are meant where `wanted` are asked for. 0: as many as the machine has.
int threads_of(int wanted);

/// Threads, with the caller's, that so many pieces of work keep busy: of `wanted`; 0: as many as the machine has.
int useful_threads(int wanted, int pieces);

/// The caller and its workers. One caller at a time. What a piece computes must not depend on the thread it runs on.
class ThreadTeam {
 public:
  /// wanted: threads, with the caller; 0: as many as the machine has. Where the system refuses threads there are fewer.
  explicit ThreadTeam(int wanted);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls work(0) … work(count - 1), each once, on any of the threads, and returns when all are done. Allocates nothing.
  template <class Work>
  void run(int count, const Work& work) noexcept {
    if (workers_.empty() || count < 2) {
      for (int k = 0; k < count; ++k) work(k);
      return;
    }
    share(
        count, [](const void* its, int k) noexcept { (*static_cast<const Work*>(its))(k); }, &work);
  }

 private:
  using Call = void (*)(const void* work, int k) noexcept;
  void share(int count, Call call, const void* work) noexcept;
  void take_pieces() noexcept;
  void serve() noexcept;

  std::vector<std::thread> workers_;
  Call call_ = nullptr;
  const void* work_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_{0};             ///< piece
  std::atomic<int> busy_{0};             ///< workers that have not finished this round
  std::atomic<std::uint32_t> round_{0};  ///< counts calls of `share`; workers wait for it to change
  std::atomic<bool> ends_{false};
};

}  // namespace dgen::base
