#include "render/render.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <sstream>

#include "ir/builder.h"
#include "render/compiled.h"
#include "render/machine.h"

namespace {

using namespace dgen;
using namespace dgen::render;
using ir::Builder;
using ir::Scalar;
using ir::Space;
using ir::Value;
using Channels = std::vector<std::vector<float>>;

std::vector<float> ramp(std::int64_t frames, float scale) {
  std::vector<float> x;
  for (std::int64_t k = 0; k < frames; ++k) x.push_back(std::sin(scale * static_cast<float>(k + 1)) * 3.0f);
  return x;
}

void expect_bits(const std::vector<float>& got, const std::vector<float>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t k = 0; k < got.size(); ++k) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(got[k]), std::bit_cast<std::uint32_t>(want[k]))
        << "frame " << k << ": " << got[k] << ", not " << want[k];
  }
}

/// Products with powers of two are exact, so a compiler may contract them or not.
/// out0 = x * 2 + 1; out1: one-pole y += gain / 2 * (x - y), gain a parameter.
struct Small : Machine {
  int y, half_gain, gain;

  Small() : Machine("small", 1, 2, 1) {
    interface.params[0] = {.name = "gain", .initial = 0.25, .min = 0, .max = 1};
    interface.outputs = {"scaled", "smooth"};
    y = add({.name = "y"});
    half_gain = add({.name = "half_gain"});
    gain = add({.name = "gain", .space = Space::params});
    interface.states.push_back({.name = "y", .buffer = y});
    kernel(
        "control", [&](Builder& b, Value zero, Value) { b.store(half_gain, zero, b.load(gain, zero, false) * 0.5); },
        ir::When::change);
    module.kernels.back().why = "runs when a parameter changes";
    kernel("smooth", [&](Builder& b, Value zero, Value frames) { onepole(b, zero, frames); });
    module.kernels.back().why = "sequential: y depends on the frame before";
    kernel("scaled", [&](Builder& b, Value zero, Value frames) {
      b.loop(zero, frames, true, [&](Value i) { b.store(output(0), i, b.load(input(0), i, true) * 2.0 + 1.0); });
    });
    module.kernels.back().why = "parallel: no state";
  }

