// What each instruction of the loop IR computes, scalar and wide, at special values, with every compiler and width.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "ir/builder.h"
#include "render/compiled.h"
#include "render/machine.h"

namespace {

using namespace dgen;
using namespace dgen::render;
using ir::Builder;
using ir::Code;
using ir::Scalar;
using ir::Space;
using ir::Type;
using ir::Value;

const float inf = std::numeric_limits<float>::infinity(), nan_value = std::numeric_limits<float>::quiet_NaN();

std::vector<float> specials() {
  return {0.0f,         -0.0f, 1.0f,      -1.0f,      0.5f,        -0.5f,      0.99999994f, -0.99999994f,
          1.5f,         -1.5f, 2.5f,      8388607.5f, -8388607.5f, 8388608.0f, -8388608.0f, 16777216.0f,
          -16777217.0f, 1e10f, -1e10f,    3e38f,      -3e38f,      1e-30f,     -1e-30f,     1.17549435e-38f,
          inf,          -inf,  nan_value, 3.0f,       -3.0f,       127.25f,    -127.75f,    1e6f};
}

/// Pairs of special values, then random ones.
void fill(std::vector<float>& a, std::vector<float>& b) {
  const std::vector<float> s = specials();
  std::mt19937 random(7);
  std::uniform_real_distribution<float> any(-1000, 1000);
  for (std::size_t k = 0; k < 2048; ++k) {
    const bool pair = k < s.size() * s.size();
    a.push_back(pair ? s[k % s.size()] : any(random));
    b.push_back(pair ? s[k / s.size()] : any(random));
  }
}

std::uint32_t bits(float x) { return std::isnan(x) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(x); }

/// One operation of (a, b): how the IR writes it, and what it gives.
struct Case {
  const char* name;
  Value (*write)(Value a, Value b);
  float (*meaning)(float a, float b);
};

Value as_number(Value mask) { return select(mask, 1.0, mask.builder->number({Scalar::f32, mask.type().wide}, 0)); }
Value f64(Value x) { return convert(Scalar::f64, x); }
Value f32(Value x) { return convert(Scalar::f32, x); }
double dmin(double a, double b) { return b < a ? b : a; }
/// A number that every integer type of the tests holds.
Value small(Value x) { return min(max(select(x == x, x, 0.0), like(x, -30000)), like(x, 30000)); }
float small(float x) { return std::isnan(x) ? 0.0f : std::min(std::max(x, -30000.0f), 30000.0f); }

/// The product is exact in double.
float flushed_product(float a, float b) {
  const double product = double{a} * double{b};
  return static_cast<float>(std::fabs(product) < 0x1p-126 ? std::copysign(0.0, product) : product);
}

const Case cases[] = {
    {"add", [](Value a, Value b) { return a + b; }, [](float a, float b) { return a + b; }},
    {"sub", [](Value a, Value b) { return a - b; }, [](float a, float b) { return a - b; }},
    {"mul", [](Value a, Value b) { return a * b; }, [](float a, float b) { return a * b; }},
    {"div", [](Value a, Value b) { return a / b; }, [](float a, float b) { return a / b; }},
    {"neg", [](Value a, Value) { return -a; }, [](float a, float) { return -a; }},
    {"abs", [](Value a, Value) { return abs(a); }, [](float a, float) { return std::fabs(a); }},
    {"sqrt", [](Value a, Value) { return sqrt(a); }, [](float a, float) { return std::sqrt(a); }},
    {"floor", [](Value a, Value) { return floor(a); }, [](float a, float) { return std::floor(a); }},
    {"rounded", [](Value a, Value b) { return rounded(a * b) + b; },  // never a fused product
     [](float a, float b) { return flushed_product(a, b) + b; }},
    {"min", [](Value a, Value b) { return min(a, b); }, [](float a, float b) { return b < a ? b : a; }},
    {"max", [](Value a, Value b) { return max(a, b); }, [](float a, float b) { return a < b ? b : a; }},
    {"lt", [](Value a, Value b) { return as_number(a < b); }, [](float a, float b) { return a < b ? 1.0f : 0.0f; }},
    {"le", [](Value a, Value b) { return as_number(a <= b); }, [](float a, float b) { return a <= b ? 1.0f : 0.0f; }},
    {"eq", [](Value a, Value b) { return as_number(a == b); }, [](float a, float b) { return a == b ? 1.0f : 0.0f; }},
    {"ne", [](Value a, Value b) { return as_number(a != b); }, [](float a, float b) { return a != b ? 1.0f : 0.0f; }},
    {"select", [](Value a, Value b) { return select(a < b, b, a); }, [](float a, float b) { return a < b ? b : a; }},
    {"masks", [](Value a, Value b) { return as_number(((a < b) & ~(a == 1.0)) | ((b > 2.0) ^ (a > 0.0))); },
     [](float a, float b) { return ((a < b && !(a == 1.0f)) || ((b > 2.0f) != (a > 0.0f))) ? 1.0f : 0.0f; }},
    {"mask_widths", [](Value a, Value b) { return f32(select(a < b, f64(a), f64(b))); },
     [](float a, float b) { return a < b ? a : b; }},
    {"f64_masks", [](Value a, Value b) { return select((f64(a) < f64(b)) & (f64(a) != 0.5), a, b); },
     [](float a, float b) { return a < b && a != 0.5f ? a : b; }},
    {"f64", [](Value a, Value b) { return f32(floor(f64(a) * 1.5) + sqrt(abs(f64(b)))); },
     [](float a, float b) { return static_cast<float>(std::floor(double{a} * 1.5) + std::sqrt(std::fabs(double{b}))); }},
    {"f64_min", [](Value a, Value b) { return f32(min(f64(a), f64(b))); },
     [](float a, float b) { return static_cast<float>(dmin(a, b)); }},
    {"f64_max", [](Value a, Value b) { return f32(max(f64(a), f64(b))); },
     [](float a, float b) { return static_cast<float>(a < b ? b : a); }},
    {"truncate", [](Value a, Value) { return convert(Scalar::f32, convert(Scalar::i32, small(a))); },
     [](float a, float) { return static_cast<float>(static_cast<std::int32_t>(small(a))); }},
    {"truncate_u32", [](Value a, Value) { return convert(Scalar::f32, convert(Scalar::u32, abs(small(a)))); },
     [](float a, float) { return static_cast<float>(static_cast<std::uint32_t>(std::fabs(small(a)))); }},
    {"truncate_i64", [](Value a, Value) { return convert(Scalar::f32, convert(Scalar::i64, f64(small(a)) * 1e9)); },
     [](float a, float) { return static_cast<float>(static_cast<std::int64_t>(double{small(a)} * 1e9)); }},
    {"u64_to_f32", [](Value a, Value) { return convert(Scalar::f32, convert(Scalar::u64, f64(abs(small(a))) * 1e14)); },
     [](float a, float) { return static_cast<float>(static_cast<std::uint64_t>(double{std::fabs(small(a))} * 1e14)); }},
    {"u32_to_f32", [](Value a, Value) { return convert(Scalar::f32, bitcast(Scalar::u32, a) * bitcast(Scalar::u32, a)); },
     [](float a, float) { return static_cast<float>(std::bit_cast<std::uint32_t>(a) * std::bit_cast<std::uint32_t>(a)); }},
    {"i32_wraps",
     [](Value a, Value b) {
       const Value x = bitcast(Scalar::i32, a), y = bitcast(Scalar::i32, b);
       return convert(Scalar::f32, ((x + y) * y - x) >> 7);
     },
     [](float a, float b) {
       const auto x = std::bit_cast<std::uint32_t>(a), y = std::bit_cast<std::uint32_t>(b);
       return static_cast<float>(static_cast<std::int32_t>((x + y) * y - x) >> 7);
     }},
    {"i64_wraps",
     [](Value a, Value b) {
       const Value x = convert(Scalar::i64, bitcast(Scalar::i32, a)) << 31, y = convert(Scalar::i64, bitcast(Scalar::i32, b));
       return convert(Scalar::f32, ((x + y) * y - x) >> 9);
     },
     [](float a, float b) {
       const auto x = static_cast<std::uint64_t>(std::int64_t{std::bit_cast<std::int32_t>(a)}) << 31;
       const auto y = static_cast<std::uint64_t>(std::int64_t{std::bit_cast<std::int32_t>(b)});
       return static_cast<float>(static_cast<std::int64_t>((x + y) * y - x) >> 9);
     }},
    {"integer_order",
     [](Value a, Value b) {
       const Value x = bitcast(Scalar::i32, a), y = bitcast(Scalar::i32, b);
       return as_number((x < y) ^ (bitcast(Scalar::u32, x) < bitcast(Scalar::u32, y)));
     },
     [](float a, float b) {
       const auto x = std::bit_cast<std::uint32_t>(a), y = std::bit_cast<std::uint32_t>(b);
       return (static_cast<std::int32_t>(x) < static_cast<std::int32_t>(y)) != (x < y) ? 1.0f : 0.0f;
     }},
    {"mask_bits",
     [](Value a, Value b) { return convert(Scalar::f32, bitcast(Scalar::i32, a < b) & like(bitcast(Scalar::i32, a), 5)); },
     [](float a, float b) { return a < b ? 5.0f : 0.0f; }},
    {"bits",
     [](Value a, Value b) {
       return bitcast(Scalar::f32, (bitcast(Scalar::u32, a) & like(bitcast(Scalar::u32, a), 0x7fffffff)) |
                                       (bitcast(Scalar::u32, b) & like(bitcast(Scalar::u32, b), 0x80000000)));
     },
     [](float a, float b) { return std::copysign(a, b); }},
};

/// One output for each case, from a kernel whose loop is scalar or wide.
Machine all_cases(bool wide) {
  Machine machine("cases", 2, static_cast<int>(std::size(cases)));
  for (std::size_t k = 0; k < std::size(cases); ++k) {
    machine.kernel(cases[k].name, [&](Builder& b, Value zero, Value frames) {
      b.loop(zero, frames, wide, [&](Value i) {
        b.store(machine.output(static_cast<int>(k)), i,
                cases[k].write(b.load(machine.input(0), i, wide), b.load(machine.input(1), i, wide)));
      });
    });
  }
  return machine;
}

void expect_meaning(const std::vector<std::vector<float>>& in, const std::vector<std::vector<float>>& got) {
  for (std::size_t c = 0; c < std::size(cases); ++c) {
    int wrong = 0;
    for (std::size_t k = 0; k < in[0].size() && wrong < 3; ++k) {
      const float want = cases[c].meaning(in[0][k], in[1][k]);
      if (std::abs(want) <= std::numeric_limits<float>::min() && want != 0) continue;  // flushed, before or after it is rounded
      if (bits(got[c][k]) == bits(want)) continue;
      ADD_FAILURE() << cases[c].name << "(" << in[0][k] << ", " << in[1][k] << ") is " << got[c][k] << ", not " << want;
      ++wrong;
    }
  }
}

void expect_meaning(const std::string& compiler, int lanes, bool wide, std::string_view flags) {
  std::vector<std::vector<float>> in(2);
  fill(in[0], in[1]);
  const Machine machine = all_cases(wide);
  const Compiled compiled(render_c(machine.module, machine.interface, lanes), compiler, flags);
  Running running(compiled.descriptor("cases"));
  const auto frames = static_cast<std::int64_t>(in[0].size());
  expect_meaning(in, running.run(in, frames, frames));
}

/// Lanes that move: by 1, 2, 4 and 8, with the last ones of another value coming in, and the last one everywhere.
void expect_moved_lanes(const std::string& compiler, int lanes, std::string_view flags) {
  constexpr std::array steps{1, 2, 4, 8};
  std::vector<std::vector<float>> in(2);
  fill(in[0], in[1]);
  constexpr std::array rearranged{ir::Code::interleave_low, ir::Code::interleave_high, ir::Code::even_lanes, ir::Code::odd_lanes};
  Machine machine("lanes", 2, 11);
  machine.module.lanes = lanes;
  std::vector<std::int8_t> pattern;
  for (int k = 0; k < lanes; ++k) pattern.push_back(static_cast<std::int8_t>((5 * k + 3) % (2 * lanes)));
  machine.kernel("move", [&](Builder& b, Value zero, Value frames) {
    b.loop(zero, frames, true, [&](Value i) {
      const Value x = b.load(machine.input(0), i, true), y = b.load(machine.input(1), i, true);
      for (std::size_t k = 0; k < steps.size(); ++k) b.store(machine.output(static_cast<int>(k)), i, b.shift_up(x, steps[k], y));
      b.store(machine.output(4), i, b.last(x));
      b.store(machine.output(5), i, b.broadcast(convert(Scalar::f32, b.lanes())));
      for (std::size_t k = 0; k < rearranged.size(); ++k)
        b.store(machine.output(static_cast<int>(6 + k)), i, b.rearrange(rearranged[k], x, y));
      b.store(machine.output(10), i, b.permute(x, y, pattern));
    });
  });
  const Compiled compiled(render_c(machine.module, machine.interface, lanes), compiler, flags);
  const auto frames = static_cast<std::int64_t>(in[0].size());
  const auto got = Running(compiled.descriptor("lanes")).run(in, frames, frames);
  const auto width = static_cast<std::size_t>(lanes);
  for (std::size_t n = 0; n < in[0].size(); ++n) {
    const std::size_t lane = n % width;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const auto by = static_cast<std::size_t>(steps[k]);
      const std::size_t end_of_vector = n - lane + width, coming_in = end_of_vector - std::min(by, width) + lane;
      ASSERT_EQ(bits(got[k][n]), bits(lane >= by ? in[0][n - by] : in[1][coming_in])) << "by " << by << ", element " << n;
    }
    ASSERT_EQ(bits(got[4][n]), bits(in[0][n - lane + width - 1])) << "last, element " << n;
    ASSERT_EQ(got[5][n], static_cast<float>(lanes));
    const std::size_t half = width / 2, first = n - lane;
    for (std::size_t high = 0; high < 2; ++high)
      ASSERT_EQ(bits(got[6 + high][n]), bits(in[lane % 2][first + high * half + lane / 2])) << "interleaved, element " << n;
    for (std::size_t odd = 0; odd < 2; ++odd)
      ASSERT_EQ(bits(got[8 + odd][n]), bits(in[lane / half][first + lane % half * 2 + odd])) << "every other, element " << n;
    const auto from = static_cast<std::size_t>(pattern[lane]);
    ASSERT_EQ(bits(got[10][n]), bits(in[from / width][first + from % width])) << "permuted, element " << n;
  }
}

