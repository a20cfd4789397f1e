// Small patches of composites with signals on every input, as generated C against the interpreter.

#include <gtest/gtest.h>

#include <memory>

#include "dgen/compare.h"
#include "dgen/dsp.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/play.h"

namespace {

using namespace dgen;
using dgen_test::Channels;
using dgen_test::run;

constexpr std::int64_t frames = 1500;
constexpr double rate = 48000;

struct Patch {
  const char* name;
  Signal (*build)(Graph& g, Signal x, Signal slow);  ///< x: noise in [-1, 1); slow: a sine in [0, 1]
};

const Patch patches[] = {
    {"modulated biquad of a mode chosen as it runs",
     [](Graph&, Signal x, Signal slow) { return biquad(x, 200.0 + 8000.0 * slow, 0.5 + 4.0 * slow, 2.0 - slow, 8.0 * slow); }},
    {"modulated svf", [](Graph&, Signal x, Signal slow) { return svf(x, 50.0 + 15000.0 * slow, 8.0 * slow, 4.0 * slow); }},
    {"vibrato", [](Graph&, Signal x, Signal slow) { return delay(x, 400.0 * slow, 300.0); }},
    {"vibrato by cubics", [](Graph&, Signal x, Signal slow) { return delay(x, 400.0 * slow, 300.0, 3.0); }},
    {"delay of whole frames", [](Graph&, Signal x, Signal slow) { return delay(x, floor(40.0 * slow) + 0.5, 300.0, 0.0); }},
    {"flanger with feedback",
     [](Graph& g, Signal x, Signal slow) {
       const Signal echo = g.feedback();
       g.close(echo, x + 0.7 * delay(echo, 30.0 * slow, 100.0));
       return echo;
     }},
    {"comb and allpass, nested",
     [](Graph& g, Signal x, Signal) {
       const Signal outer = g.feedback(), inner = g.feedback();
       g.close(inner, 0.3 * x + 0.5 * outer - 0.6 * delay(inner, 37.0, 64.0));
       g.close(outer, delay(0.6 * inner + delay(inner, 37.0, 64.0), 211.0, 512.0));
       return outer;
     }},
    {"plucked string",
     [](Graph& g, Signal x, Signal) {
       const Signal string = g.feedback();
       g.close(string, 0.1 * x + 0.99 * tanh(onepole(delay(string, 100.3, 200.0), 9000.0)));
       return string;
     }},
    {"table written and read",
     [](Graph& g, Signal x, Signal slow) {
       const Signal t = table(g, std::vector<double>(64, 0.25));
       const Signal at = floor(63.0 * slow);
       return seq(memory_write(t, at, 0.5 * x + 0.5 * memory_read(t, at)), memory_read(t, 80.0 * slow, 1.0, 1.0));
     }},
    {"wavetable by cubics",
     [](Graph& g, Signal, Signal slow) {
       return memory_read(table(g, {0, 1, 3, -2, 5}), 40.0 * slow - 10.0, 1.0, 3.0);
     }},
    {"compressor with a sidechain",
     [](Graph&, Signal x, Signal slow) { return compressor(x, 1.0 + 9.0 * slow, -30.0, 10.0 * slow, 0.001, 0.01, x * slow); }},
    {"held and chosen",
     [](Graph&, Signal x, Signal slow) {
       const Signal held = latch(x, lt(slow, 0.3));
       return selector(4.0 * slow, held, gswitch(x, slow, held), change(x));
     }},
    {"oscillators of a moving frequency",
     [](Graph&, Signal x, Signal slow) {
       return sin(two_pi * phasor(2000.0 * slow - 500.0)) + triangle(phasor(30.0 + slow), 0.2 + 0.5 * slow) * x;
     }},
    {"echo that a steady oscillator sweeps",
     [](Graph& g, Signal x, Signal) {
       const Signal loop = g.feedback();
       const Signal sweep = 20.0 + 15.0 * sin(two_pi * phasor(g.constant(110)));
       const Signal y = x + 0.5 * loop;
       g.close(loop, delay(y, sweep, 64.0));
       return y;
     }},
    {"history that starts at what another loop computes",
     [](Graph& g, Signal x, Signal) {
       const Signal first = history_cell(g);
       const Signal smooth = x + 0.5 * first;
       g.close(first, smooth);
       const Signal second = ops::cell(smooth + 1.0);
       g.close(second, 0.99 * second);
       return second + smooth;
     }},
    {"oscillator that modulates itself",
     [](Graph& g, Signal, Signal slow) {
       const Signal before = history_cell(g);
       const Signal y = sin(70.0 * slow + 0.6 * slow * before);
       g.close(before, y);
       return y;
     }},
    {"ranges",
     [](Graph&, Signal x, Signal slow) {
       return fold(3.0 * x, -slow, 1.0) + clip(x, -slow, slow) + scale(x, -1.0, 1.0, slow, 2.0, 1.0 + slow) + mix(x, slow, slow);
     }},
    {"units",
     [](Graph&, Signal x, Signal slow) { return dbtoa(atodb(abs(x) + 0.01) - 6.0) + ftom(mtof(60.0 + 12.0 * slow)) / 100.0; }},
};

Channels stimulus() {
  const auto slow = [](double n) { return static_cast<double>(static_cast<float>(0.5 + 0.5 * std::sin(n * n * 1e-5))); };
  return {dgen_test::white_noise(frames), dgen_test::sequence(frames, slow)};
}

class CompiledPatches : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::vector<const Graph*> pointers;
    for (const Patch& patch : patches) {
      Graph& g = *graphs.emplace_back(std::make_unique<Graph>());
      g.output(patch.build(g, g.input(0), g.input(1)));
      pointers.push_back(&g);
    }
    programs = compile(pointers);
  }
  static void TearDownTestSuite() { graphs.clear(), programs.clear(); }
  static inline std::vector<std::unique_ptr<Graph>> graphs;
  static inline std::vector<Program> programs;
};

TEST_F(CompiledPatches, AgreeWithTheInterpreter) {
  for (std::size_t k = 0; k < std::size(patches); ++k) {
    const auto expected = run(*graphs[k], dgen_test::Engine::float64, stimulus(), frames, rate)[0];
    const auto actual = run(programs[k], stimulus(), frames, frames, rate)[0];
    double peak = 0, error = 0;
    for (std::size_t n = 0; n < expected.size(); ++n) {
      peak = std::max(peak, std::fabs(expected[n]));
      error = std::max(error, std::fabs(actual[n] - expected[n]));
    }
    // 3.2e-5 was measured for delay times near 400 frames, which float32 rounds to 3e-5 of a frame; 5e-6 for the others
    EXPECT_LE(error, 5e-5 * peak) << patches[k].name;
    RecordProperty("error_of_patch_" + std::to_string(k), std::to_string(error / peak * 1e6) + "e-6");
  }
}

TEST_F(CompiledPatches, DoNotDependOnTheBlockSize) {
  for (std::size_t k = 0; k < std::size(patches); ++k) {
    const Channels whole = run(programs[k], stimulus(), frames, frames, rate);
    for (const std::int64_t block : {1, 7, 64, 128, 4096}) {
      EXPECT_EQ(run(programs[k], stimulus(), frames, block, rate), whole) << patches[k].name << " in blocks of " << block;
    }
  }
}

}  // namespace
