#pragma once
// A line on standard error while kernels of a device are built for long.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "dgen/program.h"

namespace dgen::tool {

/// Says after two seconds of its life, once in a process, that kernels are being built: drivers may take a minute over it, in
/// `compile` or in the first call that runs them. Says nothing of the CPU and the interpreter.
class BuildNotice {
 public:
  explicit BuildNotice(Backend backend);
  ~BuildNotice();
  BuildNotice(const BuildNotice&) = delete;
  BuildNotice& operator=(const BuildNotice&) = delete;

 private:
  void wait(Backend backend);

  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
  std::thread clock_;
};

}  // namespace dgen::tool