class Semantics : public ::testing::TestWithParam<std::tuple<std::string, int, bool>> {};

TEST_P(Semantics, HoldAtSpecialValues) {
  const auto& [compiler, lanes, wide] = GetParam();
  expect_meaning(compiler, lanes, wide, kernel_flags);
}

/// A run backward: host channels are mirrored, with whole and partial vectors and no memory before the first frame.
void expect_backward(const std::string& compiler, int lanes, bool wide) {
  Machine machine("backward", 1, 2);
  machine.module.run = ir::Run::backward;
  machine.kernel("mirror", [&](Builder& b, Value zero, Value frames) {
    b.loop(zero, frames, wide, [&](Value i) {
      const Value mirrored = frames - 1 - i;
      if (wide) {
        b.store_back(machine.output(0), mirrored, b.load_back(machine.input(0), mirrored));
        b.store_back(machine.output(1), mirrored, convert(Scalar::f32, b.broadcast(i) + b.lane()));
      } else {
        b.store(machine.output(0), mirrored, b.load(machine.input(0), mirrored, false));
        b.store(machine.output(1), mirrored, convert(Scalar::f32, i));
      }
    });
  });
  const Compiled compiled(render_c(machine.module, machine.interface, lanes), compiler);
  const std::int64_t block = machine.module.sub_block;
  for (const std::int64_t frames : {std::int64_t{1}, std::int64_t{lanes - 1}, block, block + 1, 2 * block + 45}) {
    std::vector<float> in(static_cast<std::size_t>(frames));
    std::iota(in.begin(), in.end(), 1.0f);
    const auto got = Running(compiled.descriptor("backward")).run({in}, frames, frames);
    EXPECT_EQ(got[0], in);
    for (std::int64_t n = 0; n < frames; ++n) {
      const std::int64_t end = std::min(frames, (n / block + 1) * block);  // sub-blocks begin at multiples of their length
      ASSERT_EQ(got[1][static_cast<std::size_t>(n)], static_cast<float>(end - 1 - n)) << n << " of " << frames;
    }
  }
}

