// Watches what Instance::process asks of the system: memory, locks, system calls. The allocation and lock functions of
// the C library are replaced in this executable by ones that count while the calling thread is watched. An uncontended
// lock makes no system call, and an allocation may make none: hence both ways of looking.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "runtime/demo_patch.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DGEN_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DGEN_SANITIZED 1  // the sanitizers replace the same functions
#endif

#if defined(__GLIBC__) && !defined(DGEN_SANITIZED)

#include <dlfcn.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace {

thread_local bool watching = false;
thread_local int allocations = 0;
thread_local int locks = 0;

void count_allocation() {
  if (watching) ++allocations;
}

template <typename Function>
Function* original(const char* name) {
  if (watching) ++locks;
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
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
int posix_memalign(void** made, std::size_t alignment, std::size_t bytes) {
  count_allocation();
  *made = __libc_memalign(alignment, bytes);
  return *made ? 0 : ENOMEM;
}
void free(void* old) {
  count_allocation();
  __libc_free(old);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept { return original<int(pthread_mutex_t*)>("pthread_mutex_lock")(mutex); }
int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  return original<int(pthread_mutex_t*)>("pthread_mutex_trylock")(mutex);
}
int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  return original<int(pthread_rwlock_t*)>("pthread_rwlock_rdlock")(lock);
}
int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  return original<int(pthread_rwlock_t*)>("pthread_rwlock_wrlock")(lock);
}
int pthread_spin_lock(pthread_spinlock_t* lock) noexcept { return original<int(pthread_spinlock_t*)>("pthread_spin_lock")(lock); }
int sem_wait(sem_t* semaphore) { return original<int(sem_t*)>("sem_wait")(semaphore); }

}  // extern "C"

namespace {

/// Counts what this thread does while it lives.
class Watch {
 public:
  Watch() {
    allocations = locks = 0;
    watching = true;
  }
  ~Watch() { watching = false; }
};

TEST(Watch, SeesAllocationsAndLocks) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  {
    const Watch watch;
    delete new volatile int(3);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
  }
  EXPECT_GE(allocations, 2);
  EXPECT_EQ(locks, 1);
}

dgen::Instance demo() {
  dgen::Graph graph;
  dgen::sample_patch::build_demo(graph);
  return dgen::Instance(dgen::compile(graph), 48000);
}

struct Blocks {
  std::vector<float> in = std::vector<float>(4096, 0.5f), wet = in, dry = in;
  const float* inputs[1] = {in.data()};
  float* outputs[2] = {wet.data(), dry.data()};
};

void use(dgen::Instance& instance, Blocks& blocks) {
  for (const int frames : {1, 7, 64, 4096, 0, -1}) {
    instance.set(0, 100.0 + frames);
    instance.set(1, 1.0 / (2 + frames));
    instance.process(blocks.inputs, blocks.outputs, frames);
  }
  instance.reset();
  instance.process(blocks.inputs, blocks.outputs, 64);
}

TEST(Process, AllocatesNothingAndTakesNoLock) {
  dgen::Instance instance = demo();
  Blocks blocks;
  {
    const Watch watch;
    use(instance, blocks);
  }
  EXPECT_EQ(allocations, 0);
  EXPECT_EQ(locks, 0);
}

TEST(Process, MakesNoSystemCall) {
  dgen::Instance instance = demo();
  Blocks blocks;
  const pid_t child = fork();
  if (child == 0) {
    // Strict mode: any system call but read, write and exit of the thread kills the process.
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(77);
    use(instance, blocks);
    syscall(SYS_exit, 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no seccomp here";
  EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
}

/// A filter's loss and gradients; from checkpoints where the budget is small.
dgen::Segment learning(std::int64_t budget) {
  dgen::Graph graph;
  const dgen::Signal cutoff = graph.param("cutoff", 1000);
  const dgen::Signal error = dgen::biquad_lowpass(graph.input(), cutoff, 0.7) - graph.input(1);
  const dgen::Signal loss = dgen::time_mean(error * error);
  const std::array<dgen::Signal, 3> wanted{loss, error, dgen::gradient(loss, std::array{cutoff}).of[0]};
  return {dgen::compile_segment(wanted, {.memory_budget = budget}), 48000, 4096};
}

TEST(SegmentRun, AllocatesNothingAndTakesNoLock) {
  for (const std::int64_t budget : {1 << 20, 24000}) {
    dgen::Segment segment = learning(budget);
    Blocks blocks;
    const float* in[] = {blocks.in.data(), nullptr};
    {
      const Watch watch;
      for (const int frames : {1, 7, 64, 4096, 0, 5000}) {
        segment.set(0, 900.0 + frames);
        segment.run(in, frames);
        segment.run(in, frames, dgen::From::carried, true);
        segment.run(nullptr, frames, dgen::From::reset, true);
      }
    }
    EXPECT_EQ(allocations, 0);
    EXPECT_EQ(locks, 0);
  }
}

}  // namespace

#endif
