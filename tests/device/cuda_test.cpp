// CUDA on a GPU, or on what stands for its driver (fake_cuda.cpp): what an engine owes its callers.

#include "engine/cuda.h"

#include <cstdlib>

#include "base/subprocess.h"
#include "dgen/devices.h"
#include "dgen/dsp.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen;

const DeviceInfo& cuda_device() {
  static const DeviceInfo first = [] {
    for (const DeviceInfo& one : devices()) {
      if (one.backend == Backend::cuda) return one;
    }
    return DeviceInfo{.backend = Backend::cuda, .why_not = "not listed"};
  }();
  return first;
}

class Cuda : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cuda_device().why_not.empty()) GTEST_SKIP() << "no CUDA device here: " << cuda_device().why_not;
  }
};

TEST_F(Cuda, SaysWhatItsCompilerSays) {
  expect_error(ErrorCode::compiler_failed, "no_such_type",
               [] { engine::build_cuda("extern \"C\" __global__ void f(no_such_type x) {}"); });
}

TEST_F(Cuda, SaysThatMemoryIsShort) {
  const auto code = engine::build_cuda("extern \"C\" __global__ void f(unsigned char* m, int, long long, int) { m[0] = 1; }");
  const std::string kernels[] = {"f"};
  expect_error(ErrorCode::limit_exceeded, "bytes of memory", [&] { code->make_queue(kernels, std::int64_t{1} << 46); });
  const std::string unknown[] = {"g"};
  expect_error(ErrorCode::backend_unavailable, "finding kernel g", [&] { code->make_queue(unknown, 64); });
}

/// What stands for the driver can lose its device.
class FakeCuda : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::getenv("DGEN_FAKE_CUDA")) GTEST_SKIP() << "run by ctest as device_fake_cuda";
  }
  static base::Completed dgen_with(const std::string& variable, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {variable, DGEN_TOOL});
    return base::run({.program = "/usr/bin/env", .arguments = std::move(arguments)});
  }
};

TEST_F(FakeCuda, ListsItsDevices) {
  const std::string said = dgen_with("A=1", {"devices"}).output;
  EXPECT_NE(said.find("cuda: Fake GPU 0, driven by CUDA 12.4; --backend cuda takes it"), std::string::npos) << said;
  EXPECT_NE(said.find("cuda: Fake GPU 1, driven by CUDA 12.4; DGEN_CUDA_DEVICE=NAME takes it"), std::string::npos) << said;
  const std::string chosen = dgen_with("DGEN_CUDA_DEVICE=GPU 1", {"devices"}).output;
  EXPECT_NE(chosen.find("cuda: Fake GPU 1, driven by CUDA 12.4; --backend cuda takes it"), std::string::npos) << chosen;
}

TEST_F(FakeCuda, SaysThatThereIsNoGpu) {
  const std::string said = dgen_with("FAKE_CUDA_NO_DEVICE=1", {"devices"}).output;
  EXPECT_NE(said.find("cuda: not used: no CUDA: the driver does not start, error 100: no CUDA-capable device is detected"),
            std::string::npos)
      << said;
}

TEST_F(FakeCuda, SaysThatNvrtcIsMissing) {
  const std::string said = dgen_with("DGEN_NVRTC=/nowhere/libnvrtc.so", {"devices"}).output;
  EXPECT_NE(said.find("not used: DGEN_NVRTC: cannot load /nowhere/libnvrtc.so"), std::string::npos) << said;
}

TEST_F(FakeCuda, EndsARenderWhoseDeviceIsLost) {
  const TemporaryFolder folder;
  spill(folder / "echo.genexpr", "Delay line(4800); y = in1 + 0.5 * line.read(2400); line.write(y); out1 = y;");
  const std::string out = folder / "out.wav";
  const auto done =
      dgen_with("FAKE_CUDA_LOST=2", {"render", folder / "echo.genexpr", "--seconds", "1", "--backend", "cuda", "-o", out});
  EXPECT_FALSE(done.succeeded());
  EXPECT_NE(done.errors.find("CUDA_ERROR_LAUNCH_FAILED"), std::string::npos) << done.errors;
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(NoCuda, IsSaidWhereNoDriverIsThere) {
  const TemporaryFolder folder;
  spill(folder / "libcuda.so.1", "no library");
  const std::string said =
      base::run({.program = "/usr/bin/env", .arguments = {"LD_LIBRARY_PATH=" + folder.path().string(), DGEN_TOOL, "devices"}})
          .output;
  EXPECT_NE(said.find("cuda: not used: no CUDA: cannot load libcuda.so.1"), std::string::npos) << said;
  EXPECT_NE(said.find("install NVIDIA's driver"), std::string::npos) << said;
}

}  // namespace
