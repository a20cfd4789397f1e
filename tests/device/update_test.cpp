// Training steps that end on a device, against the CPU's: every optimiser's rule, clips, mappings, ranges, frozen parameters.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "dgen/devices.h"
#include "dgen/dgen.h"
#include "dgen/dsp.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/train.h"
#include "support/play.h"
#include "support/two_frequencies.h"

namespace {

using namespace dgen;

/// Parameters of every mapping, one that stays, one at the end of its range.
struct Fitting {
  static constexpr std::int64_t frames = 128;
  Graph g;
  std::vector<float> x, target;
  Trainer trainer;

  Fitting(Backend backend, const Optimizer& optimizer, const Clip& clip)
      : x(floats(3)), target(floats(4)), trainer(g, loss_of(g), optimizer, options(backend, clip)) {}

  static std::vector<float> floats(std::uint32_t seed) {
    const std::vector<double> noise = dgen_test::white_noise(4 * frames, seed);
    return {noise.begin(), noise.end()};
  }
  static Signal loss_of(Graph& g) {
    const Signal gain = g.param("gain", 0.5, {.min = 0.01, .max = 4, .mapping = Mapping::decibel});
    const Signal cutoff = g.param("cutoff", 3000, {.min = 20, .max = 20000, .mapping = Mapping::log});
    const Signal offset = g.param("offset", 0.1, {.min = -1, .max = 0.1}) * g.param("still", 0.3);
    const Signal out = gain * biquad_lowpass(g.input(0), cutoff, 0.7) + offset;
    return esr(out, g.input(1)) + 0.1 * mse(out, g.input(1));
  }
  TrainerOptions options(Backend backend, const Clip& clip) const {
    return {.frames = frames,
            .channels = {x, target},
            .order = SegmentOrder::consecutive,
            .schedule = {.shape = CosineRate{.steps = 20}, .warm_up = 2},
            .clip = clip,
            .freeze = {"still"},
            .learning_rates = {{"cutoff", 0.5}},
            .compile = {.backend = backend, .name = "training"}};
  }
};

/// Steps on the device against the CPU's trainer, and against the CPU's rule with the device's gradients.
void check_optimizer(Backend backend, const std::string& name, const Clip& clip) {
  SCOPED_TRACE(name);
  const Optimizer optimizer = optimizer_by_name(name, 0.05);
  Fitting device(backend, optimizer, clip), cpu(Backend::cpu, optimizer, clip);
  ASSERT_TRUE(device.trainer.objective().updates());
  Parameters rule = device.trainer.parameters();
  Descent descent(optimizer, rule, device.trainer.options().schedule, clip);
  for (int step = 0; step < 6; ++step) {
    const Metrics found = device.trainer.step(), wanted = cpu.trainer.step();
    std::ranges::copy(device.trainer.parameters().gradients(), rule.gradients().begin());
    const StepReport report = descent.step(rule);
    EXPECT_NEAR(found.loss / wanted.loss, 1, 1e-4);
    EXPECT_NEAR(found.gradient_norm / report.gradient_norm, 1, 1e-12);
    EXPECT_EQ(found.learning_rate, report.learning_rate);
    for (std::size_t e = 0; e < rule.values().size(); ++e) {
      EXPECT_NEAR(device.trainer.parameters().values()[e] / rule.values()[e], 1, 1e-11) << "step " << step << ", element " << e;
      EXPECT_NEAR(device.trainer.parameters().values()[e] / cpu.trainer.parameters().values()[e], 1, 1e-3) << "step " << step;
    }
  }
  EXPECT_EQ(device.trainer.parameters().value("still"), 0.3);
  EXPECT_LE(device.trainer.parameters().value("offset"), 0.1);
}

/// Why a back end has no device here; empty: it has.
std::string why_not(Backend backend) {
  const std::vector<DeviceInfo> all = devices();
  return std::ranges::find(all, backend, &DeviceInfo::backend)->why_not;
}

TEST(CudaUpdate, MovesParametersByEveryRule) {
  if (const std::string why = why_not(Backend::cuda); !why.empty()) GTEST_SKIP() << why;
  for (const char* rule : {"sgd", "sgd:momentum=0.9,nesterov=1,weight_decay=0.01", "adam:weight_decay=0.01", "adamw",
                           "rmsprop:centered=1,momentum=0.5", "adagrad:learning_rate_decay=0.1", "lion:weight_decay=0.1"})
    check_optimizer(Backend::cuda, rule, {.value = 20, .norm = 5});
}

/// A network 1-5-1 on ticks of 4 frames learns half a sine.
struct Network {
  Graph g;
  Trainer trainer;
  explicit Network(Backend backend) : trainer(g, loss_of(g), Adam{.learning_rate = 0.05}, options(backend)) {}
  static TrainerOptions options(Backend backend) { return {.frames = 160, .compile = {.backend = backend, .name = "training"}}; }
  static Signal loss_of(Graph& g) {
    const Signal x = reshape(tick_frame(g, 4) * (1.0 / 80) - 1.0, extents({1}));
    const Signal hidden = tanh(linear(x, g.param("weight-1", extents({5, 1}), initial::Normal{.seed = 1})) +
                               g.param("bias-1", extents({5}), initial::Uniform{.seed = 2}));
    const Signal y = linear(hidden, g.param("weight-2", extents({1, 5}), initial::XavierUniform{.seed = 3}));
    const Signal error = y - sin(tick_frame(g, 4) * (3.14159 / 160));
    return time_mean(sum(error * error));
  }
};

TEST(CudaUpdate, MovesTensorsLikeTheCpu) {
  if (const std::string why = why_not(Backend::cuda); !why.empty()) GTEST_SKIP() << why;
  Network device(Backend::cuda), cpu(Backend::cpu);
  for (int step = 0; step < 6; ++step) EXPECT_NEAR(device.trainer.step().loss / cpu.trainer.step().loss, 1, 1e-4) << step;
  const std::span<const double> found = device.trainer.parameters().values(), wanted = cpu.trainer.parameters().values();
  for (std::size_t e = 0; e < found.size(); ++e) EXPECT_NEAR(found[e], wanted[e], 1e-4) << "element " << e;
}

class OpenClUpdate : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "drivers of OpenCL and their compilers are not built for sanitizers";
#endif
    if (const std::string why = why_not(Backend::opencl); !why.empty()) GTEST_SKIP() << why;
    setenv("DGEN_OPENCL_OPTIONS", "-cl-opt-disable", 0);
  }
};

