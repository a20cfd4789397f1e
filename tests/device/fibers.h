#pragma once
// The work items of a group on this machine: one runs until it comes to a barrier, then the next one, and when all have come
// there they go on. Work items that meet no barrier run one after another, as calls.

#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "device/fiber.h"

namespace device_shim {

class Fibers {
 public:
  /// Calls `item` for 0 … count-1, which may call `barrier`. Throws `std::runtime_error` where only some come to one.
  void run(int count, std::function<void(int)> item) {
    item_ = std::move(item), count_ = count, next_ = ended_ = 0;
    current() = this;
    while (next_ < count_) resume(idle_or_new());
    while (!waiting_.empty()) {
      if (ended_ > 0) give_up();
      for (Fiber* const fiber : std::exchange(waiting_, {})) resume(fiber);
    }
  }

  /// What kernels call.
  static void barrier() { current()->wait(); }

 private:
  static Fibers*& current() {
    thread_local Fibers* fibers = nullptr;
    return fibers;
  }

  Fiber* idle_or_new() {
    if (idle_.empty()) return all_.emplace_back(std::make_unique<Fiber>([this] { work(); })).get();
    Fiber* const fiber = idle_.back();
    idle_.pop_back();
    return fiber;
  }

  void resume(Fiber* fiber) {
    running_ = fiber;
    fiber->resume();
  }

  [[noreturn]] void give_up() {
    waiting_.clear(), idle_.clear(), all_.clear();
    throw std::runtime_error("some work items of a group end without a barrier that others wait at");
  }

  /// What a fiber does as long as it lives: one work item after another while none waits.
  [[noreturn]] void work() {
    current() = this;
    for (;;) {
      while (next_ < count_) {
        item_(next_++);
        ++ended_;
      }
      Fiber* const self = running_;
      idle_.push_back(self);
      self->pause();
    }
  }

  void wait() {
    Fiber* const self = running_;
    waiting_.push_back(self);
    self->pause();
  }

  std::function<void(int)> item_;
  int count_ = 0, next_ = 0, ended_ = 0;
  Fiber* running_ = nullptr;
  std::vector<std::unique_ptr<Fiber>> all_;
  std::vector<Fiber*> idle_, waiting_;
};

}  // namespace device_shim
