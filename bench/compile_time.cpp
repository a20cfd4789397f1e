// How long `compile` takes for a patch of ten nodes: with the C compiler, and from the cache.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>

#include "base/private_folder.h"
#include "dgen/dgen.h"

namespace {

namespace fs = std::filesystem;

/// An oscillator through a filter and an echo, as ten ops of the node interface; `variant` makes its source new.
void build(dgen::Graph& g, std::int64_t variant) {
  using namespace dgen;
  const Signal frequency = g.param("frequency", 220);                                      // 1
  const Signal phase = phasor(frequency, 0.0);                                             // 2
  const Signal tone = sin(phase * 6.283185307179586);                                      // 3, 4
  const Signal filtered = biquad(tone, 2000 + static_cast<double>(variant), 0.7, 1.0, 0);  // 5
  const Signal mixed = filtered + g.input();                                               // 6, 7
  const Signal echo = g.feedback();
  const Signal sum = mixed + 0.5 * echo;  // 8, 9
  g.close(echo, delay(sum, 4800, 9600));  // 10
  g.output(sum);
}

/// A cache folder of this run's own, removed at the end.
struct Cache {
  const fs::path folder = dgen::base::make_temporary_folder("dgen-bench");
  ~Cache() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

void cold_compile(benchmark::State& state) {
  const Cache cache;
  std::int64_t variant = 0;
  for (auto _ : state) {
    dgen::Graph graph;
    build(graph, ++variant);
    const dgen::Program program = dgen::compile(graph, {.cache_directory = cache.folder.string()});
    if (program.from_cache()) state.SkipWithError("came from the cache");
  }
}
BENCHMARK(cold_compile)->Unit(benchmark::kMillisecond)->MinTime(2)->UseRealTime();

void cached_compile(benchmark::State& state) {
  const Cache cache;
  dgen::Graph graph;
  build(graph, 0);
  dgen::compile(graph, {.cache_directory = cache.folder.string()});
  for (auto _ : state) {
    const dgen::Program program = dgen::compile(graph, {.cache_directory = cache.folder.string()});
    if (!program.from_cache()) state.SkipWithError("did not come from the cache");
  }
}
BENCHMARK(cached_compile)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