TEST_F(OpenClUpdate, MovesParametersByARule) { check_optimizer(Backend::opencl, "adam", {.norm = 0.1}); }

/// The figures of both trainers after training from 237 Hz and 8.5 Hz towards 300 Hz and 10 Hz.
TEST_F(OpenClUpdate, TrainsTwoFrequenciesLikeTheCpu) {
  const std::vector<float> wanted = two_frequencies::target();
  std::vector<double> found[2];
  for (const Backend backend : {Backend::cpu, Backend::opencl}) {
    two_frequencies::Task task;
    const TrainerOptions options{
        .sample_rate = two_frequencies::rate, .channels = {wanted}, .compile = {.backend = backend, .name = "training"}};
    Trainer trainer(task.g, task.loss, Sgd{.learning_rate = two_frequencies::learning_rate}, options);
    EXPECT_EQ(trainer.objective().updates(), backend == Backend::opencl);
    for (int step = 0; step < 120; ++step) trainer.step();
    const std::span<const double> values = trainer.parameters().values();
    found[backend == Backend::opencl ? 1 : 0].assign(values.begin(), values.end());
  }
  EXPECT_NEAR(found[1][0] / found[0][0], 1, 1e-3);
  EXPECT_NEAR(found[1][1] / found[0][1], 1, 1e-3);
  EXPECT_NEAR(found[1][0], 300, 0.3);
  EXPECT_NEAR(found[1][1], 10, 0.01);
}

}  // namespace
