// What a search costs: 4096 candidates of 4096 frames, in lanes or one by one, on this CPU and on a device (DGEN_OPENCL_DEVICE,
// CUDA). Arguments: lanes (0: as chosen), threads. `candidates` counts losses a second.

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "dgen/dgen.h"

namespace {

using namespace dgen;

constexpr std::int64_t frames = 4096, candidates = 4096;

Signal spectra(Signal out, Graph& g) {
  return spectral_loss(out, g.input(), {.window = 1024, .hop = 256, .window_function = WindowFunction::hann});
}

Signal two_frequencies(Graph& g) {
  const Signal pitch = phasor(g.param("frequency", 237, {.min = 20, .max = 4000, .mapping = Mapping::log}));
  return spectra(sin(two_pi * pitch) * phasor(g.param("lfo", 8.5, {.min = 1, .max = 20})), g);
}

Signal fm(Graph& g) {
  const Signal pitch = g.param("pitch", 220, {.min = 50, .max = 1000, .mapping = Mapping::log});
  const Signal ratio = g.param("ratio", 2, {.min = 0.5, .max = 4}), bend = g.param("bend", 3, {.min = 0, .max = 12});
  return spectra(sin(two_pi * phasor(pitch) + bend * sin(two_pi * phasor(pitch * ratio))), g);
}

/// An oscillator that bends itself: a loop that runs frame by frame.
Signal feedback_fm(Graph& g) {
  const Signal before = history_cell(g);
  const Signal phase = phasor(g.param("pitch", 220, {.min = 50, .max = 1000, .mapping = Mapping::log}));
  const Signal y = sin(two_pi * phase + g.param("bend", 0.5, {.min = 0, .max = 1}) * before);
  g.close(before, y);
  return spectra(biquad_lowpass(y, g.param("cutoff", 2000, {.min = 100, .max = 8000, .mapping = Mapping::log}), 0.8), g);
}

void search_on(benchmark::State& state, Signal (*make)(Graph&), Backend backend) {
  std::vector<float> target;
  for (int n = 0; n < frames; ++n) target.push_back(0.3f * std::sin(0.03f * static_cast<float>(n)));
  try {
    Graph g;
    CandidateOptions options{
        .channels = {target}, .lanes = static_cast<int>(state.range(0)), .threads = static_cast<int>(state.range(1))};
    options.compile.backend = backend;
    CandidateLosses losses(make(g), options);
    const Parameters parameters(g);
    for (auto _ : state) benchmark::DoNotOptimize(search(losses, parameters, {.starts = candidates}).best[0].loss);
    state.counters["candidates"] = benchmark::Counter(candidates, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["lanes"] = losses.lanes();
  } catch (const Error& error) {
    state.SkipWithError(error.what());
  }
}

void sizes(benchmark::internal::Benchmark* cases) {
  cases->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();
}

void cpu_sizes(benchmark::internal::Benchmark* cases) {
  sizes(cases);
  for (const int lanes : {0, 1, 4, 16, 64, 256, 1024, 4096}) cases->Args({lanes, 1});
  cases->Args({0, 2});
}

void device_sizes(benchmark::internal::Benchmark* cases) {
  sizes(cases);
  for (const int lanes : {0, 64, 4096}) cases->Args({lanes, 1});
}

#define SEARCH(make)                                                                       \
  BENCHMARK_CAPTURE(search_on, make##_cpu, make, Backend::cpu)->Apply(cpu_sizes);          \
  BENCHMARK_CAPTURE(search_on, make##_opencl, make, Backend::opencl)->Apply(device_sizes); \
  BENCHMARK_CAPTURE(search_on, make##_cuda, make, Backend::cuda)->Apply(device_sizes)

SEARCH(two_frequencies);
SEARCH(fm);
SEARCH(feedback_fm);

}  // namespace
