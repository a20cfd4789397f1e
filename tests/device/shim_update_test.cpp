// Training steps that end on a device, by every optimiser's rule, as the kernels of Metal and CUDA compute them on this machine:
// against the host's rule, and against each other.

#include <gtest/gtest.h>

#include "dgen/dsp.h"
#include "dgen/fourier.h"
#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "dgen/train.h"
#include "runtime/segment_executor.h"
#include "support/devices.h"
#include "support/play.h"
#include "support/segment_parity.h"
#include "train/device_rules.h"

namespace {

using namespace dgen;
using device_suite::Device;

constexpr std::int64_t frames = 128;
constexpr Clip clip{.value = 20, .norm = 5};

/// Parameters of every mapping, one at the end of its range, and one whose slope has a square that no double holds.
struct Problem {
  Graph g;
  std::vector<Signal> wanted;
  Problem() {
    const Signal gain = g.param("gain", 0.5, {.min = 0.01, .max = 4, .mapping = Mapping::decibel});
    const Signal cutoff = g.param("cutoff", 3000, {.min = 20, .max = 20000, .mapping = Mapping::log});
    const Signal offset = g.param("offset", 0.1, {.min = -1, .max = 0.1}), steep = g.param("steep", 0.25);
    const Signal out = gain * biquad_lowpass(g.input(0), cutoff, 0.7) + offset;
    wanted = {esr(out, g.input(1)) + 1e160 * steep};
    const Signal by[] = {gain, cutoff, offset, steep};
    for (const Signal slope : gradient(wanted[0], by).of) wanted.push_back(slope);
  }
};

/// What every step left of values and memory.
using Steps = std::vector<std::vector<double>>;

/// Six steps on a device; each against the host's rule with the device's gradients.
Steps trained(const Device& device, const Optimizer& optimizer) {
  Problem problem;
  Parameters parameters(problem.g);
  const auto spec = train::update_spec(optimizer, parameters, clip);
  for (std::size_t k = 0; k < spec->parameters.size(); ++k) spec->parameters[k].gradient = static_cast<int>(k) + 1;
  const SegmentProgram program = device.compile_segments(std::span(&problem.wanted, 1), {.update = spec}).front();
  Segment segment(program, 48000, frames);
  EXPECT_TRUE(segment.executor().updates());
  Descent descent(optimizer, parameters, {}, clip);
  const std::vector<double> noise[] = {dgen_test::white_noise(frames, 3), dgen_test::white_noise(frames, 4)};
  const std::vector<float> x(noise[0].begin(), noise[0].end()), target(noise[1].begin(), noise[1].end());
  const float* const in[] = {x.data(), target.data()};
  std::vector<double> settings, rates, values(4), slots;
  Steps all;
  for (int step = 1; step <= 6; ++step) {
    train::step_settings(optimizer, descent.learning_rate(), step, settings);
    train::element_rates(parameters, rates);
    std::ranges::copy(parameters.values(), values.begin());
    slots.clear();
    for (int s = 0; s < descent.slots(); ++s) slots.insert(slots.end(), descent.slot(s).begin(), descent.slot(s).end());
    runtime::UpdateStep update{
        .settings = settings, .rates = rates, .values = values, .gradients = parameters.gradients(), .slots = slots};
    segment.executor().step(update, in, frames, From::reset, step > 1);
    EXPECT_EQ(segment.failure(), "");
    const StepReport report = descent.step(parameters);
    EXPECT_EQ(report.not_finite, -1);
    EXPECT_EQ(parameters.gradients().back(), 1e160);
    EXPECT_NEAR(update.norm / report.gradient_norm, 1, 1e-12);
    for (std::size_t e = 0; e < values.size(); ++e) EXPECT_NEAR(values[e] / parameters.values()[e], 1, 1e-11) << "element " << e;
    all.push_back(values);
    all.back().insert(all.back().end(), slots.begin(), slots.end());
  }
  return all;
}

/// A loss of the spectrum of a parameter, whose last sums are transformed in vectors: their step ends on the host.
TEST(MetalOnShim, StepsWhoseLastNumbersMoveLanesEndOnTheHost) {
  Graph g;
  const Signal table = g.param("table", extents({64}), initial::Normal{.deviation = 0.3, .seed = 3});
  const Signal loss = mse(sum(table) * g.input(0), g.input(1)) + mean(mean(abs(rfft(table))));
  std::vector<Signal> wanted{loss};
  const Signal by[] = {table};
  for (const Signal slope : gradient(loss, by).of) wanted.push_back(slope);
  Parameters parameters(g);
  auto spec = train::update_spec(optimizer_by_name("adam", 0.05), parameters, clip);
  for (std::size_t k = 0; k < spec->parameters.size(); ++k) spec->parameters[k].gradient = static_cast<int>(k) + 1;
  const std::vector<double> noise[] = {dgen_test::white_noise(frames, 3), dgen_test::white_noise(frames, 4)};
  const std::vector<std::vector<double>> in(noise, noise + 2);
  const auto expected = SegmentInterpreter(g, wanted, 48000).evaluate(in, frames);
  for (const char* name : {"CudaOnShim", "MetalOnShim"}) {
    const Device& device = *std::ranges::find(device_suite::every_device(), std::string_view(name), &Device::name);
    const SegmentProgram program = device.compile_segments(std::span(&wanted, 1), {.update = spec}).front();
    EXPECT_FALSE(Segment(program, 48000, frames).executor().updates());
    EXPECT_LT(dgen::testing::difference(expected, dgen::testing::results(program, in, frames)), 1e-3) << name;
  }
}

TEST(MetalOnShim, MovesParametersByEveryRule) {
  const std::vector<Device>& all = device_suite::every_device();
  const auto shim = [&](std::string_view name) { return *std::ranges::find(all, name, &Device::name); };
  for (const char* rule : {"sgd:momentum=0.9,nesterov=1,weight_decay=0.01", "adam:weight_decay=0.01",
                           "rmsprop:centered=1,momentum=0.5", "adagrad:learning_rate_decay=0.1", "lion:weight_decay=0.1"}) {
    SCOPED_TRACE(rule);
    const Optimizer optimizer = optimizer_by_name(rule, 0.05);
    const Steps metal = trained(shim("MetalOnShim"), optimizer), cuda = trained(shim("CudaOnShim"), optimizer);
    EXPECT_EQ(metal, cuda);  // doubles in integers have the bits of others
  }
}

}  // namespace
