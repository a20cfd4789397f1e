// CUDA and Metal: the suite of devices on their kernels, which the host's compiler compiles and a shim runs.

#include "device/shim.h"

#include "base/whole_file.h"
#include "device/gradient_suite.h"
#include "engine/cuda.h"
#include "engine/cuda_api.h"
#include "runtime/device_segment_data.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

Program compile_for(const Graph& g, const render::DeviceDialect& dialect, const runtime::BuildDeviceCode& build) {
  const Graph* const graphs[] = {&g};
  const std::string names[] = {"patch"};
  return Program(runtime::device_programs(Backend::cuda, graphs, names, dialect, build).front());
}

/// Why NVRTC cannot compile here; empty where it can.
std::string no_nvrtc() {
  try {
    engine::cuda::compiler();
    return {};
  } catch (const Error& e) {
    return e.what();
  }
}

/// Where there is NVRTC, the text must pass it as well.
Program cuda(const Graph& g) {
  static const bool has_nvrtc = no_nvrtc().empty();
  return compile_for(g, render::cuda_dialect(), [](const std::string& text) {
    if (has_nvrtc) {
      EXPECT_NE(engine::compile_cuda(text, 90).find(".visible .entry"), std::string::npos);
    }
    return device_shim::build(device_shim::cuda, text, device_shim::launch_cuda);
  });
}

Program metal(const Graph& g) {
  return compile_for(g, render::metal_dialect(), [](const std::string& text) {
    return device_shim::build(device_shim::metal, text, device_shim::launch_metal);
  });
}

std::vector<SegmentProgram> compile_segments_for(std::span<const std::vector<Signal>> wanted,
                                                 const render::DeviceDialect& dialect, const runtime::BuildDeviceCode& build) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < wanted.size(); ++k) names.push_back("segment" + std::to_string(k));
  std::vector<SegmentProgram> programs;
  for (const auto& data : runtime::device_segments(Backend::cuda, wanted, names, {}, dialect, build)) programs.emplace_back(data);
  return programs;
}

std::vector<SegmentProgram> cuda_segments(std::span<const std::vector<Signal>> wanted) {
  return compile_segments_for(wanted, render::cuda_dialect(), [](const std::string& text) {
    return device_shim::build(device_shim::cuda, text, device_shim::launch_cuda);
  });
}

std::vector<SegmentProgram> metal_segments(std::span<const std::vector<Signal>> wanted) {
  return compile_segments_for(wanted, render::metal_dialect(), [](const std::string& text) {
    return device_shim::build(device_shim::metal, text, device_shim::launch_metal);
  });
}

/// What is refused is refused as no device takes it, or as Metal has no double precision.
bool is_taken(const render::DeviceDialect& dialect, const std::vector<Signal>& wanted) {
  try {
    compile_segments_for(std::span(&wanted, 1), dialect, [](const std::string&) { return nullptr; });
    return true;
  } catch (const Error& e) {
    EXPECT_TRUE(e.code() == ErrorCode::bad_type || (!dialect.has_double && e.code() == ErrorCode::backend_unavailable))
        << e.what();
    return false;
  }
}
bool cuda_takes_segment(const std::vector<Signal>& wanted) { return is_taken(render::cuda_dialect(), wanted); }
bool metal_takes_segment(const std::vector<Signal>& wanted) { return is_taken(render::metal_dialect(), wanted); }

bool cuda_takes(const Graph& g) {
  try {
    compile_for(g, render::cuda_dialect(), [](const std::string&) { return nullptr; });
    return true;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::bad_type) << e.what();
    return false;
  }
}

/// Metal refuses what needs double precision.
bool metal_takes(const Graph& g) {
  try {
    compile_for(g, render::metal_dialect(), [](const std::string&) { return nullptr; });
    return true;
  } catch (const Error& e) {
    EXPECT_TRUE(e.code() == ErrorCode::backend_unavailable || e.code() == ErrorCode::bad_type) << e.what();
    return false;
  }
}

TEST(CudaText, PassesNvrtc) {
  const std::string why_not = no_nvrtc();
  if (!why_not.empty()) GTEST_SKIP() << "the text of CUDA is compiled by the host alone: " << why_not;
  expect_error(ErrorCode::compiler_failed, "no_such_type",
               [] { engine::compile_cuda("extern \"C\" __global__ void f(no_such_type x) {}", 90); });
  expect_error(ErrorCode::backend_unavailable, "compute capability 1.0", [] { engine::compile_cuda("", 10); });
}

TEST(CudaOnShim, ComputesEveryOp) { device_suite::check_ops(cuda); }
TEST(CudaOnShim, ComputesEveryComposite) { device_suite::check_composites(cuda); }
TEST(CudaOnShim, EndsLoopsAtAReset) { device_suite::check_reset(cuda); }
TEST(CudaOnShim, ComputesRandomGraphs) { device_suite::check_random_graphs(cuda, 40, 1000); }

