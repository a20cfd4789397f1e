// Fourier transforms in the memory of groups: every size and kind, edges of groups, devices whose groups are small.

#include <gtest/gtest.h>

#include "device/device_suite.h"
#include "device/tensor_suite.h"
#include "runtime/explain_device.h"
#include "support/devices.h"

namespace {

using namespace dgen;
using device_suite::Device;

/// Frames weighed by a window function, transformed there and back, of `rows` windows at once.
void add_transforms(Graph& g, std::int32_t n, std::int32_t hop, std::int32_t rows) {
  const Signal x = reshape(window(g.input(), n * rows, hop), extents({rows, n}));
  const Signal weighed = x * dgen::testing::weights(g, extents({n}));
  const Signal bins = rfft(weighed);
  g.output(device_suite::weighted_sum(bins));
  g.output(device_suite::weighted_sum(irfft(tanh(bins) * 0.5 + bins)));
}

void add_complex_transforms(Graph& g, std::int32_t n, std::int32_t hop) {
  const Signal z = reshape(window(g.input(), 2 * n, hop), extents({2, n}));
  g.output(device_suite::weighted_sum(fft(z * 0.5)));
  g.output(device_suite::weighted_sum(ifft(z + 0.25)));
}

std::vector<std::string> kernels(const Program& program) { return runtime::explain_kernels(program.data().device->lowered); }

bool has_kernel(const Program& program, const std::string& name) {
  const std::vector<std::string> lines = kernels(program);
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.starts_with(name + ":"); });
}

Program compile(const Device& device, const Graph& g, const ir::GroupLimits& group) {
  const Graph* const graphs[] = {&g};
  const std::string names[] = {"patch"};
  return Program(runtime::device_programs(device.backend, graphs, names, *device.dialect, device.build, group).front());
}

class GroupTransforms : public ::testing::TestWithParam<Device> {
 protected:
  void SetUp() override {
    if (!GetParam().why_not.empty()) GTEST_SKIP() << GetParam().why_not;
  }
  bool builds_quickly() const { return GetParam().part == 1 || Device::runs_all(); }
  /// As the device has them, or where its groups are others.
  void expect_parity(const Graph& g, const ir::GroupLimits& group, const std::string& kernel) {
    constexpr std::int64_t frames = 500;
    const Program program = compile(GetParam(), g, group);
    EXPECT_TRUE(has_kernel(program, kernel)) << ::testing::PrintToString(kernels(program));
    device_suite::expect_parity(g, program, dgen::testing::random_input(3, g.inputs(), frames), frames, 2e-6, {130});
  }
};

TEST_P(GroupTransforms, AreThoseOfTheInterpreter) {
  Graph g;
  const bool all = builds_quickly();
  for (const std::int32_t n : all ? std::vector{2, 4, 6, 8, 10, 48, 90, 256} : std::vector{6, 48})
    add_transforms(g, n, 70, n < 100 ? 3 : 1);
  for (const std::int32_t n : all ? std::vector{2, 3, 5, 9, 15, 24, 128} : std::vector{15}) add_complex_transforms(g, n, 61);
  expect_parity(g, ir::usual_group, "group_transform");
}

TEST_P(GroupTransforms, FillTheMemoryOfAGroupOrLeaveIt) {
  if (!builds_quickly()) GTEST_SKIP() << "its compiler takes long over long butterflies: asked for by DGEN_EVERY_DEVICE_CASE=1";
  Graph g;
  add_transforms(g, 8192, 400, 1);
  add_complex_transforms(g, 6000, 400);
  const Program program = compile(GetParam(), g, ir::usual_group);
  EXPECT_TRUE(has_kernel(program, "group_transform") && has_kernel(program, "transform"));
  constexpr std::int64_t frames = 900;
  device_suite::expect_parity(g, program, dgen::testing::random_input(4, 1, frames), frames, 2e-5, {});  // sums of thousands
}

TEST_P(GroupTransforms, TakeSmallGroupsOrNone) {
  if (!builds_quickly()) GTEST_SKIP() << "its compiler takes long over butterflies: asked for by DGEN_EVERY_DEVICE_CASE=1";
  Graph g;
  add_transforms(g, 48, 70, 2);
  add_complex_transforms(g, 15, 61);
  expect_parity(g, {.items = 5, .bytes = 700}, "group_transform");
  expect_parity(g, {.items = 5, .bytes = 100}, "transform");
  expect_parity(g, {}, "transform");
}

INSTANTIATE_TEST_SUITE_P(EveryDevice, GroupTransforms, ::testing::ValuesIn(device_suite::every_device()),
                         [](const auto& device) { return device.param.name; });

/// Code whose kernels take so many registers that groups are small.
class Crowded final : public engine::DeviceCode {
 public:
  std::unique_ptr<engine::DeviceQueue> make_queue(std::span<const std::string>, std::int64_t) const override { return nullptr; }
  int most_items(const std::string&) const override { return 16; }
};

TEST(GroupTransformsOnShim, LeaveGroupsThatAKernelDoesNotFit) {
  Graph g;
  add_transforms(g, 256, 64, 1);
  const Graph* const graphs[] = {&g};
  const std::string names[] = {"patch"};
  const runtime::BuildDeviceCode crowded = [](const std::string&) { return std::make_shared<const Crowded>(); };
  const Program program(runtime::device_programs(Backend::cuda, graphs, names, render::cuda_dialect(), crowded).front());
  EXPECT_FALSE(has_kernel(program, "group_transform"));
  EXPECT_TRUE(has_kernel(program, "transform"));
}

}  // namespace
