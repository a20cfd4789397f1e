// What a training step costs besides running forward and backward: a biquad low-pass fitted to 512 frames.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <vector>

#include "base/noise.h"
#include "dgen/dgen.h"

namespace {

constexpr int frames = 512;

struct Fit {
  dgen::Graph g;
  std::vector<float> x, target;
  dgen::Signal loss;

  Fit() {
    using namespace dgen;
    for (int n = 0; n < frames; ++n) {
      x.push_back(static_cast<float>(noise(1, static_cast<std::uint64_t>(n))));
      target.push_back(0.5F * x.back());
    }
    const Signal cutoff = g.param("cutoff", 1000, {.min = 20, .max = 20000, .mapping = Mapping::log});
    const Signal q = g.param("q", 0.7, {.min = 0.1, .max = 20, .mapping = Mapping::log});
    const Signal gain = g.param("gain", 1, {.min = 0.01, .max = 10, .mapping = Mapping::decibel});
    loss = mse(gain * biquad_lowpass(g.input(0), cutoff, q), g.input(1));
  }
};

/// All of a step.
void training_step(benchmark::State& state) {
  Fit fit;
  dgen::Trainer trainer(fit.g, fit.loss, dgen::Adam{}, {.channels = {fit.x, fit.target}, .clip = {.norm = 1}});
  for (auto _ : state) benchmark::DoNotOptimize(trainer.step().loss);
}
BENCHMARK(training_step);

/// A step of 256 frames behind a pre-roll of 256, at the end of the recording.
void training_step_with_pre_roll(benchmark::State& state) {
  Fit fit;
  dgen::Objective objective(fit.loss, {.frames = frames / 2});
  dgen::Parameters parameters(fit.g);
  const std::array<const float*, 2> before{fit.x.data(), fit.target.data()};
  const std::array<const float*, 2> in{fit.x.data() + frames / 2, fit.target.data() + frames / 2};
  for (auto _ : state) {
    parameters.values()[0] *= 1.000001;
    objective.warm_up(parameters, before.data(), frames / 2);
    benchmark::DoNotOptimize(objective.run(parameters, in.data(), frames / 2, dgen::From::carried));
  }
}
BENCHMARK(training_step_with_pre_roll);

/// Forward and backward of the same step, with parameters that change.
void training_step_without_update(benchmark::State& state) {
  Fit fit;
  dgen::Parameters parameters(fit.g);
  dgen::Objective objective(fit.loss, {.frames = frames});
  const std::array<const float*, 2> in{fit.x.data(), fit.target.data()};
  for (auto _ : state) {
    parameters.values()[0] *= 1.000001;
    benchmark::DoNotOptimize(objective.run(parameters, in.data(), frames, dgen::From::reset, true));
  }
}
BENCHMARK(training_step_without_update);

/// The optimiser alone, for that many parameters.
void optimizer_step(benchmark::State& state) {
  dgen::Parameters parameters({{.name = "weights", .initial = 1, .elements = state.range(0)}});
  dgen::Descent descent(dgen::Adam{}, parameters);
  for (double& slope : parameters.gradients()) slope = 0.1;
  for (auto _ : state) benchmark::DoNotOptimize(descent.step(parameters).gradient_norm);
}
BENCHMARK(optimizer_step)->Arg(3)->Arg(1000);

/// A checkpoint written and on the disk.
void save_checkpoint(benchmark::State& state) {
  Fit fit;
  dgen::Trainer trainer(fit.g, fit.loss, dgen::Adam{}, {.channels = {fit.x, fit.target}});
  for (int k = 0; k < 1000; ++k) trainer.step();
  for (auto _ : state) trainer.save_checkpoint("/tmp/dgen-bench-checkpoint");
  std::remove("/tmp/dgen-bench-checkpoint");
}
BENCHMARK(save_checkpoint)->UseRealTime();

}  // namespace