TEST_P(Semantics, RunBackward) {
  const auto& [compiler, lanes, wide] = GetParam();
  expect_backward(compiler, lanes, wide);
}

TEST_P(Semantics, MoveLanes) {
  const auto& [compiler, lanes, wide] = GetParam();
  if (!wide) GTEST_SKIP() << "there is one lane";
  expect_moved_lanes(compiler, lanes, kernel_flags);
}

TEST_P(Semantics, HoldOnTheOldestProcessors) {
  const auto& [compiler, lanes, wide] = GetParam();
#if defined(__x86_64__)
  constexpr std::string_view march = "-march=x86-64";
#else
  constexpr std::string_view march = "";
#endif
  expect_meaning(compiler, lanes, wide,
                 "-std=gnu11 -O1 -fno-math-errno -fno-trapping-math -Wall -Wextra -Wconversion -Werror " + std::string(march));
}

TEST_P(Semantics, HoldWithAvx2) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "x86 only";
#else
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) GTEST_SKIP() << "this machine has no AVX2";
  const auto& [compiler, lanes, wide] = GetParam();
  expect_meaning(compiler, lanes, wide,
                 "-std=gnu11 -O2 -mavx2 -mfma -fno-math-errno -fno-trapping-math -Wall -Wextra -Wconversion -Werror");
