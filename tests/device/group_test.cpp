// Kernels whose work items share memory, as the loop IR says it, on what is here and on the text of CUDA and Metal.

#include <gtest/gtest.h>

#include <numeric>

#include "device/fibers.h"
#include "ir/builder.h"
#include "ir/verify.h"
#include "render/device_text.h"
#include "support/devices.h"

namespace {

using namespace dgen;
using device_suite::Device;
using ir::Scalar;
using ir::Value;

constexpr int items = 192, size = 64;
constexpr ir::Type i32{Scalar::i32, false}, i64{Scalar::i64, false};

/// Turns every group's numbers around, by rounds that double the reach of what each work item has added up.
lower::DeviceLowered sums_from_behind() {
  lower::DeviceLowered made;
  ir::Module& module = made.module;
  module.name = "sums";
  module.buffers = {{.name = "given", .space = ir::Space::scratch, .size = items, .offset = 0},
                    {.name = "made", .space = ir::Space::scratch, .size = items, .offset = items * 4},
                    {.name = "shared", .space = ir::Space::group, .size = size}};
  ir::Function kernel{.name = "sums", .arguments = {i32, i64, i32, i32, i32, i32}, .group = size, .why = "a test"};
  ir::Builder b(module, kernel);
  const Value item = b.argument(2), thread = b.argument(4), group = b.argument(5);
  const Value end = b.integer(i32, size), zero = b.integer(i32, 0);
  const ir::Local sum = b.local("sum", b.load(0, group * end + thread, false));
  const ir::Local reach = b.local("reach", b.integer(i32, 1));
  b.loop(zero, b.integer(i32, 6), false, [&](Value) {
    b.store(2, thread, sum.get());
    b.barrier();
    const Value other = thread + reach.get(), inside = other < end;
    sum.set(sum.get() + select(inside, b.load(2, ir::select(inside, other, zero), false), 0.0));
    reach.set(reach.get() + reach.get());
    b.barrier();
  });
  b.store(1, item, sum.get());
  module.kernels.push_back(std::move(kernel));
  made.block.push_back({.kernel = 0, .grid = lower::Grid::one, .elements = items / size, .group = size});
  ir::verify(module);
  return made;
}

class GroupMemory : public ::testing::TestWithParam<Device> {};

TEST_P(GroupMemory, IsSharedBetweenBarriers) {
  const Device& device = GetParam();
  if (!device.why_not.empty()) GTEST_SKIP() << device.why_not;
  const lower::DeviceLowered program = sums_from_behind();
  const lower::DeviceLowered* const programs[] = {&program};
  const auto code = device.build(render::render_device(*device.dialect, programs));
  const std::string name = render::device_kernel_name(program, program.block[0]);
  EXPECT_GE(code->most_items(name), size);
  const auto queue = code->make_queue(std::span(&name, 1), items * 8);
  std::vector<float> given(items), made(items);
  std::iota(given.begin(), given.end(), 1.0f);
  queue->write(0, std::as_bytes(std::span(given)));
  ASSERT_EQ(lower::items_of(program.block[0], 1, 0), items);
  queue->launch(0, {items, 1, size}, 1, 0);
  queue->read(items * 4, std::as_writable_bytes(std::span(made)));
  for (int k = 0; k < items; ++k) {
    const auto end = given.begin() + (k / size + 1) * size;
    EXPECT_EQ(made[static_cast<std::size_t>(k)], std::accumulate(given.begin() + k, end, 0.0f)) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryDevice, GroupMemory, ::testing::ValuesIn(device_suite::every_device()),
                         [](const auto& device) { return device.param.name; });

TEST(GroupMemoryOnShim, RefusesABarrierThatSomeLeaveOut) {
  device_shim::Fibers fibers;
  EXPECT_THROW(fibers.run(4, [](int k) { k > 0 ? device_shim::Fibers::barrier() : void(); }), std::runtime_error);
  int met = 0;
  fibers.run(4, [&](int) {
    ++met;
    device_shim::Fibers::barrier();
    EXPECT_EQ(met, 4);
  });
}

}  // namespace
