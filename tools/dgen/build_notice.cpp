#include "dgen/build_notice.h"

#include <atomic>
#include <chrono>
#include <string>
#include <system_error>

#include "dgen/messages.h"

namespace dgen::tool {

namespace {

constexpr std::chrono::seconds patience(2);
std::atomic<bool> said_it{false};

}  // namespace

BuildNotice::BuildNotice(Backend backend) {
  if (backend == Backend::cpu || backend == Backend::interpreter) return;
  try {
    clock_ = std::thread([this, backend] { wait(backend); });
  } catch (const std::system_error&) {
    // Without a thread nothing is said.
  }
}

BuildNotice::~BuildNotice() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  ended_.notify_all();
  if (clock_.joinable()) clock_.join();
}

void BuildNotice::wait(Backend backend) {
  std::unique_lock lock(mutex_);
  if (ended_.wait_for(lock, patience, [this] { return done_; }) || said_it.exchange(true)) return;
  const std::string device = backend == Backend::automatic ? "" : std::string(" for ") + to_string(backend);
  say("building kernels" + device + " …; they are kept, so that later runs of the patch begin sooner");
}

}  // namespace dgen::tool
