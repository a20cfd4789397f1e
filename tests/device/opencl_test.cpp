// OpenCL on whatever has it here (PoCL in CI): what an engine owes its callers.

#include "engine/opencl.h"

#include <cstdlib>

#include "base/subprocess.h"
#include "dgen/compare.h"
#include "dgen/devices.h"
#include "dgen/dsp.h"
#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "dgen/memory.h"
#include "dgen/tensor.h"
#include "support/engines.h"
#include "support/expect_error.h"
#include "support/play.h"
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
  static Program compile(const Graph& g) { return dgen::compile(g, {.backend = Backend::opencl}); }
};

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

TEST_F(OpenCl, SaysWhatItsCompilerSays) {
  expect_error(ErrorCode::compiler_failed, "no_such_type", [] { engine::build_opencl("__kernel void f(no_such_type x) {}"); });
}

TEST_F(OpenCl, SaysThatMemoryIsShort) {
  const auto code = engine::build_opencl("__kernel void f(__global uchar* m) { m[0] = 1; }");
  const std::string kernels[] = {"f"};
  expect_error(ErrorCode::limit_exceeded, "bytes of memory", [&] { code->make_queue(kernels, std::int64_t{1} << 46); });
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
