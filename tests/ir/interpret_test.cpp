#include "ir/interpret.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "dgen/error.h"
#include "ir/builder.h"

namespace dgen::ir {
namespace {

constexpr Type f32{Scalar::f32, false}, f64{Scalar::f64, false}, i32{Scalar::i32, false};
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The value of a function of one argument.
double of_one(Type type, double x, Value (*body)(Value), const InterpretOptions& options = {}) {
  Module module;
  Function function{.name = "f", .arguments = {type}};
  Builder builder(module, function);
  builder.result(body(builder.argument(0)));
  const std::array arguments{lanes_of(type, std::array{x})};
  return number_of(evaluate(module, function, arguments, options));
}

Function kernel() { return {.name = "k", .arguments = {i32, {Scalar::i64, false}}}; }

TEST(InterpretIr, RoundsEverySingleOperation) {
  // 1 + 2^-24 rounds to 1 in f32 and stays in f64.
  const auto added = [](Value x) { return (x + 0x1p-24) - 1; };
  EXPECT_EQ(of_one(f32, 1, added), 0);
  EXPECT_EQ(of_one(f64, 1, added), 0x1p-24);
}

TEST(InterpretIr, DoesNotFuse) {
  EXPECT_EQ(of_one(f32, 1 + 0x1p-20, [](Value x) { return x * x - x * x; }), 0);
}

TEST(InterpretIr, FlushesDenormalsInArithmeticOnly) {
  const double denormal = 0x1p-130;
  const auto sum = [](Value x) { return x + x; };
  EXPECT_EQ(of_one(f32, denormal, sum), 0);
  EXPECT_EQ(of_one(f32, denormal, [](Value x) { return abs(-x); }), denormal);
  EXPECT_EQ(of_one(f32, denormal, sum, {.flush_denormals = false}), 2 * denormal);
}

TEST(InterpretIr, TakesTheFirstWhereMinAndMaxMeetNotANumber) {
  EXPECT_TRUE(std::isnan(of_one(f32, nan, [](Value x) { return min(x, like(x, 1)); })));
  EXPECT_EQ(of_one(f32, nan, [](Value x) { return max(like(x, 1), x); }), 1);
}

TEST(InterpretIr, ComparesNotANumberAsUnequal) {
  EXPECT_EQ(of_one(f64, nan, [](Value x) { return select(x == x, like(x, 1), 2); }), 2);
  EXPECT_EQ(of_one(f64, nan, [](Value x) { return select(x != x, like(x, 1), 2); }), 1);
  EXPECT_EQ(of_one(f64, nan, [](Value x) { return select(x >= 0.0, like(x, 1), 2); }), 2);
}

TEST(InterpretIr, WrapsIntegersAround) {
  const auto doubled = [](Value x) { return x + x; };
  EXPECT_EQ(of_one(i32, 2147483647, doubled), -2);
  EXPECT_EQ(of_one({Scalar::u32, false}, 0x80000001u, doubled), 2);
}

TEST(InterpretIr, ShiftsSignedIntegersArithmetically) {
  EXPECT_EQ(of_one(i32, -8, [](Value x) { return x >> 1; }), -4);
  EXPECT_EQ(of_one({Scalar::u32, false}, 0x80000000u, [](Value x) { return x >> 31; }), 1);
}

TEST(InterpretIr, ReadsBitsOfFloats) {
  EXPECT_EQ(of_one(f32, 1, [](Value x) { return bitcast(Scalar::i32, x); }), 0x3f800000);
}

TEST(InterpretIr, RefusesConversionsOutOfRange) {
  const auto whole = [](Value x) { return convert(Scalar::i32, x); };
  EXPECT_EQ(of_one(f32, -2.9, whole), -2);
  EXPECT_THROW(of_one(f32, 3e9, whole), InternalError);
  EXPECT_THROW(of_one(f32, nan, whole), InternalError);
}

TEST(InterpretIr, CallsFunctionsOfTheModule) {
  Module module;
  Function function{.name = "f", .arguments = {f32}};
  Builder builder(module, function);
  const std::array x{builder.argument(0)};
  builder.result(builder.call("square", x, [](std::span<const Value> a) { return a[0] * a[0]; }) + 1);
  EXPECT_EQ(number_of(evaluate(module, function, std::array{lanes_of(f32, std::array{3.0})})), 10);
}

TEST(InterpretIr, RunsVectorLoopsOverBuffers) {
  Module module;
  module.buffers = {{.name = "in", .space = Space::input, .size = 16, .channel = 0},
                    {.name = "out", .space = Space::output, .size = 16, .channel = 0}};
  Function doubled = kernel();
  Builder builder(module, doubled);
  builder.loop(builder.integer(i32, 0), builder.argument(0), true,
               [&](Value i) { builder.store(1, i, builder.load(0, i, true) * 2); });
  for (const int lanes : {1, 4, 8, 16}) {
    Memory memory = allocate(module);
    for (int n = 0; n < 16; ++n) set_element(module, memory, 0, n, n);
    run(module, doubled, memory, 10, 0, {.lanes = lanes});
    for (int n = 0; n < 10; ++n) EXPECT_EQ(element(module, memory, 1, n), 2 * n) << lanes << " lanes";
  }
}

TEST(InterpretIr, PermutesLanesOfTwoVectors) {
  Module module{.lanes = 4};
  module.buffers = {{.name = "x", .space = Space::constant, .size = 8, .contents = {0, 1, 2, 3, 4, 5, 6, 7}},
                    {.name = "out", .size = 4}};
  Function permuted = kernel();
  Builder builder(module, permuted);
  const Value zero = builder.integer(i32, 0), four = builder.integer(i32, 4);
  const Value a = builder.load(0, zero, true), b = builder.load(0, four, true);
  builder.store(1, zero, builder.permute(a, b, std::array<std::int8_t, 4>{6, 0, 3, 7}));
  Memory memory = allocate(module);
  run(module, permuted, memory, 4, 0, {.lanes = 4});
  for (const auto& [n, expected] : {std::pair{0, 6.0}, {1, 0.0}, {2, 3.0}, {3, 7.0}})
    EXPECT_EQ(element(module, memory, 1, n), expected);
  EXPECT_THROW(run(module, permuted, memory, 4, 0, {.lanes = 8}), InternalError);
}

TEST(InterpretIr, CarriesLocalsThroughSequentialLoops) {
  Module module;
  module.buffers = {{.name = "sum", .size = 1}};
  Function summed = kernel();
  Builder builder(module, summed);
  const Local sum = builder.local("sum", builder.number(f32, 0));
  builder.loop(builder.integer(i32, 0), builder.argument(0), false,
               [&](Value i) { sum.set(sum.get() + convert(Scalar::f32, i)); });
  builder.store(0, builder.integer(i32, 0), sum.get());
  Memory memory = allocate(module);
  run(module, summed, memory, 5, 0);
  EXPECT_EQ(element(module, memory, 0, 0), 10);
}

TEST(InterpretIr, TakesTheBranchOfTheCondition) {
  Module module;
  module.buffers = {{.name = "out", .size = 1}};
  Function branching = kernel();
  Builder builder(module, branching);
  const Value zero = builder.integer(i32, 0);
  builder.branch(
      builder.argument(0) > 3.0, [&] { builder.store(0, zero, builder.number(f32, 1)); },
      [&] { builder.store(0, zero, builder.number(f32, 2)); });
  Memory memory = allocate(module);
  run(module, branching, memory, 4, 0);
  EXPECT_EQ(element(module, memory, 0, 0), 1);
  run(module, branching, memory, 3, 0);
  EXPECT_EQ(element(module, memory, 0, 0), 2);
}

TEST(InterpretIr, GathersFromConstants) {
  Module module;
  module.buffers = {{.name = "table", .space = Space::constant, .size = 8, .contents = {0, 10, 20, 30, 40, 50, 60, 70}},
                    {.name = "out", .size = 8}};
  Function gathering = kernel();
  Builder builder(module, gathering);
  builder.store(1, builder.integer(i32, 0), builder.gather(0, builder.integer({Scalar::i32, true}, 7) - builder.lane()));
  Memory memory = allocate(module);
  run(module, gathering, memory, 8, 0);
  for (int n = 0; n < 8; ++n) EXPECT_EQ(element(module, memory, 1, n), 10 * (7 - n));
}

TEST(InterpretIr, MovesElementsOfOctetsDown) {
  Module module;
  module.buffers = {{.name = "in", .size = 12}, {.name = "out", .size = 12}, {.name = "mask", .scalar = Scalar::i32, .size = 8}};
  Function function = kernel();
  Builder b(module, function);
  const Value zero = b.integer(i32, 0);
  const Value octet = b.load_octet(0, b.integer(i32, 1)), moved = b.shift_down(octet, b.octet(b.number(f32, 50)));
  const Value chosen = select(bitcast(Scalar::m32, b.load_octet(2, zero)), moved, octet);
  b.store(1, zero, chosen);
  b.store(1, b.integer(i32, 8), b.first(moved * octet));
  for (const int lanes : {4, 16}) {
    Memory memory = allocate(module);
    for (int k = 0; k < 12; ++k) set_element(module, memory, 0, k, k);
    for (int k = 4; k < 8; ++k) set_element(module, memory, 2, k, -1);
    run(module, function, memory, 1, 0, {.lanes = lanes});
    const double expected[] = {1, 2, 3, 4, 6, 7, 8, 50, 2 * 1};
    for (int k = 0; k < 9; ++k) EXPECT_EQ(element(module, memory, 1, k), expected[k]) << "element " << k;
  }
}

TEST(InterpretIr, LoadsAndStoresBackward) {
  Module module;
  module.buffers = {{.name = "table", .space = Space::constant, .size = 8, .contents = {0, 10, 20, 30, 40, 50, 60, 70}},
                    {.name = "out", .size = 8},
                    {.name = "copy", .size = 8}};
  Function reversing = kernel();
  Builder builder(module, reversing);
  const Value last = builder.integer(i32, 7);
  const Value reversed = builder.load_back(0, last);
  builder.store(1, builder.integer(i32, 0), reversed);
  builder.store_back(2, last, builder.load_once(1, builder.integer(i32, 0)));
  Memory memory = allocate(module);
  run(module, reversing, memory, 8, 0);
  for (int n = 0; n < 8; ++n) {
    EXPECT_EQ(element(module, memory, 1, n), 10 * (7 - n));
    EXPECT_EQ(element(module, memory, 2, n), 10 * n);
  }
}

TEST(InterpretIr, MovesLanesUpBehindTheLastOnesOfAnother) {
  Module module;
  module.buffers = {{.name = "out", .scalar = Scalar::i32, .size = 8}, {.name = "all", .scalar = Scalar::i32, .size = 8}};
  Function moving = kernel();
  Builder builder(module, moving);
  const Value lane = builder.lane(), before = lane - builder.integer({Scalar::i32, true}, 8);
  builder.store(0, builder.integer(i32, 0), builder.shift_up(lane, 3, before));
  builder.store(1, builder.integer(i32, 0), builder.shift_up(lane, 16, before));
  Memory memory = allocate(module);
  run(module, moving, memory, 8, 0);
  for (int n = 0; n < 8; ++n) {
    EXPECT_EQ(element(module, memory, 0, n), n - 3);
    EXPECT_EQ(element(module, memory, 1, n), n - 8);
  }
}

TEST(InterpretIr, RefusesMemoryOutsideABuffer) {
  Module module;
  module.buffers = {{.name = "short", .size = 4}};
  Function reading = kernel();
  Builder builder(module, reading);
  builder.load(0, builder.argument(0), false);
  Memory memory = allocate(module);
  run(module, reading, memory, 3, 0);
  EXPECT_THROW(run(module, reading, memory, 4, 0), InternalError);
  EXPECT_THROW(run(module, reading, memory, -1, 0), InternalError);
}

}  // namespace
}  // namespace dgen::ir
