// What becomes of rendering and training when a device fails, on what stands for CUDA's driver and before OpenCL's loader:
// Backend::automatic goes on on the CPU and loses nothing; Backend::cuda says what failed and leaves parameters and checkpoints
// as they were.

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/dynlib.h"
#include "base/subprocess.h"
#include "dgen/candidates.h"
#include "dgen/devices.h"
#include "dgen/dsp.h"
#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/train.h"
#include "support/expect_error.h"
#include "support/play.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen;

class FakeCudaFallback : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::getenv("DGEN_FAKE_CUDA")) GTEST_SKIP() << "run by ctest as device_fake_cuda";
    fail("");
  }
  void TearDown() override { unsetenv("FAKE_CUDA_FAIL"); }

  /// From here on: the calls are counted anew, and the one that `call` names fails; none where it is empty.
  static void fail(const char* call) {
    static const base::DynamicLibrary driver("libcuda.so.1");
    reinterpret_cast<void (*)()>(driver.symbol("fake_cuda_reset"))();
    setenv("FAKE_CUDA_FAIL", call, 1);
  }

  static constexpr std::int64_t many = std::int64_t{1} << 24;  ///< frames for which a GPU is worth its launches
};

/// A filter and a phase, whose states go on from call to call.
void patch(Graph& g) {
  const Signal cutoff = g.param("cutoff", 900, {.min = 20, .max = 20000});
  g.output(biquad_lowpass(g.input(), cutoff, 0.7) + 0.2 * sin(two_pi * phasor(cutoff)));
}

TEST_F(FakeCudaFallback, InstancesGoOnWithoutLosingAFrame) {
  Graph g;
  patch(g);
  const Program chosen = compile(g, {.backend = Backend::automatic, .frames = many}), cpu = compile(g);
  ASSERT_EQ(chosen.backend(), Backend::cuda) << chosen.choice();
  EXPECT_EQ(cpu.choice(), "");
  for (const char* call : {"", "alloc:1", "copy:1", "copy:9", "launch:8"}) {
    SCOPED_TRACE(call);
    fail(call);
    Instance one(chosen, 48000), exact(cpu, 48000);
    for (int block = 0; block < 4; ++block) {
      const std::vector<double> noise = dgen_test::white_noise(500, static_cast<std::uint32_t>(block));
      std::vector<float> x(noise.begin(), noise.end()), y(500);
      const float* in[] = {x.data()};
      float *out[] = {y.data()}, *same[] = {x.data()};
      for (Instance* instance : {&one, &exact}) instance->set("cutoff", 900 + 500 * block);
      exact.process(in, out, 500);
      one.process(in, same, 500);
      for (std::size_t n = 0; n < y.size(); ++n) ASSERT_NEAR(x[n], y[n], 2e-6) << "block " << block << ", frame " << n;
    }
    EXPECT_EQ(one.failure(), "");
    EXPECT_EQ(one.fallback().empty(), *call == 0) << one.fallback();
    if (*call) expect_error(ErrorCode::state_mismatch, "the CPU goes on", [&] { static_cast<void>(one.save()); });
  }
}

/// A GPU is here, and would run 8 candidates of so long a segment at once, frame after frame: the CPU is the faster, and runs as
/// many as suit it.
TEST_F(FakeCudaFallback, CandidatesThatTheCpuRunsHaveItsLanes) {
  Graph g;
  const Signal state = ops::cell(g.constant(0));
  const Signal next = tanh(g.param("feedback", 0.5) * state + g.input());
  g.close(state, next);
  constexpr std::int64_t frames = 1 << 18;
  const std::vector<float> x(frames, 0.5f);
  const CandidateLosses losses(time_mean(next * next),
                               {.frames = frames, .channels = {x}, .compile = {.backend = Backend::automatic}});
  EXPECT_EQ(losses.program().backend(), Backend::cpu) << losses.program().choice();
  EXPECT_EQ(losses.lanes(), 16) << losses.why_lanes();
}

