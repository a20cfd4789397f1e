#pragma once
// A function that can pause and go on: by the contexts of glibc, which switch fast; elsewhere, and under sanitizers, which do not
// follow those, as a thread that runs while its owner waits.

#include <functional>
#include <memory>
#include <utility>  // with the above, __GLIBC__

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DGEN_FIBER_CONTEXTS 1
#include <ucontext.h>
#else
#define DGEN_FIBER_CONTEXTS 0
#include <semaphore>
#include <thread>
#endif

namespace device_shim {

#if DGEN_FIBER_CONTEXTS

class Fiber {
 public:
  /// body never returns. It begins with the first `resume`.
  explicit Fiber(std::function<void()> body) : body_(std::move(body)) {
    getcontext(&own_);
    own_.uc_stack.ss_sp = stack_.get();
    own_.uc_stack.ss_size = stack_bytes;
    makecontext(
        &own_, [] { started()->body_(); }, 0);
  }
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs the body until it pauses. Called by the owner.
  void resume() {
    started() = this;
    swapcontext(&back_, &own_);
  }
  /// Called by the body.
  void pause() { swapcontext(&own_, &back_); }

 private:
  static constexpr std::size_t stack_bytes = 256 << 10;
  static Fiber*& started() {
    thread_local Fiber* fiber = nullptr;
    return fiber;
  }

  std::function<void()> body_;
  std::unique_ptr<char[]> stack_ = std::make_unique_for_overwrite<char[]>(stack_bytes);
  ucontext_t own_{}, back_{};
};

#else

class Fiber {
 public:
  explicit Fiber(std::function<void()> body)
      : thread_([this, run = std::move(body)] {
          go_.acquire();
          try {
            if (!ends_) run();
          } catch (const Ended&) {
          }
        }) {}
  ~Fiber() {
    ends_ = true;
    go_.release();
    thread_.join();
  }
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void resume() {
    go_.release();
    back_.acquire();
  }
  void pause() {
    back_.release();
    go_.acquire();
    if (ends_) throw Ended{};
  }

 private:
  struct Ended {};
  bool ends_ = false;  ///< handed over by `go_`
  std::binary_semaphore go_{0}, back_{0};
  std::thread thread_;
};

#endif

}  // namespace device_shim
