// A parameter that moves runs what follows from it, and nothing else.

#include "lower/changes.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

#include "dgen/patch.h"
#include "dgen/program.h"
#include "runtime/pipeline.h"

namespace {

using namespace dgen;

constexpr const char* patch = R"(
Param low(300, min=20, max=20000);
Param high(4000, min=20, max=20000);
Param q(2, min=0.1, max=20);
Param gain(0.5);
a = svf_lowpass(in1, low, q);
b = onepole(in1, high);
out1 = gain * (a + b) + cycle(low * 0.5) * 0.1;
out2 = onepole(in1, high * q);
)";

TEST(Changes, RunWhatFollowsFromAParameter) {
  Graph g;
  parse_patch(g, patch);
  const runtime::Compiled compiled = runtime::compile_graph(g, {}, "patch");
  std::set<lower::Changes> found;
  for (const ir::Function& kernel : compiled.lowered.module.kernels) {
    if (kernel.when == ir::When::change && kernel.name == "control") found.insert(kernel.changes);
  }
  const lower::Changes low = 1, high = 2, q = 4;
  EXPECT_TRUE(found.contains(low | q) || found.contains(low)) << "the svf's";
  EXPECT_TRUE(found.contains(high));
  EXPECT_TRUE(found.contains(high | q));
  EXPECT_FALSE(found.contains(lower::any_change));
}

/// Parameters move one at a time, and the program hears all of it.
TEST(Changes, MissNothingThatMoves) {
  Graph g;
  parse_patch(g, patch);
  Instance compiled(compile(g), 48000), exact(compile(g, {.backend = Backend::interpreter}), 48000);
  constexpr std::int64_t block = 64;
  std::array<float, block> in{}, a{}, b{}, c{}, d{};
  const std::array<const char*, 4> names{"low", "high", "q", "gain"};
  const std::array<double, 4> values{300, 4000, 2, 0.5};
  for (int call = 0; call < 60; ++call) {
    for (std::size_t n = 0; n < in.size(); ++n)
      in[n] = std::sin(0.3f * static_cast<float>(n + 7 * static_cast<std::size_t>(call)));
    const auto k = static_cast<std::size_t>(call * 7 % 4);
    for (Instance* instance : {&compiled, &exact}) instance->set(names[k], values[k] * (1 + 0.02 * call));
    const float* const heard[] = {in.data()};
    float* const out[] = {a.data(), b.data()};
    float* const wanted[] = {c.data(), d.data()};
    compiled.process(heard, out, block);
    exact.process(heard, wanted, block);
    for (std::size_t n = 0; n < in.size(); ++n) {
      ASSERT_NEAR(a[n], c[n], 2e-5) << "call " << call << ", frame " << n << ", after " << names[k];
      ASSERT_NEAR(b[n], d[n], 2e-5) << "call " << call << ", frame " << n << ", after " << names[k];
    }
  }
}

}  // namespace
