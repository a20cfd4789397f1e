#include "render/render.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "ir/builder.h"
#include "render/compiled.h"

namespace {

using namespace dgen;
using namespace dgen::render;
using ir::Buffer;
using ir::Builder;
using ir::Function;
using ir::Scalar;
using ir::Space;
using ir::Value;
using Channels = std::vector<std::vector<float>>;

constexpr ir::Type wide_float{Scalar::f32, true};

std::vector<float> ramp(std::int64_t frames, float scale) {
  std::vector<float> x;
  for (std::int64_t k = 0; k < frames; ++k) x.push_back(std::sin(scale * static_cast<float>(k + 1)) * 3.0f);
  return x;
}

void expect_bits(const std::vector<float>& got, const std::vector<float>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t k = 0; k < got.size(); ++k) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(got[k]), std::bit_cast<std::uint32_t>(want[k])) << "frame " << k << ": " << got[k] << ", not " << want[k];
  }
}

Function kernel(const char* name, const char* why, ir::When when = ir::When::block) {
  Function made{.name = name, .arguments = {{Scalar::i32, false}, {Scalar::i64, false}}, .when = when};
  made.why = why;
  return made;
}

/// Products with powers of two are exact, so a compiler may contract them or not.
/// out0 = x * 2 + 1, one-pole out1 = y += gain * (x - y) with the state in the arena, gain a parameter.
struct Small {
  ir::Module module{.name = "small", .inputs = 1, .outputs = 2};
  ProgramInterface interface{.name = "small", .inputs = {"in"}, .outputs = {"scaled", "smooth"}};

  Small() {
    interface.params.push_back({.name = "gain", .initial = 0.25, .min = 0, .max = 1});
    const std::int64_t header = header_bytes(1);
    module.buffers = {
        {.name = "in", .space = Space::input, .size = 256, .channel = 0},
        {.name = "scaled", .space = Space::output, .size = 256, .channel = 0},
        {.name = "smooth", .space = Space::output, .size = 256, .channel = 1},
        {.name = "y", .space = Space::state, .offset = header},
        {.name = "gain", .space = Space::params},
        {.name = "half_gain", .space = Space::state, .offset = header + 128},
    };
    module.state_bytes = header + 256;
    interface.states.push_back({.name = "y", .buffer = 3});
    control();
    onepole();
    scaled();
  }

  void control() {
    Function f = kernel("control", "runs when a parameter changes", ir::When::change);
    Builder b(module, f);
    const Value zero = b.integer({Scalar::i32, false}, 0);
    b.store(5, zero, b.load(4, zero, false) * 0.5);
    module.kernels.push_back(std::move(f));
  }

  void onepole() {
    Function f = kernel("smooth", "sequential: y depends on the frame before");
    Builder b(module, f);
    const Value zero = b.integer({Scalar::i32, false}, 0);
    const Value gain = b.load(5, zero, false);
    const ir::Local y = b.local("y", b.load(3, zero, false));
    b.loop(zero, b.argument(0), false, [&](Value i) {
      y.set(y.get() + gain * (b.load(0, i, false) - y.get()));
      b.store(2, i, y.get());
    });
    b.store(3, zero, y.get());
    module.kernels.push_back(std::move(f));
  }

  void scaled() {
    Function f = kernel("scaled", "parallel: no state");
    Builder b(module, f);
    const Value zero = b.integer({Scalar::i32, false}, 0);
    b.loop(zero, b.argument(0), true, [&](Value i) { b.store(1, i, b.load(0, i, true) * 2.0 + 1.0); });
    module.kernels.push_back(std::move(f));
  }

  static Channels expected(const std::vector<float>& x, float gain) {
    Channels out(2);
    float y = 0;
    for (const float v : x) {
      y = std::fma(gain * 0.5f, v - y, y);
      out[0].push_back(std::fma(v, 2.0f, 1.0f));
      out[1].push_back(y);
    }
    return out;
  }
};

class EveryCompiler : public ::testing::TestWithParam<std::tuple<std::string, int>> {
 protected:
  std::string compiler() const { return std::get<0>(GetParam()); }
  int lanes() const { return std::get<1>(GetParam()); }
};

TEST_P(EveryCompiler, RunsAnyBlockSizeWithTheSameBits) {
  const Small small;
  const Compiled compiled(render_c(small.module, small.interface, lanes()), compiler());
  const std::vector<float> x = ramp(4097, 0.1f);
  const Channels want = Small::expected(x, 0.25f);
  for (const std::int64_t block : {1, 7, 64, 128, 4096}) {
    Running running(compiled.descriptor("small"));
    const Channels got = running.run({x}, 4097, block);
    expect_bits(got[0], want[0]);
    expect_bits(got[1], want[1]);
  }
}

TEST_P(EveryCompiler, RunsInPlaceInAnyOrderOfChannels) {
  const Small small;
  const Compiled compiled(render_c(small.module, small.interface, lanes()), compiler());
  const std::vector<float> x = ramp(1000, 0.1f);
  const Channels want = Small::expected(x, 0.25f);
  for (std::size_t same = 0; same < 2; ++same) {  // which output is the input's memory
    for (const std::int64_t block : {7, 64, 1000}) {
      Running running(compiled.descriptor("small"));
      Channels memory{x, std::vector<float>(1000)};
      for (std::int64_t at = 0; at < 1000; at += block) {
        const float* const in[] = {memory[0].data() + at};
        float* const out[] = {memory[same].data() + at, memory[1 - same].data() + at};
        running.process(in, out, std::min<std::int64_t>(block, 1000 - at));
      }
      expect_bits(memory[same], want[0]);
      expect_bits(memory[1 - same], want[1]);
    }
  }
}

TEST_P(EveryCompiler, TakesMissingChannelsAsSilence) {
  const Small small;
  const Compiled compiled(render_c(small.module, small.interface, lanes()), compiler());
  Running running(compiled.descriptor("small"));
  const Channels got = running.run({{}}, 333, 100);
  expect_bits(got[0], std::vector<float>(333, 1.0f));
  expect_bits(got[1], std::vector<float>(333, 0.0f));
  EXPECT_EQ(running.process(nullptr, nullptr, 10), 0);
  EXPECT_EQ(running.process(nullptr, nullptr, -1), 1);
}

TEST_P(EveryCompiler, RunsControlKernelsWhenAParameterChangesAndAfterReset) {
  const Small small;
  const Compiled compiled(render_c(small.module, small.interface, lanes()), compiler());
  Running running(compiled.descriptor("small"));
  const std::vector<float> x = ramp(200, 0.3f);
  running.run({x}, 200, 64);
  running.params[0] = 0.5f;
  running.reset();
  const Channels got = running.run({x}, 200, 64);
  expect_bits(got[1], Small::expected(x, 0.5f)[1]);
}

INSTANTIATE_TEST_SUITE_P(Render, EveryCompiler, ::testing::Combine(::testing::ValuesIn(compilers()), ::testing::Values(4, 8, 16)),
                         [](const auto& made) {
                           return std::get<0>(made.param) + "_" + std::to_string(std::get<1>(made.param));
                         });

}  // namespace