#endif
}

TEST_P(Semantics, HoldLongTables) {
  const auto& [compiler, lanes, wide] = GetParam();
  std::vector<double> contents;
  for (int k = 0; k < 5000; ++k)
    contents.push_back(static_cast<double>(static_cast<float>(std::sin(k * 0.37) * std::exp2(k % 60 - 30))));
  Machine machine("long_table", 0, 2);
  const int table = machine.add({.name = "t", .space = Space::constant, .size = 5000, .contents = contents});
  machine.kernel("read", [&, wide = wide](Builder& b, Value zero, Value frames) {
    b.loop(zero, frames, wide, [&](Value i) {
      const Value at = i + b.integer({Scalar::i32, false}, 4744);
      b.store(machine.output(0), i, b.load(table, at, wide));
      if (wide) b.store(machine.output(1), i, b.gather(table, b.broadcast(at) + b.lane()));
    });
  });
  const Compiled compiled(render_c(machine.module, machine.interface, lanes), compiler, kernel_flags);
  const auto got = Running(compiled.descriptor("long_table")).run({}, 256, 256);
  for (std::size_t n = 0; n < 256; ++n) {
    ASSERT_EQ(static_cast<double>(got[0][n]), contents[4744 + n]);
    if (wide) {
      ASSERT_EQ(got[1][n], got[0][n]);
    }
  }
}

