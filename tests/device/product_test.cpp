// Matrix products by tiles in the memory of groups: whole tiles and edges, operands that rest and that move, and their gradients.

#include <gtest/gtest.h>

#include "device/gradient_suite.h"
#include "device/tensor_suite.h"
#include "dgen/gradient.h"
#include "dgen/products.h"
#include "dgen/views.h"
#include "runtime/explain_device.h"
#include "support/devices.h"

namespace {

using namespace dgen;
using device_suite::Device;

struct Sizes {
  std::int32_t rows, inner, columns;
};

/// The last numbers of an input in a shape.
Signal matrix(Graph& g, int channel, const Shape& shape) {
  return reshape(window(g.input(channel), shape.elements(), 70), shape);
}

int products(const Program& program) {
  const std::vector<std::string> lines = runtime::explain_kernels(program.data().device->lowered);
  return static_cast<int>(std::ranges::count_if(lines, [](const std::string& line) { return line.starts_with("product:"); }));
}

Program compile(const Device& device, const Graph& g, const ir::GroupLimits& group) {
  const Graph* const graphs[] = {&g};
  const std::string names[] = {"patch"};
  return Program(runtime::device_programs(device.backend, graphs, names, *device.dialect, device.build, group).front());
}

class TiledProducts : public ::testing::TestWithParam<Device> {
 protected:
  void SetUp() override {
    if (!GetParam().why_not.empty()) GTEST_SKIP() << GetParam().why_not;
  }
  void expect_parity(const Graph& g, int tiled, const ir::GroupLimits& group = ir::usual_group) {
    constexpr std::int64_t frames = 500;
    const Program program = compile(GetParam(), g, group);
    EXPECT_EQ(products(program), tiled);
    device_suite::expect_parity(g, program, dgen::testing::random_input(3, g.inputs(), frames), frames, 3e-6, {130});
  }
};

TEST_P(TiledProducts, AreThoseOfTheInterpreter) {
  Graph g;
  for (const auto& [rows, inner, columns] : {Sizes{16, 16, 16}, {17, 33, 9}, {1, 40, 20}, {8, 8, 40}}) {
    const Signal still = dgen::testing::weights(g, extents({inner, columns}));
    g.output(device_suite::weighted_sum(matmul(matrix(g, 0, extents({rows, inner})), still)));
    g.output(device_suite::weighted_sum(linear(matrix(g, 0, extents({rows, inner})), transpose(still))));
  }
  g.output(device_suite::weighted_sum(matmul(matrix(g, 0, extents({2, 9, 20})), matrix(g, 1, extents({2, 20, 11})))));
  g.output(device_suite::weighted_sum(matmul(dgen::testing::weights(g, extents({20, 16})), matrix(g, 1, extents({3, 16, 8})))));
  expect_parity(g, 10);
}

TEST_P(TiledProducts, AreConvolutions) {
  Graph g;
  const Signal x = matrix(g, 0, extents({3, 40}));
  g.output(device_suite::weighted_sum(conv1d(x, dgen::testing::weights(g, extents({9, 3, 5})), {.pad = Pad::same})));
  expect_parity(g, 1);
}

TEST_P(TiledProducts, TakeSmallerTilesOrNone) {
  Graph g;
  g.output(device_suite::weighted_sum(matmul(matrix(g, 0, extents({2, 12})), dgen::testing::weights(g, extents({12, 10})))));
  expect_parity(g, 1, {.items = 64, .bytes = 1024});
  expect_parity(g, 0, {.items = 63, .bytes = 1024});
  expect_parity(g, 0, {.items = 256, .bytes = 256});
}

TEST_P(TiledProducts, HaveGradients) {
  std::vector<device_suite::Problem> problems;
  auto g = std::make_unique<Graph>();
  const Signal x = matrix(*g, 0, extents({2, 16})) * g->param("gain", 0.7);
  const Signal first = dgen::testing::weights(*g, extents({16, 24})) * g->param("first", 0.5);
  const Signal y = matmul(tanh(matmul(x, first)), dgen::testing::weights(*g, extents({24, 9})) * g->param("second", 0.4));
  const Signal loss = ops::time_sum(device_suite::weighted_sum(y + 0.5 * y * y));
  problems.push_back(device_suite::problem_of("network", std::move(g), loss, 3e-4));
  device_suite::check_problems([](std::span<const std::vector<Signal>> wanted) { return GetParam().compile_segments(wanted); },
                               std::move(problems), 300);
}

INSTANTIATE_TEST_SUITE_P(EveryDevice, TiledProducts, ::testing::ValuesIn(device_suite::every_device()),
                         [](const auto& device) { return device.param.name; });

}  // namespace
