// OpenCL: the suite of devices on whatever OpenCL has here (PoCL in CI), and what an engine owes its callers.

#include "engine/opencl.h"

#include <cstdlib>

#include "base/subprocess.h"
#include "device/gradient_suite.h"
#include "dgen/devices.h"
#include "dgen/dsp.h"
#include "dgen/tensor.h"
#include "dgen/train.h"
#include "dgen/views.h"
#include "runtime/device_segment_data.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen;
using dgen_test::Channels;

class OpenCl : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // PoCL optimises every kernel as it is first run, for seconds; what is tested are our kernels.
    setenv("DGEN_OPENCL_OPTIONS", "-cl-opt-disable", 0);
  }
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "drivers of OpenCL and their compilers are not built for sanitizers; the shim runs the same host code";
#endif
    const std::vector<DeviceInfo> all = devices();
    const DeviceInfo first = *std::ranges::find(all, Backend::opencl, &DeviceInfo::backend);
    if (!first.why_not.empty()) GTEST_SKIP() << "no OpenCL device here: " << first.why_not;
  }
  /// Devices refuse what they do not run.
  static bool takes(const Graph& g) {
    try {
      const Graph* const graphs[] = {&g};
      const std::string names[] = {"patch"};
      runtime::device_programs(Backend::opencl, graphs, names, render::opencl_dialect(),
                               [](const std::string&) { return nullptr; });
      return true;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::bad_type) << e.what();
      return false;
    }
  }
  static bool takes_segment(const std::vector<Signal>& wanted) {
    try {
      const std::string names[] = {"segment"};
      runtime::device_segments(Backend::opencl, std::span(&wanted, 1), names, {}, render::opencl_dialect(),
                               [](const std::string&) { return nullptr; });
      return true;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::bad_type) << e.what();
      return false;
    }
  }
  static std::vector<SegmentProgram> compile_all(std::span<const std::vector<Signal>> wanted) {
    return compile_segments(wanted, {.compile = {.backend = Backend::opencl}});
  }
  static Program compile(const Graph& g) { return dgen::compile(g, {.backend = Backend::opencl}); }
};

TEST_F(OpenCl, ComputesEveryOp) { device_suite::check_ops(compile); }
TEST_F(OpenCl, ComputesEveryComposite) { device_suite::check_composites(compile); }
TEST_F(OpenCl, ComputesTensors) { device_suite::check_tensors(compile, takes, 5); }
TEST_F(OpenCl, ComputesTensorsEveryFrame) { device_suite::check_frame_tensors(compile, takes); }
TEST_F(OpenCl, ComputesRandomTensors) { device_suite::check_random_tensors(compile, 3, 0, takes); }
TEST_F(OpenCl, ComputesLosses) { device_suite::check_losses(compile_all, takes_segment, 3); }
TEST_F(OpenCl, ComputesGradientsOfTensorOps) { device_suite::check_tensor_gradients(compile_all, takes_segment, 15, 0); }
TEST_F(OpenCl, ComputesGradientsOfComposites) { device_suite::check_composite_gradients(compile_all, takes_segment, 25, 0); }
TEST_F(OpenCl, ComputesGradientsOfRandomGraphs) { device_suite::check_random_gradients(compile_all, takes_segment, 5, 0); }
TEST_F(OpenCl, ComputesRandomGraphs) { device_suite::check_random_graphs(compile, 12, 0); }

/// A patch with a state of every kind: phases, scans, a loop, a delay line, a table, noise.
std::unique_ptr<Graph> patch_of_states() {
  auto g = std::make_unique<Graph>();
  const Signal cutoff = g->param("cutoff", 900, {.min = 20, .max = 20000});
  const Signal x = g->input(0);
  const Signal smooth = svf(x + 0.1 * noise(*g), cutoff, 2.0);
  const Signal echo = g->feedback();
  g->close(echo, 0.5 * delay(smooth + echo, 100.0, 200.0));
  const Signal t = table(*g, {0.5, 0.25, -1});
  g->output(tanh(echo) + phasor(cutoff) + phasor(200.0 * x));
  g->output(seq(memory_write(t, 1.0, x), memory_read(t, 0.0) + memory_read(t, 1.0)));
  return g;
}

TEST_F(OpenCl, SavesAndRestoresItsStatesByName) {
  const auto g = patch_of_states();
  const Program program = compile(*g);
  const std::vector<float> x(500, 0.25f);
  const auto play = [&](Instance& instance, std::int64_t frames) {
    std::vector<std::vector<float>> y(2, std::vector<float>(static_cast<std::size_t>(frames)));
    const float* in[] = {x.data()};
    float* out[] = {y[0].data(), y[1].data()};
    instance.process(in, out, frames);
    return y;
  };
  Instance one(program, 48000), other(program, 44100);
  play(one, 321);
  one.set("cutoff", 2000);
  const SavedState saved = one.save();
  for (const StateInfo& state : program.states())
    EXPECT_EQ(static_cast<std::int64_t>(saved.at(state.name).size()), state.elements);
  const auto expected = play(one, 130);
  Instance again(program, 48000);
  again.set("cutoff", 2000);
  play(again, 77);
  again.restore(saved);
  EXPECT_EQ(play(again, 130), expected);
  one.reset();
  again.reset();
  EXPECT_EQ(play(one, 100), play(again, 100));
  EXPECT_EQ(again.failure(), "");
}

