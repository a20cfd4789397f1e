// What every device must compute, on each of them.

#include "base/index.h"
#include "device/gradient_suite.h"
#include "support/devices.h"

namespace device_suite {

namespace {

class EveryDevice : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Device& device() const { return every_device()[GetParam()]; }
  void SetUp() override {
    if (!device().why_not.empty()) GTEST_SKIP() << device().name << " is not here: " << device().why_not;
  }
  Compile compile() const {
    return [this](const Graph& g) { return device().compile(g); };
  }
  CompileSegments compile_segments() const {
    return [this](std::span<const std::vector<Signal>> wanted) { return device().compile_segments(wanted); };
  }
  Accepts accepts() const {
    return [this](const Graph& g) { return device().takes(g); };
  }
  TakesSegment takes() const {
    return [this](const std::vector<Signal>& wanted) { return device().takes_segment(wanted); };
  }
  Chosen chosen() const {
    return [this](std::string_view name) { return device().runs(name); };
  }
  /// Random graphs: as many, or a part of them. Each device draws others.
  int some(int all) const { return Device::runs_all() || device().part == 1 ? all : all / static_cast<int>(device().part); }
  std::uint64_t seed() const { return 1000 * GetParam(); }
};

TEST_P(EveryDevice, ComputesEveryOp) { check_ops(compile(), accepts()); }
TEST_P(EveryDevice, ComputesEveryComposite) { check_composites(compile(), accepts()); }
TEST_P(EveryDevice, EndsLoopsAtAReset) { check_reset(compile()); }
TEST_P(EveryDevice, RunsLoopsWhoseMatrixMoves) { check_moving_loop(compile()); }
TEST_P(EveryDevice, ComputesTensors) { check_tensors(compile(), accepts(), chosen()); }
TEST_P(EveryDevice, ComputesTensorsEveryFrame) { check_frame_tensors(compile(), accepts()); }
TEST_P(EveryDevice, ComputesRandomGraphs) { check_random_graphs(compile(), some(40), seed(), accepts()); }
TEST_P(EveryDevice, ComputesRandomTensors) { check_random_tensors(compile(), some(12), seed(), accepts()); }
TEST_P(EveryDevice, ComputesLosses) { check_losses(compile_segments(), takes(), chosen()); }
TEST_P(EveryDevice, ComputesGradientsOfTensorOps) { check_tensor_gradients(compile_segments(), takes(), chosen()); }
TEST_P(EveryDevice, ComputesGradientsOfComposites) { check_composite_gradients(compile_segments(), takes(), chosen()); }
TEST_P(EveryDevice, ComputesGradientsOfRandomGraphs) {
  check_random_gradients(compile_segments(), takes(), some(16), seed() + 500);
}

INSTANTIATE_TEST_SUITE_P(Parity, EveryDevice, ::testing::Range(std::size_t{0}, std::size_t{5}),
                         [](const auto& number) { return every_device()[number.param].name; });

}  // namespace

}  // namespace device_suite
