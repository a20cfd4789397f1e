// How even the calls of a patch are, in blocks of 64 frames: instructions of a call at rest and while a parameter moves, and
// times of calls beside those of an arithmetic loop that takes as long.
//
//   dgen_spikes PATCH.genexpr…
//
// prints a line a patch: instructions of the median call at rest; the largest call at rest, and while each parameter moves (a new
// value in every call), against that; the 99.99th percentile of a call's time against that of the loop, and whether both ran at
// real-time priority, as audio does: at ordinary priority other processes come in between.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>

#if defined(__linux__)
#include <sched.h>
#endif

#include "dgen/dgen.h"
#include "instruction_count.h"

namespace {

constexpr int block = 64;

/// An instance with buffers for a block.
class Player {
 public:
  explicit Player(const dgen::Program& program) : instance_(program, 48000) {
    for (int c = 0; c < program.inputs(); ++c) in_.push_back(noise());
    out_.assign(static_cast<std::size_t>(program.outputs()), std::vector<float>(block));
    for (const auto& channel : in_) inputs_.push_back(channel.data());
    for (auto& channel : out_) outputs_.push_back(channel.data());
  }
  void run() { instance_.process(inputs_.data(), outputs_.data(), block); }
  dgen::Instance& instance() { return instance_; }

 private:
  static std::vector<float> noise() {
    std::vector<float> x(block);
    unsigned seed = 1;
    for (float& value : x) seed = seed * 1664525u + 1013904223u, value = static_cast<float>(seed >> 8) / 33554432.0f;
    return x;
  }
  dgen::Instance instance_;
  std::vector<std::vector<float>> in_, out_;
  std::vector<const float*> inputs_;
  std::vector<float*> outputs_;
};

/// A value near the default, within the range; another for every call.
double moved(const dgen::ParamInfo& param, int call) {
  const double size = std::max(std::fabs(param.initial), 0.01) * 0.2;
  const double value = param.initial + size * (0.5 * (call % 7) / 7.0 + 0.05);
  return std::clamp(value <= param.max ? value : 2 * param.initial - value, param.min, param.max);
}

template <class T>
T part_of(std::vector<T> values, double share) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

struct Instructions {
  long median = 0, most = 0, most_moving = 0;
  std::string moving = "-";  ///< the parameter that costs most
};

/// Instructions of calls; a median of 0 where they cannot be counted.
Instructions count(const dgen::Program& program) {
  constexpr int rest_calls = 48, moving_calls = 14, warm_calls = 200;
  const char* why = "";
  Instructions found;
  Player player(program);
  for (int call = 0; call < warm_calls; ++call) player.run();
  const auto run = [&] { player.run(); };
  const std::vector<long> rest = spikes::count_instructions(
      rest_calls, [](int) {}, run, why);
  if (rest.empty()) {
    std::fprintf(stderr, "instructions are not counted: %s\n", why);
    return found;
  }
  found.median = part_of(rest, 0.5), found.most = *std::max_element(rest.begin(), rest.end());
  for (std::size_t k = 0; k < program.params().size(); ++k) {
    const dgen::ParamInfo& param = program.params()[k];
    const auto move = [&](int call) { player.instance().set(static_cast<int>(k), moved(param, call)); };
    const std::vector<long> moving = spikes::count_instructions(moving_calls, move, run, why);
    if (moving.empty()) continue;
    const long most = *std::max_element(moving.begin(), moving.end());
    if (most > found.most_moving) found.most_moving = most, found.moving = param.name;
  }
  return found;
}

volatile double sink;

void arithmetic(long steps) {
  double x = 0.5;
  for (long k = 0; k < steps; ++k) x = x * 0.999 + 0.001;
  sink = x;
}

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Times {
  double median_us = 0, tail = 0, loop_tail = 0;  ///< tails: the 99.99th percentile against the median
  bool real_time = false;
};

/// While it lives, nothing but interrupts comes in between, where the system grants that.
class RealTime {
 public:
#if defined(__linux__)
  RealTime() {
    const sched_param wanted{.sched_priority = 50};
    granted_ = sched_setscheduler(0, SCHED_FIFO, &wanted) == 0;
  }
  ~RealTime() {
    const sched_param ordinary{};
    if (granted_) sched_setscheduler(0, SCHED_OTHER, &ordinary);
  }
#else
  RealTime() = default;
#endif
  RealTime(const RealTime&) = delete;
  RealTime& operator=(const RealTime&) = delete;
  bool granted() const { return granted_; }

 private:
  bool granted_ = false;
};

/// Calls and the loop in turns, so that what the machine does to one it does to the other.
Times measure(const dgen::Program& program) {
  constexpr int calls = 60000;
  const RealTime priority;
  Player player(program);
  std::vector<double> warm, call_s, loop_s;
  for (int k = 0; k < 2000; ++k) warm.push_back(seconds_of([&] { player.run(); }));
  const double wanted = part_of(warm, 0.5);
  long steps = 1000;
  for (int round = 0; round < 4; ++round) {
    std::vector<double> taken;
    for (int k = 0; k < 200; ++k) taken.push_back(seconds_of([&] { arithmetic(steps); }));
    steps = std::max(1L, std::lround(static_cast<double>(steps) * wanted / part_of(taken, 0.5)));
  }
  for (int k = 0; k < calls; ++k) {
    call_s.push_back(seconds_of([&] { player.run(); }));
    loop_s.push_back(seconds_of([&] { arithmetic(steps); }));
  }
  const double call = part_of(call_s, 0.5), loop = part_of(loop_s, 0.5);
  return {call * 1e6, part_of(call_s, 0.9999) / call, part_of(loop_s, 0.9999) / loop, priority.granted()};
}

void report(const std::string& path) {
  dgen::Graph graph;
  dgen::load_patch(graph, path);
  const dgen::Program program = dgen::compile(graph);
  const Instructions instructions = count(program);
  const Times times = measure(program);
  const auto ratio = [&](long most) {
    return instructions.median > 0 ? static_cast<double>(most) / static_cast<double>(instructions.median) : 0.0;
  };
  std::printf("case %-24s instructions %7ld rest %5.2f moving %5.2f (%s) us %7.3f tail %5.2f loop %5.2f ratio %5.2f %s\n",
              std::filesystem::path(path).stem().c_str(), instructions.median, ratio(instructions.most),
              ratio(instructions.most_moving), instructions.moving.c_str(), times.median_us, times.tail, times.loop_tail,
              times.tail / times.loop_tail, times.real_time ? "at real-time priority" : "at ordinary priority");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "dgen_spikes PATCH.genexpr…\n");
    return 2;
  }
  int failed = 0;
  for (int k = 1; k < argc; ++k) {
    try {
      report(argv[k]);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", argv[k], error.what());
      failed = 1;
    }
  }
  return failed;
}
