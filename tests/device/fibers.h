#pragma once
// The work items of a group on this machine: one runs until it comes to a barrier, then the next one, and when all have come
// there they go on. Work items that meet no barrier run one after another, as calls.

#include <ucontext.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

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
  static constexpr std::size_t stack_bytes = 256 << 10;
  struct Fiber {
    Fiber() { getcontext(&context); }
    ucontext_t context{};
    std::unique_ptr<char[]> stack = std::make_unique_for_overwrite<char[]>(stack_bytes);
  };

  static Fibers*& current() {
    thread_local Fibers* fibers = nullptr;
    return fibers;
  }

  Fiber* idle_or_new() {
    if (!idle_.empty()) {
      Fiber* const fiber = idle_.back();
      idle_.pop_back();
      return fiber;
    }
    Fiber* const fiber = all_.emplace_back(std::make_unique<Fiber>()).get();
    fiber->context.uc_stack.ss_sp = fiber->stack.get();
    fiber->context.uc_stack.ss_size = stack_bytes;
    makecontext(
        &fiber->context, [] { current()->work(); }, 0);
    return fiber;
  }

  void resume(Fiber* fiber) {
    running_ = fiber;
    swapcontext(&main_, &fiber->context);
  }

  [[noreturn]] void give_up() {
    waiting_.clear(), idle_.clear(), all_.clear();
    throw std::runtime_error("some work items of a group end without a barrier that others wait at");
  }

  /// What a fiber does as long as it lives: one work item after another while none waits.
  [[noreturn]] void work() {
    for (;;) {
      while (next_ < count_) {
        item_(next_++);
        ++ended_;
      }
      Fiber* const self = running_;
      idle_.push_back(self);
      swapcontext(&self->context, &main_);
    }
  }

  void wait() {
    Fiber* const self = running_;
    waiting_.push_back(self);
    swapcontext(&self->context, &main_);
  }

  std::function<void(int)> item_;
  int count_ = 0, next_ = 0, ended_ = 0;
  ucontext_t main_{};
  Fiber* running_ = nullptr;
  std::vector<std::unique_ptr<Fiber>> all_;
  std::vector<Fiber*> idle_, waiting_;
};

}  // namespace device_shim
