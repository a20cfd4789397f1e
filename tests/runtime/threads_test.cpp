// Programs whose stages several threads share: the bits of one thread, whatever the calls.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dgen/delays.h"
#include "dgen/filters.h"
#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/oscillators.h"
#include "dgen/program.h"
#include "dgen/time.h"
#include "support/expect_error.h"

namespace dgen {
namespace {

/// A loop that runs frame by frame: a filter whose state is bent.
Signal bent(Signal x, double amount) {
  Graph& g = *x.graph;
  const Signal past = ops::cell(g.constant(0));
  const Signal y = tanh(x + amount * past);
  g.close(past, y);
  return y;
}

/// Stages that wait for each other, two that do not, one that knows no past, and an output that nothing changes.
void stages(Graph& g) {
  const Signal level = g.param("level", 0.5), x = g.input(0) * level;
  const Signal left = svf_lowpass(bent(x, 0.9), 900.0, 0.8), right = bent(delay(x, 300.0, 400.0), 0.3);
  g.output(sin(3.0 * left) + onepole(right, 4000.0));
  g.output(bent(left - right, 0.5));
  g.output(g.constant(0.25) * level);
}

struct Sound {
  std::vector<std::vector<float>> in, out;
};

/// Calls of these lengths; the level moves in between.
Sound played(const Program& program, const std::vector<std::int64_t>& calls) {
  std::int64_t all = 0;
  for (const std::int64_t frames : calls) all += frames;
  Sound sound{.in{static_cast<std::size_t>(program.inputs()), std::vector<float>(static_cast<std::size_t>(all))},
              .out{static_cast<std::size_t>(program.outputs()), std::vector<float>(static_cast<std::size_t>(all))}};
  std::uint32_t seed = 1;
  for (auto& channel : sound.in) {
    for (float& v : channel) v = static_cast<float>(static_cast<std::int32_t>(seed = seed * 1664525u + 1013904223u)) * 0x1p-31f;
  }
  Instance instance(program, 48000);
  std::int64_t from = 0;
  for (const std::int64_t frames : calls) {
    std::vector<const float*> in;
    std::vector<float*> out;
    for (const auto& channel : sound.in) in.push_back(channel.data() + from);
    for (auto& channel : sound.out) out.push_back(channel.data() + from);
    if (!program.params().empty()) instance.set("level", 0.4 + 1e-6 * static_cast<double>(from));
    instance.process(in.data(), out.data(), frames);
    from += frames;
  }
  return sound;
}

const std::vector<std::int64_t> calls{5000, 1, 4096, 77, 20000, 3, 9000, 70000, 4000};

TEST(ProgramThreads, GiveTheSameBitsForAnyNumber) {
  Graph g;
  stages(g);
  const Sound expected = played(compile(g), calls);
  for (const int threads : {2, 3, 7, 0}) {
    const Sound sound = played(compile(g, {.threads = threads}), calls);
    for (std::size_t c = 0; c < expected.out.size(); ++c) EXPECT_EQ(sound.out[c], expected.out[c]) << threads << ", " << c;
  }
}

TEST(ProgramThreads, KeepStatesThatOneThreadGoesOnWith) {
  Graph g;
  stages(g);
  const Program shared = compile(g, {.threads = 3}), alone = compile(g);
  Instance first(shared, 48000), second(alone, 48000);
  std::vector<float> in(6000, 0.3f), out(6000), again(6000);
  const float* const from[] = {in.data()};
  float *const to[] = {out.data(), nullptr, nullptr}, *const to_again[] = {again.data(), nullptr, nullptr};
  for (int k = 0; k < 4; ++k) first.process(from, to, 6000);
  second.restore(first.save());
  first.process(from, to, 6000);
  second.process(from, to_again, 6000);
  EXPECT_EQ(out, again);
}

TEST(ProgramThreads, ShareSubBlocksOfWhatKnowsNoPast) {
  Graph g;
  g.output(exp(sin(g.input(0)) * g.input(1)));
  EXPECT_NE(to_text(explain(g)).find("knows no past, so several sub-blocks at once"), std::string::npos);
  EXPECT_EQ(played(compile(g, {.threads = 3}), calls).out, played(compile(g), calls).out);
}

TEST(ProgramThreads, TellWhatGoesOnAtOnce) {
  Graph g;
  stages(g);
  const Report report = explain(g);
  EXPECT_GE(report.parts.size(), 2u) << to_text(report);
  EXPECT_NE(to_text(report).find("behind part"), std::string::npos) << to_text(report);
}

TEST(ProgramThreads, LeaveTheTextOfOneThreadAsItIs) {
  Graph g;
  stages(g);
  EXPECT_EQ(compile(g).source().find("dgen_parts"), std::string::npos);
  EXPECT_NE(compile(g, {.threads = 2}).source().find("dgen_parts"), std::string::npos);
}

TEST(ProgramThreads, RefuseNumbersThatAreNone) {
  Graph g;
  stages(g);
  expect_error(ErrorCode::bad_value, "threads is -1", [&] { compile(g, {.threads = -1}); });
}

}  // namespace
}  // namespace dgen