TEST_F(FakeCudaFallback, InstancesWhoseStatesWereRestoredSaySo) {
  Graph g;
  patch(g);
  Instance one(compile(g, {.backend = Backend::automatic, .frames = many}), 48000);
  one.restore(one.save());
  fail("launch:1");
  float y[8];
  float* out[] = {y};
  one.process(nullptr, out, 8);
  EXPECT_NE(one.failure().find("CUDA_ERROR_LAUNCH_FAILED"), std::string::npos) << one.failure();
  EXPECT_EQ(y[7], 0);
}

/// Learns a low-pass filter from noise, beside enough to compute for a GPU.
struct Fit {
  static constexpr std::int64_t frames = 4096;
  Graph g;
  std::vector<float> x, target;
  Signal loss;
  Fit() {
    const std::vector<double> noise = dgen_test::white_noise(4 * frames, 3);
    x.assign(noise.begin(), noise.end());
    target = x;
    for (std::size_t n = 1; n < target.size(); ++n) target[n] = 0.4f * x[n] + 0.6f * target[n - 1];
    const Signal cutoff = g.param("cutoff", 3000, {.min = 20, .max = 20000, .mapping = Mapping::log});
    Signal more = g.constant(0);
    for (int k = 1; k < 40; ++k) more = more + exp(sin(k * g.input(0))) * tanh(g.input(0) - 0.1 * k);
    loss = mse(g.param("gain", 0.5) * biquad_lowpass(g.input(0), cutoff, 0.7) + 1e-3 * more, g.input(1));
  }
  TrainerOptions options(Backend backend, SegmentOrder order) const {
    TrainerOptions made{.frames = frames, .channels = {x, target}, .order = order, .seed = 3};
    made.pre_roll = order == SegmentOrder::random ? 300 : 0;
    made.carry_state = order == SegmentOrder::consecutive;
    made.compile = {.backend = backend, .name = "training"};
    return made;
  }
};

class Fitting {
 public:
  Fitting(Backend backend, SegmentOrder order)
      : trainer_(fit_.g, fit_.loss, Adam{.learning_rate = 0.05}, fit_.options(backend, order)) {}
  Trainer* operator->() { return &trainer_; }

 private:
  Fit fit_;
  Trainer trainer_;
};

TEST_F(FakeCudaFallback, TrainingGoesOnWithoutLosingAStep) {
  for (const SegmentOrder order : {SegmentOrder::first, SegmentOrder::random, SegmentOrder::consecutive}) {
    SCOPED_TRACE(static_cast<int>(order));
    Fitting chosen(Backend::automatic, order), cpu(Backend::cpu, order);
    ASSERT_EQ(chosen->objective().program().backend(), Backend::cuda) << chosen->objective().program().choice();
    for (int step = 0; step < 6; ++step) {
      if (step == 2) fail("launch:9");
      const Metrics found = chosen->step(), wanted = cpu->step();
      EXPECT_EQ(found.step, wanted.step);
      EXPECT_EQ(found.start, wanted.start);
      EXPECT_NEAR(found.loss / wanted.loss, 1, 2e-4) << "step " << step;
    }
    EXPECT_NE(chosen->objective().fallback().find("CUDA_ERROR_LAUNCH_FAILED"), std::string::npos);
    fail("");
  }
}

TEST_F(FakeCudaFallback, TrainingThatFindsNoMemoryBeginsOnTheCpu) {
  fail("alloc:1");
  Fitting chosen(Backend::automatic, SegmentOrder::first);
  EXPECT_NE(chosen->objective().fallback().find("run shorter segments"), std::string::npos) << chosen->objective().fallback();
  EXPECT_TRUE(std::isfinite(chosen->step().loss));
}

TEST_F(FakeCudaFallback, AStepThatFailsLeavesTheParameters) {
  const TemporaryFolder folder;
  Fitting device(Backend::cuda, SegmentOrder::random), cpu(Backend::cpu, SegmentOrder::random);
  for (int k = 0; k < 3; ++k) device->step();
  const std::vector<double> before(device->parameters().values().begin(), device->parameters().values().end());
  for (const char* call : {"launch:2", "copy:3", "copy:1"}) {
    fail(call);
    expect_error(ErrorCode::backend_unavailable, "step 3", [&] { device->step(); });
    EXPECT_EQ(device->steps(), 3);
    EXPECT_TRUE(std::ranges::equal(device->parameters().values(), before)) << call;
  }
  device->save_checkpoint(folder / "c");  // the device is not needed for it
  cpu->resume(folder / "c");
  fail("");
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(device->step().loss / cpu->step().loss, 1, 1e-4);
}

