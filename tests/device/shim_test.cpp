// What kernels of CUDA and Metal are, where no device need run them: refusals, the list of kernels, a device that is lost.

#include "base/whole_file.h"
#include "dgen/batch.h"
#include "dgen/dsp.h"
#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/stft_losses.h"
#include "engine/cuda.h"
#include "engine/cuda_api.h"
#include "runtime/device_segment_data.h"
#include "support/expect_error.h"
#include "support/frame_tensors.h"

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

TEST(CudaText, PassesNvrtc) {
  const std::string why_not = no_nvrtc();
  if (!why_not.empty()) GTEST_SKIP() << "the text of CUDA is compiled by the host alone: " << why_not;
  expect_error(ErrorCode::compiler_failed, "no_such_type",
               [] { engine::compile_cuda("extern \"C\" __global__ void f(no_such_type x) {}", 90); });
  expect_error(ErrorCode::backend_unavailable, "compute capability 1.0", [] { engine::compile_cuda("", 10); });
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

/// 16 lanes of filters and their gradients: no lane goes through the frames by itself.
TEST(MetalOnShim, RunsLanesOfFiltersAsScans) {
  Graph g;
  const Batch lanes = batch(g, 16);
  const Signal cutoff = lanes.param("cutoff", initial::Uniform{200, 2000});
  const Signal y = biquad_lowpass(lanes.same(g.input(0)), cutoff, 0.8);
  const Signal loss = lanes.total(lanes.losses(y * y));
  const std::vector<Signal> wanted{loss, gradient(loss, std::span(&cutoff, 1)).of[0]};
  const std::string names[] = {"lanes"};
  const auto data = runtime::device_segments(Backend::metal, std::span(&wanted, 1), names, {}, render::metal_dialect(),
                                             [](const std::string&) { return nullptr; });
  EXPECT_NE(data[0]->explained.find("row_scan_frames: 1024 threads"), std::string::npos) << data[0]->explained;
  EXPECT_EQ(data[0]->explained.find("row_loops"), std::string::npos) << data[0]->explained;
}

/// Four lanes of a loop over vectors whose elements meet: a work item each, forward and backward; where all meet there is one.
TEST(MetalOnShim, RunsPartsOfLoopsThatNeverMeetBesideEachOther) {
  const auto explained = [](std::string_view name) {
    for (auto& one : dgen::testing::frame_tensors()) {
      if (one.name != name) continue;
      const Signal x = one.graph->input(0), loss = ops::time_sum(Signal{one.graph.get(), one.graph->outputs()[0].node});
      const std::vector<Signal> wanted{loss, gradient(loss, std::span(&x, 1)).of[0]};
      const std::string names[] = {"loops"};
      return runtime::device_segments(Backend::metal, std::span(&wanted, 1), names, {}, render::metal_dialect(),
                                      [](const std::string&) { return nullptr; })[0]
          ->explained;
    }
    return std::string();
  };
  const std::string lanes = explained("lanes"), matrix = explained("matrix");
  EXPECT_EQ(matrix.find("coupled_loops: 4 threads"), std::string::npos) << matrix;
  EXPECT_NE(matrix.find("coupled_loops: 1 thread"), std::string::npos) << matrix;
  for (const std::size_t run : {lanes.find("run 0, forward"), lanes.find("backward")})
    EXPECT_NE(lanes.find("coupled_loops: 4 threads", run), std::string::npos) << lanes;
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
  int most_items(const std::string&) const override { return ir::usual_group.items; }
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