TEST_F(OpenCl, FollowsParametersAndFramesOfManyBlocks) {
  const auto g = patch_of_states();
  const Program program = compile(*g);
  Instance instance(program, 48000);
  Interpreter reference(*g, 48000);
  for (const double cutoff : {900.0, 300.0, 12000.0, 12000.0}) {
    constexpr std::int64_t frames = 20000;  // more than the kernels get at once
    const std::vector<double> x = dgen_test::white_noise(frames);
    const std::vector<float> from(x.begin(), x.end());
    std::vector<float> y0(frames), y1(frames);
    const float* in[] = {from.data()};
    float* out[] = {y0.data(), y1.data()};
    instance.set("cutoff", cutoff);
    reference.set("cutoff", cutoff);
    instance.process(in, out, frames);
    Channels exact(2, std::vector<double>(frames));
    reference.process(Channels{x}, exact, frames);
    for (std::size_t n = 0; n < y0.size(); ++n) {
      const double wrapped = std::remainder(static_cast<double>(y0[n]) - exact[0][n], 1.0);  // a phase at its wrap
      ASSERT_NEAR(wrapped, 0, 2e-4) << "at frame " << n;
      ASSERT_NEAR(static_cast<double>(y1[n]), exact[1][n], 1e-6) << "at frame " << n;
    }
  }
}

/// The figures of both back ends after training from 237 Hz and 8.5 Hz towards 300 Hz and 10 Hz.
TEST_F(OpenCl, TrainsTwoFrequenciesLikeTheCpu) {
  constexpr std::int64_t frames = 4096;
  const auto voice = [](Signal frequency, Signal lfo) { return sin(two_pi * phasor(frequency)) * phasor(lfo); };
  Graph target;
  target.output(voice(target.constant(300.0), target.constant(10.0)));
  const Channels sound = dgen_test::run(target, dgen_test::Engine::float64, {}, frames, 44100);
  const std::vector<float> wanted(sound[0].begin(), sound[0].end());
  std::vector<double> found[2];
  for (const bool device : {false, true}) {
    Graph g;
    const Signal out = voice(g.param("frequency", 237), g.param("lfo", 8.5));
    const Signal loss = 100.0 * spectral_loss(out, g.input(),
                                              {.window = 1024,
                                               .hop = 256,
                                               .window_function = WindowFunction::hann,
                                               .padding = Padding::none,
                                               .normalisation = Normalisation::orthonormal}) +
                        0.003 * mse(out, g.input());
    TrainerOptions options{.sample_rate = 44100, .channels = {wanted}};
    options.compile.backend = device ? Backend::opencl : Backend::cpu;
    Trainer trainer(g, loss, Sgd{.learning_rate = 0.03}, options);
    for (int step = 0; step < 120; ++step) trainer.step();
    found[device ? 1 : 0] = {trainer.parameters().value("frequency"), trainer.parameters().value("lfo")};
  }
  EXPECT_NEAR(found[1][0] / found[0][0], 1, 1e-3);
  EXPECT_NEAR(found[1][1] / found[0][1], 1, 1e-3);
  EXPECT_NEAR(found[1][0], 300, 0.3);
  EXPECT_NEAR(found[1][1], 10, 0.01);
}

TEST_F(OpenCl, SaysWhatItsCompilerSays) {
  expect_error(ErrorCode::compiler_failed, "no_such_type", [] { engine::build_opencl("__kernel void f(no_such_type x) {}"); });
}

TEST_F(OpenCl, SaysThatMemoryIsShort) {
  const auto code = engine::build_opencl("__kernel void f(__global uchar* m) { m[0] = 1; }");
  const std::string kernels[] = {"f"};
  expect_error(ErrorCode::limit_exceeded, "bytes of memory", [&] { code->make_queue(kernels, std::int64_t{1} << 46); });
}

TEST_F(OpenCl, RefusesLoopsInWhichElementsMeetByName) {
  Graph g;
  const Signal state = ops::cell(tensor(g, {1, 0}));
  g.close(state, 0.5 * flip(state, {0}) + g.input());
  g.output(sum_to(state, {}));
  expect_error(ErrorCode::bad_type, "a loop over tensors in which elements meet", [&] { compile(g); });
}

std::string devices_with(const std::string& variable) {
  return base::run({.program = "/usr/bin/env", .arguments = {variable, DGEN_TOOL, "devices"}}).output;
}

TEST(NoOpenCl, IsSaidWhereNoDriverIsThere) {
  const std::string said = devices_with("OCL_ICD_VENDORS=/nowhere");
  EXPECT_NE(said.find("opencl: not used: no OpenCL"), std::string::npos) << said;
  EXPECT_NE(said.find("cpu: compiled C"), std::string::npos) << said;
}

TEST(NoOpenCl, IsSaidWhereNoLoaderIsThere) {
  const TemporaryFolder folder;
  spill(folder / "libOpenCL.so.1", "no library");
  const std::string said = devices_with("LD_LIBRARY_PATH=" + folder.path().string());
  EXPECT_NE(said.find("opencl: not used: no OpenCL: cannot load libOpenCL.so.1"), std::string::npos) << said;
  EXPECT_NE(said.find("ocl-icd-libopencl1"), std::string::npos) << said;
}

}  // namespace