  void onepole(Builder& b, Value zero, Value frames) {
    const Value a = b.load(half_gain, zero, false);
    const ir::Local last = b.local("y", b.load(y, zero, false));
    b.loop(zero, frames, false, [&](Value i) {
      last.set(last.get() + a * (b.load(input(0), i, false) - last.get()));
      b.store(output(1), i, last.get());
    });
    b.store(y, zero, last.get());
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

/// A ring written and read `delay` frames back through gathers, a table, a branch, noise from counters, and functions.
struct Wide : Machine {
  static constexpr int ring_size = 64, delay = 40;

  Wide() : Machine("wide", 2, 4) {
    const int ring = add({.name = "ring", .size = ring_size});
    const int table = add({.name = "squares",
                           .space = Space::constant,
                           .size = 16,
                           .contents = {0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121, 144, 169, 196, 225}});
    const int mixed = add({.name = "mixed", .space = Space::scratch, .size = module.sub_block});
    const int phases = add({.name = "phases", .space = Space::scratch, .scalar = Scalar::u64, .size = module.sub_block});
    kernel("ring", [=, this](Builder& b, Value zero, Value frames) { delayed(b, ring, zero, frames); });
    kernel("phase", [=, this](Builder& b, Value zero, Value frames) { phase(b, phases, zero, frames); });
    kernel("mix", [=, this](Builder& b, Value zero, Value frames) {
      b.loop(zero, frames, true, [&](Value i) {
        const Value x[] = {b.load(input(0), i, true), b.load(input(1), i, true)};
        b.store(mixed, i, b.call("halfway", x, [](std::span<const Value> v) { return (v[0] + v[1]) * 0.5; }));
      });
    });
    kernel("swap", [=, this](Builder& b, Value zero, Value frames) {
      b.loop(zero, frames, true, [&](Value i) {
        const Value index = convert(Scalar::i32, convert(Scalar::f32, b.load(phases, i, true) >> 60));
        const Value left = b.load(input(0), i, true), right = b.load(input(1), i, true), m = b.load(mixed, i, true);
        b.store(output(0), i, right + m);
        b.store(output(1), i, left + b.gather(table, index));
      });
    });
  }

  /// out2: in0 `delay` frames ago, out3: its sign by a branch.
  void delayed(Builder& b, int ring, Value zero, Value frames) {
    b.loop(zero, frames, false, [&](Value i) {
      const Value now = convert(Scalar::i32, b.argument(1)) + i;
      b.store(ring, now & like(now, ring_size - 1), b.load(input(0), i, false));
      const Value old = b.load(ring, (now - like(now, delay)) & like(now, ring_size - 1), false);
      b.store(output(2), i, old);
      const ir::Local sign = b.local("sign", like(old, 0));
      b.branch(
          old < 0.0, [&] { sign.set(like(old, -1)); }, [&] { b.branch(old > 0.0, [&] { sign.set(like(old, 1)); }); });
      b.store(output(3), i, sign.get());
    });
  }

  /// (position + i) * a large odd number, in 64 bits.
  void phase(Builder& b, int phases, Value zero, Value frames) {
    b.loop(zero, frames, true, [&](Value i) {
      const Value frame = b.broadcast(b.argument(1) + convert(Scalar::i64, i)) + convert(Scalar::i64, b.lane());
      b.store(phases, i, bitcast(Scalar::u64, frame * b.integer(frame.type(), 0x1234567890abcdef)));
    });
  }

  static Channels expected(const Channels& in) {
    Channels out(4);
    for (std::size_t k = 0; k < in[0].size(); ++k) {
      const std::uint64_t top = (k * 0x1234567890abcdef) >> 60;
      const float old = k >= delay ? in[0][k - delay] : 0.0f;
      out[0].push_back(in[1][k] + (in[0][k] + in[1][k]) * 0.5f);
      out[1].push_back(in[0][k] + static_cast<float>(top * top));
      out[2].push_back(old);
      out[3].push_back(old < 0 ? -1.0f : old > 0 ? 1.0f : 0.0f);
    }
    return out;
  }
};

TEST_P(EveryCompiler, RunsRingsTablesBranchesAndFunctions) {
  const Wide wide;
  const Compiled compiled(render_c(wide.module, wide.interface, lanes()), compiler());
  const Channels in{ramp(1111, 0.1f), ramp(1111, 0.7f)};
  const Channels want = Wide::expected(in);
  for (const std::int64_t block : {1, 7, 64, 1111}) {
    Running running(compiled.descriptor("wide"));
    const Channels got = running.run(in, 1111, block);
    for (std::size_t c = 0; c < got.size(); ++c) expect_bits(got[c], want[c]);
  }
}

TEST_P(EveryCompiler, KeepsInputsThatOutputsOverwriteInSwappedOrder) {
  const Wide wide;
  const Compiled compiled(render_c(wide.module, wide.interface, lanes()), compiler());
  const Channels in{ramp(600, 0.1f), ramp(600, 0.7f)};
  const Channels want = Wide::expected(in);
  for (const std::int64_t block : {5, 64, 600}) {
    Running running(compiled.descriptor("wide"));
    Channels memory{in[0], in[1], std::vector<float>(600), std::vector<float>(600)};
    for (std::int64_t at = 0; at < 600; at += block) {
      const float* const from[] = {memory[0].data() + at, memory[1].data() + at};
      float* const to[] = {memory[1].data() + at, memory[0].data() + at, memory[2].data() + at, memory[3].data() + at};
      running.process(from, to, std::min<std::int64_t>(block, 600 - at));
    }
    expect_bits(memory[1], want[0]);
    expect_bits(memory[0], want[1]);
    expect_bits(memory[2], want[2]);
  }
}

TEST_P(EveryCompiler, PutsManyProgramsIntoOneUnit) {
  const Small first;
  Small second;
  second.interface.name = "another";
  const Wide wide;
  const Unit units[] = {{&first.module, &first.interface}, {&second.module, &second.interface}, {&wide.module, &wide.interface}};
  const Compiled compiled(render_c(units, lanes()), compiler());
  const std::vector<float> x = ramp(100, 0.1f);
  for (const char* name : {"small", "another"}) {
    Running running(compiled.descriptor(name));
    expect_bits(running.run({x}, 100, 100)[1], Small::expected(x, 0.25f)[1]);
  }
}

INSTANTIATE_TEST_SUITE_P(Render, EveryCompiler, ::testing::Combine(::testing::ValuesIn(compilers()), ::testing::Values(4, 8, 16)),
                         [](const auto& made) {
                           return std::get<0>(made.param) + "_" + std::to_string(std::get<1>(made.param));
                         });

#if defined(__SSE__)
TEST_P(EveryCompiler, FlushesDenormalsAndRestoresTheCallersMode) {
  const Small small;
  const Compiled compiled(render_c(small.module, small.interface, lanes()), compiler());
  Running running(compiled.descriptor("small"));
  std::vector<float> x(4096);
  x[0] = 1;
  const unsigned before = __builtin_ia32_stmxcsr();
  const Channels got = running.run({x}, 4096, 512);
  EXPECT_EQ(__builtin_ia32_stmxcsr(), before);
  for (const float v : got[1]) EXPECT_FALSE(std::fpclassify(v) == FP_SUBNORMAL) << v;
  EXPECT_LT(got[1].back(), 1e-37f);  // where the product with the gain is flushed
}
#endif

TEST(Render, CopiesAnOutputThatAnInputIsReadAfter) {
  Machine machine("late", 1, 1);
  machine.kernel("late", [&](Builder& b, Value zero, Value frames) {
    b.loop(zero, frames, true, [&](Value i) {
      b.store(machine.output(0), i, b.load(machine.input(0), i, true));
      b.store(machine.output(0), i, b.load(machine.input(0), i, true) * 2.0);
    });
  });
  EXPECT_EQ(render_c(machine.module, machine.interface, 8).find("dgen_output("), std::string::npos);
}

TEST(Render, DescribesTheProgram) {
  const Small small;
  const Compiled compiled(render_c(small.module, small.interface, 8), compilers().front());
  const render::abi::Descriptor& d = compiled.descriptor("small");
  EXPECT_EQ(d.version, render::abi::version);
  EXPECT_EQ(d.vector_width, 8u);
  EXPECT_STREQ(d.name, "small");
  ASSERT_EQ(d.params, 1);
  EXPECT_STREQ(d.param_list[0].name, "gain");
  EXPECT_EQ(d.param_list[0].initial, 0.25);
  ASSERT_EQ(d.states, 1);
  EXPECT_STREQ(d.state_list[0].name, "y");
  EXPECT_EQ(d.state_list[0].offset, small.module.buffers[static_cast<std::size_t>(small.y)].offset);
  EXPECT_STREQ(d.output_names[1], "smooth");
}

TEST(Render, HasNoWritableDataAndCallsNoMathematics) {
  const Wide wide;
  const std::string path = temporary_file("wide.c", render_c(wide.module, wide.interface, 8)), object = path + ".o";
  std::string messages, symbols;
  ASSERT_TRUE(succeeds("gcc " + std::string(kernel_flags) + " -fno-pie -c -o " + object + " " + path, messages)) << messages;
  ASSERT_TRUE(succeeds("nm " + object, symbols));
  std::istringstream lines(symbols);
  for (std::string line; std::getline(lines, line);) {
    const std::string name = line.substr(line.rfind(' ') + 1);
    const char kind = line[line.size() - name.size() - 2];
    EXPECT_EQ(std::string("bBD").find(kind), std::string::npos) << line;
    EXPECT_TRUE(kind != 'U' || name == "memcpy" || name == "memset" || name == "memcmp") << line;
  }
}

/// With DGEN_UPDATE_GOLDEN set, writes the file instead.
TEST(Render, WritesTheTextOfASmallProgram) {
  const Small small;
  const Unit unit{&small.module, &small.interface};
  const std::string text = render_c_body(std::span(&unit, 1), 4), path = DGEN_SOURCE_DIR "/tests/golden/small.c";
  if (std::getenv("DGEN_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::stringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(text, golden.str());
}

}  // namespace