class SemanticsOnAarch64 : public ::testing::TestWithParam<std::tuple<int, bool>> {};

TEST_P(SemanticsOnAarch64, HoldAtSpecialValues) {
  const auto& [lanes, wide] = GetParam();
  if (!has_aarch64()) GTEST_SKIP() << "no aarch64-linux-gnu-gcc or no qemu-aarch64";
  std::vector<std::vector<float>> in(2);
  fill(in[0], in[1]);
  const Machine machine = all_cases(wide);
  expect_meaning(in, run_on_aarch64(render_c(machine.module, machine.interface, lanes), "cases", in, std::size(cases)));
}

INSTANTIATE_TEST_SUITE_P(Render, Semantics,
                         ::testing::Combine(::testing::ValuesIn(compilers()), ::testing::Values(4, 8, 16), ::testing::Bool()),
                         [](const auto& made) {
                           return std::get<0>(made.param) + "_" + std::to_string(std::get<1>(made.param)) +
                                  (std::get<2>(made.param) ? "_wide" : "_scalar");
                         });

INSTANTIATE_TEST_SUITE_P(Render, SemanticsOnAarch64, ::testing::Combine(::testing::Values(4, 8, 16), ::testing::Bool()),
                         [](const auto& made) {
                           return std::to_string(std::get<0>(made.param)) + (std::get<1>(made.param) ? "_wide" : "_scalar");
                         });

}  // namespace