TEST(CudaOnShim, ComputesTensors) { device_suite::check_tensors(cuda, cuda_takes); }
TEST(CudaOnShim, ComputesRandomTensors) { device_suite::check_random_tensors(cuda, 10, 100, cuda_takes); }
TEST(CudaOnShim, ComputesGradientsOfTensorOps) { device_suite::check_tensor_gradients(cuda_segments, cuda_takes_segment, 2, 0); }
TEST(CudaOnShim, ComputesGradientsOfComposites) {
  device_suite::check_composite_gradients(cuda_segments, cuda_takes_segment, 2, 0);
}
TEST(CudaOnShim, ComputesGradientsOfRandomGraphs) {
  device_suite::check_random_gradients(cuda_segments, cuda_takes_segment, 10, 500);
}

TEST(MetalOnShim, ComputesTensorsEveryFrameItTakes) { device_suite::check_frame_tensors(metal, metal_takes); }
TEST(MetalOnShim, ComputesRandomTensorsItTakes) { device_suite::check_random_tensors(metal, 10, 200, metal_takes); }
TEST(MetalOnShim, ComputesLossesItTakes) { device_suite::check_losses(metal_segments, metal_takes_segment); }
TEST(MetalOnShim, ComputesGradientsOfTensorOpsItTakes) {
  device_suite::check_tensor_gradients(metal_segments, metal_takes_segment, 2, 1);
}
TEST(MetalOnShim, ComputesGradientsOfCompositesItTakes) {
  device_suite::check_composite_gradients(metal_segments, metal_takes_segment, 2, 1);
}
TEST(MetalOnShim, ComputesEveryOpItTakes) { device_suite::check_ops(metal, metal_takes); }
TEST(MetalOnShim, ComputesEveryCompositeItTakes) { device_suite::check_composites(metal, metal_takes); }
TEST(MetalOnShim, ComputesRandomGraphsItTakes) { device_suite::check_random_graphs(metal, 10, 2000, metal_takes); }

TEST(MetalOnShim, RefusesDoublePrecisionByName) {
  Graph g;
  g.output(pow(g.input(0), 2.5));
  expect_error(ErrorCode::backend_unavailable, "pow needs double precision", [&] { metal(g); });
}

/// The kernels of a spectral loss and its gradient, as docs/gpu.md quotes them: none with one thread.
TEST(MetalOnShim, RunsTheSpectralLossOnManyThreads) {
  Graph g;
  const Signal x = g.input(0);
  const Signal loss = spectral_loss(x, g.input(1), {.window = 1024, .hop = 256});
  const std::vector<Signal> wanted{loss, gradient(loss, std::span(&x, 1)).of[0]};
  const std::string names[] = {"spectral_loss"};
  const auto data = runtime::device_segments(Backend::metal, std::span(&wanted, 1), names, {}, render::metal_dialect(),
                                             [](const std::string&) { return nullptr; });
  const std::string& explained = data[0]->explained;
  EXPECT_EQ(explained.find(": 1 thread,"), std::string::npos) << explained;
  const std::string docs = base::read_whole_file(std::string(DGEN_SOURCE_DIR) + "/docs/gpu.md");
  EXPECT_NE(docs.find("```text\n" + explained + "```"), std::string::npos) << "docs/gpu.md is to quote:\n" << explained;
}

/// A device that is lost at its third launch.
class LostQueue final : public engine::DeviceQueue {
 public:
  void write(std::int64_t, std::span<const std::byte>) override {}
  void read(std::int64_t, std::span<std::byte> to) override { std::ranges::fill(to, std::byte{1}); }
  void clear(std::int64_t, std::int64_t) override {}
  void launch(int, const engine::WorkItems&, std::int32_t, std::int64_t) override {
    if (++launches_ > 2) throw Error(ErrorCode::backend_unavailable, "the device is lost");
  }

 private:
  int launches_ = 0;
};

class LostCode final : public engine::DeviceCode {
 public:
  std::unique_ptr<engine::DeviceQueue> make_queue(std::span<const std::string>, std::int64_t) const override {
    return std::make_unique<LostQueue>();
  }
};

TEST(LostDevice, GivesSilenceAndSaysWhy) {
  Graph g;
  g.output(g.input(0) * g.param("gain", 2));
  const Program program =
      compile_for(g, render::cuda_dialect(), [](const std::string&) { return std::make_shared<const LostCode>(); });
  Instance instance(program, 48000);
  float y = 0;
  float* out[] = {&y};
  instance.process(nullptr, out, 1);
  instance.process(nullptr, out, 1);
  EXPECT_NE(y, 0);
  EXPECT_EQ(instance.failure(), "");
  instance.process(nullptr, out, 1);
  EXPECT_EQ(y, 0);
  EXPECT_NE(instance.failure().find("the device is lost"), std::string::npos);
  EXPECT_EQ(instance.get("gain"), 2);
  expect_error(ErrorCode::backend_unavailable, "the device is lost", [&] { instance.save(); });
}

}  // namespace
