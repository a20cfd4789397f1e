// Steps of a compiled training allocate nothing: the allocation functions of the C library are replaced in this executable by
// ones that count while a thread is watched.

#include <gtest/gtest.h>

#include <cstdlib>

#include "dgen/filters.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/train.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DGEN_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DGEN_SANITIZED 1  // the sanitizers replace the same functions
#endif

#if defined(__GLIBC__) && !defined(DGEN_SANITIZED)

namespace {

thread_local bool watching = false;
thread_local int allocations = 0;

void count_allocation() {
  if (watching) ++allocations;
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t bytes) { return count_allocation(), __libc_malloc(bytes); }
void* calloc(std::size_t count, std::size_t bytes) { return count_allocation(), __libc_calloc(count, bytes); }
void* realloc(void* old, std::size_t bytes) { return count_allocation(), __libc_realloc(old, bytes); }
void* memalign(std::size_t alignment, std::size_t bytes) { return count_allocation(), __libc_memalign(alignment, bytes); }
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return count_allocation(), __libc_memalign(alignment, bytes); }
void free(void* old) {
  count_allocation();
  __libc_free(old);
}

}  // extern "C"

namespace {

using namespace dgen;

/// Allocations of `steps` steps.
int count(Trainer& trainer, int steps) {
  allocations = 0;
  watching = true;
  for (int k = 0; k < steps; ++k) trainer.step();
  watching = false;
  return allocations;
}

TEST(Allocations, AreCounted) {
  allocations = 0;
  watching = true;
  delete new volatile int(3);
  watching = false;
  EXPECT_GE(allocations, 2);
}

TEST(Allocations, AreNoneInAStep) {
  for (const SegmentOrder order : {SegmentOrder::first, SegmentOrder::consecutive, SegmentOrder::random}) {
    for (const char* optimizer : {"sgd:momentum=0.9", "adam", "adamw", "rmsprop:centered=1", "adagrad", "lion"}) {
      Graph g;
      std::vector<float> x(3000), target(3000);
      for (std::size_t n = 0; n < x.size(); ++n) x[n] = static_cast<float>(n * 7919 % 1000) * 1e-3f, target[n] = 0.5f * x[n];
      const Signal cutoff = g.param("cutoff", 1000, {.min = 20, .max = 20000, .mapping = Mapping::log});
      const Signal loss = mse(biquad_lowpass(g.input(0), cutoff, 0.7), g.input(1));
      Trainer trainer(g, loss, optimizer_by_name(optimizer),
                      {.frames = 500,
                       .channels = {x, target},
                       .order = order,
                       .pre_roll = order == SegmentOrder::random ? 700 : 0,
                       .schedule = {.shape = CosineRate{.steps = 100}},
                       .clip = {.norm = 1}});
      EXPECT_EQ(count(trainer, 50), 0) << optimizer;
    }
  }
}

/// Longer than the loss history, which makes room for itself.
TEST(Allocations, AreNoneInTenThousandSteps) {
  Graph g;
  const Signal w = g.param("w", 1);
  const std::vector<float> silence(8);
  Trainer trainer(g, mse(w * g.input(), g.constant(0)), Adam{}, {.channels = {silence}});
  EXPECT_EQ(count(trainer, 10000), 0);
  EXPECT_EQ(trainer.history().stride(), 2);
}

}  // namespace

#endif  // glibc, not sanitized
