#include "schedule/check_plan.h"

#include <functional>
#include <map>

#include "base/index.h"
#include "dgen/error.h"
#include "ir/touched.h"

namespace dgen::schedule {

namespace {

/// Runs the launch list with an owner per byte instead of values: a store takes the bytes, a load must find them owned.
class OwnerCheck {
 public:
  explicit OwnerCheck(const ir::Module& module) : module_(module) {}

  void run() {
    for (const ir::Function& kernel : module_.kernels) {
      if (kernel.when == ir::When::ahead || kernel.when == ir::When::block) run_kernel(kernel);
    }
  }

 private:
  void run_kernel(const ir::Function& kernel) {
    const ir::Touched touched = ir::touched_by(kernel);
    for (const int buffer : touched.read) {
      if (touched.written.contains(buffer)) continue;
      each_slot(buffer, [&](std::int64_t slot) {
        const auto owner = owner_.find(slot);
        check(owner != owner_.end() && owner->second == buffer, "scratch is read by the buffer that wrote it last");
      });
    }
    for (const int buffer : touched.written) {
      each_slot(buffer, [&](std::int64_t slot) {
        const auto owner = owner_.find(slot);
        const bool read_here = owner != owner_.end() && owner->second != buffer && touched.read.contains(owner->second);
        check(!read_here, "a kernel does not write over scratch that it still reads");
        owner_[slot] = buffer;
      });
    }
  }

  void each_slot(int buffer, const std::function<void(std::int64_t)>& visit) const {
    const ir::Buffer& b = module_.buffers[at(buffer)];
    if (b.space != ir::Space::scratch) return;
    const std::int64_t end = b.offset + (b.size + ir::padding) * ir::bytes(b.scalar);
    for (std::int64_t slot = b.offset / 64; slot * 64 < end; ++slot) visit(slot);
  }

  const ir::Module& module_;
  std::map<std::int64_t, int> owner_;  ///< cache line of the scratch arena -> buffer that wrote it last
};

void check_states(const ir::Module& module, std::int64_t header_bytes) {
  std::map<std::int64_t, std::int64_t> taken;  // begin -> end
  for (const ir::Buffer& b : module.buffers) {
    if (b.space != ir::Space::state) continue;
    const std::int64_t spare = b.size == 1 ? 0 : ir::padding;
    const std::int64_t end = b.offset + (b.size + spare) * ir::bytes(b.scalar);
    check(b.offset >= header_bytes && end <= module.state_bytes, "a state lies behind the header and inside its arena");
    check(taken.try_emplace(b.offset, end).second, "no two states begin at one place");
  }
  std::int64_t before = 0;
  for (const auto& [begin, end] : taken) {
    check(begin >= before, "no two states overlap");
    before = end;
  }
}

}  // namespace

void check_plan(const ir::Module& module, std::int64_t header_bytes) {
  for (const ir::Buffer& b : module.buffers) {
    if (b.space != ir::Space::state && b.space != ir::Space::scratch) continue;
    check(b.offset >= 0 && b.offset % ir::bytes(b.scalar) == 0, "a buffer is aligned to its element");
    const bool inside = b.offset + (b.size + ir::padding) * ir::bytes(b.scalar) <= module.scratch_bytes;
    check(b.space != ir::Space::scratch || inside, "a scratch buffer lies inside its arena");
  }
  check_states(module, header_bytes);
  OwnerCheck(module).run();
}

}  // namespace dgen::schedule