struct Failure {
  const char* call;
  const char* said;
};

/// `dgen render` with a call that fails; of many frames a call, so that a GPU is worth its launches.
base::Completed render(const std::string& variable, const std::string& backend, const TemporaryFolder& folder,
                       const std::string& out) {
  return base::run({.program = "/usr/bin/env",
                    .arguments = {variable, "DGEN_OPENCL_OPTIONS=-cl-opt-disable", DGEN_TOOL, "render", folder / "echo.genexpr",
                                  "--seconds", "1", "--block", "16777216", "--backend", backend, "-o", out}});
}

/// What each failure says on the back end, and that automatic goes on with the same samples as the CPU's.
void expect_said_or_gone_on(const std::string& backend, const std::string& variable, std::span<const Failure> failures) {
  const TemporaryFolder folder;
  spill(folder / "echo.genexpr", "Delay line(4800); y = noise() + 0.5 * line.read(2400); line.write(y); out1 = y;");
  ASSERT_TRUE(render("A=1", "cpu", folder, folder / "cpu.wav").succeeded());
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.call);
    const std::string fails = variable + "=" + failure.call;
    const auto refused = render(fails, backend, folder, folder / "device.wav");
    EXPECT_EQ(refused.exit_code, 1) << refused.errors;
    EXPECT_NE(refused.errors.find(failure.said), std::string::npos) << refused.errors;
    EXPECT_NE(refused.errors.find("take the cpu back end"), std::string::npos) << refused.errors;
    EXPECT_FALSE(std::filesystem::exists(folder / "device.wav"));
    const auto went_on = render(fails, "auto", folder, folder / "auto.wav");
    EXPECT_TRUE(went_on.succeeded()) << went_on.errors;
    EXPECT_NE(went_on.errors.find(failure.said), std::string::npos) << went_on.errors;
    EXPECT_EQ(slurp(folder / "auto.wav"), slurp(folder / "cpu.wav"));
    std::filesystem::remove(folder / "auto.wav");
  }
}

TEST_F(FakeCudaFallback, RenderingSaysWhatFailedOrGoesOn) {
  constexpr Failure failures[] = {{"alloc:1", "bytes of memory: CUDA_ERROR_OF_THE_FAKE (out of memory)"},
                                  {"module:1", "refuses the compiled kernels"},
                                  {"compile:1", "error: too many registers"},
                                  {"launch:2", "launching kernel dgen_patch_"},
                                  {"copy:4", "memory failed: CUDA_ERROR_LAUNCH_FAILED"}};
  expect_said_or_gone_on("cuda", "FAKE_CUDA_FAIL", failures);
}

TEST(FakeOpenClFallback, RenderingSaysWhatFailedOrGoesOn) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "drivers of OpenCL and their compilers are not built for sanitizers";
#endif
  if (!std::getenv("DGEN_FAKE_OPENCL")) GTEST_SKIP() << "run by ctest as device_fake_opencl";
  const std::vector<DeviceInfo> all = devices();
  const DeviceInfo first = *std::ranges::find(all, Backend::opencl, &DeviceInfo::backend);
  if (!first.why_not.empty()) GTEST_SKIP() << "no OpenCL device here: " << first.why_not;
  constexpr Failure failures[] = {{"buffer:1", "bytes of memory, error -4 (memory object allocation failure)"},
                                  {"build:1", "refuses the generated source, error -11 (build failure)"},
                                  {"launch:2", "launching kernel dgen_patch_"},
                                  {"copy:4", "memory failed, error -36 (invalid command queue: the device may be lost)"}};
  expect_said_or_gone_on("opencl", "FAKE_OPENCL_FAIL", failures);
}

}  // namespace
