// Loss and gradients over a segment, forward and backward, per frame; and the same written by hand in sequential C++.

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <vector>

#include "base/noise.h"
#include "dgen/dgen.h"

namespace {

constexpr int frames = 4096, long_frames = 1 << 20;

std::vector<float> noise_frames(std::uint64_t seed, int count) {
  std::vector<float> x;
  for (int n = 0; n < count; ++n) x.push_back(static_cast<float>(dgen::noise(seed, static_cast<std::uint64_t>(n))));
  return x;
}

struct Signals {
  explicit Signals(int count) : x(noise_frames(1, count)), target(noise_frames(2, count)) {}
  std::vector<float> x, target;
};

void count_frames(benchmark::State& state, int count) {
  state.counters["frame"] = benchmark::Counter(static_cast<double>(state.iterations()) * count,
                                               benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2], all five coefficients learnable.
dgen::Signal direct_form(dgen::Graph& g) {
  using namespace dgen;
  const Signal x = g.input(0);
  const auto one_ago = [&](Signal s) {
    const Signal past = ops::cell(g.constant(0));
    g.close(past, s);
    return past;
  };
  const Signal x1 = one_ago(x), x2 = one_ago(x1);
  const Signal y1 = ops::cell(g.constant(0));
  const Signal y2 = one_ago(y1);
  const Signal y = g.param("b0", 0.2) * x + g.param("b1", 0.3) * x1 + g.param("b2", 0.1) * x2 - g.param("a1", -0.5) * y1 -
                   g.param("a2", 0.3) * y2;
  g.close(y1, y);
  return y;
}

dgen::Signal learnable_compressor(dgen::Graph& g) {
  using namespace dgen;
  return compressor(g.input(0), g.param("ratio", 4), g.param("threshold", -20), g.param("knee", 6), g.param("attack", 0.005),
                    g.param("release", 0.05));
}

void forward_and_backward(benchmark::State& state, dgen::Signal (*patch)(dgen::Graph&), int count = frames,
                          std::int64_t budget = std::int64_t{1} << 30) {
  using namespace dgen;
  Graph g;
  const Signal error = patch(g) - g.input(1);
  const Signal loss = time_mean(error * error);
  std::vector<Signal> params;
  for (const int id : g.params()) params.push_back({&g, id});
  std::vector<Signal> wanted{loss};
  for (const Signal d : gradient(loss, params).of) wanted.push_back(d);
  const SegmentProgram program = compile_segment(wanted, {.memory_budget = budget});
  Segment segment(program, 48000, count);
  const Signals signals(count);
  const float* in[] = {signals.x.data(), signals.target.data()};
  for (auto _ : state) {
    segment.run(in, count);
    benchmark::DoNotOptimize(segment.value(1));
  }
  count_frames(state, count);
}

void biquad(benchmark::State& state) { forward_and_backward(state, direct_form); }
BENCHMARK(biquad);

void compressor(benchmark::State& state) { forward_and_backward(state, learnable_compressor); }
BENCHMARK(compressor);

/// 20 MB of tape.
void long_biquad(benchmark::State& state) { forward_and_backward(state, direct_form, long_frames); }
BENCHMARK(long_biquad);

void long_biquad_from_checkpoints(benchmark::State& state) { forward_and_backward(state, direct_form, long_frames, 1 << 22); }
BENCHMARK(long_biquad_from_checkpoints);

/// The biquad as one would write it: a loop forward that keeps y, a loop backward that carries two adjoints.
void biquad_by_hand(benchmark::State& state) {
  const Signals signals(frames);
  const float* const x = signals.x.data();
  const float* const target = signals.target.data();
  std::vector<float> y(frames);
  float b0 = 0.2F, b1 = 0.3F, b2 = 0.1F, a1 = -0.5F, a2 = 0.3F;
  for (auto _ : state) {
    benchmark::DoNotOptimize(b0), benchmark::DoNotOptimize(a1);
    float x1 = 0, x2 = 0, y1 = 0, y2 = 0, loss = 0;
    for (int n = 0; n < frames; ++n) {
      const float now = b0 * x[n] + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
      const float e = now - target[n];
      loss += e * e;
      x2 = x1, x1 = x[n], y2 = y1, y1 = now;
      y[static_cast<std::size_t>(n)] = now;
    }
    std::array<float, 5> d{};
    float l1 = 0, l2 = 0;
    const float scale = 2.0F / frames;
    for (int n = frames - 1; n >= 0; --n) {
      const auto k = static_cast<std::size_t>(n);
      const float l = scale * (y[k] - target[n]) - a1 * l1 - a2 * l2;
      d[0] += l * x[n];
      d[1] += l * (n >= 1 ? x[n - 1] : 0);
      d[2] += l * (n >= 2 ? x[n - 2] : 0);
      d[3] -= l * (n >= 1 ? y[k - 1] : 0);
      d[4] -= l * (n >= 2 ? y[k - 2] : 0);
      l2 = l1, l1 = l;
    }
    benchmark::DoNotOptimize(loss), benchmark::DoNotOptimize(d);
  }
  count_frames(state, frames);
}
BENCHMARK(biquad_by_hand);

}  // namespace
