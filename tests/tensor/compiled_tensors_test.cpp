// Tensors and the hop clock in generated C against the interpreter, at every vector width, in blocks of several sizes.

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/math.h"
#include "dgen/memory.h"
#include "dgen/program.h"
#include "dgen/spectral.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/expect_error.h"
#include "support/random_tensors.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 600;  // more than two sub-blocks
/// Of values within a few units: what eight float32 roundings may grow to in a few products.
constexpr double tolerance = 1e-4;

void expect_parity(std::span<const Graph* const> graphs, const CompileOptions& options, const std::vector<std::string>& texts) {
  const std::vector<Program> programs = compile(graphs, options);
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    const Channels in = dgen::testing::random_input(k, graphs[k]->inputs(), frames);
    const Channels expected = dgen_test::run(*graphs[k], dgen_test::Engine::float64, in, frames, 48000);
    const Channels whole = dgen_test::run(programs[k], in, frames, frames, 48000);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      for (std::size_t n = 0; n < expected[c].size(); ++n)
        ASSERT_NEAR(whole[c][n], expected[c][n], tolerance * std::fmax(1, std::fabs(expected[c][n])))
            << "output " << c << ", frame " << n << ", width " << options.vector_width << "\n"
            << texts[k];
    }
    for (const std::int64_t block : {1, 7, 64, 300})
      ASSERT_EQ(dgen_test::run(programs[k], in, frames, block, 48000), whole) << "blocks of " << block << "\n" << texts[k];
  }
}

TEST(CompiledTensors, OfRandomGraphsAgreeWithTheInterpreterInEveryBlockSize) {
  std::uint64_t seed = 0;
  for (const int width : {4, 8, 16}) {
    std::vector<dgen::testing::RandomGraph> random;
    std::vector<const Graph*> graphs;
    std::vector<std::string> texts;
    for (int k = 0; k < 12; ++k) random.push_back(dgen::testing::random_tensors(seed++, true));
    for (const auto& one : random) {
      graphs.push_back(one.graph.get());
      texts.push_back(to_text(one));
    }
    expect_parity(graphs, {.vector_width = width}, texts);
  }
}

TEST(CompiledTensors, SaveWhatTicksLeftBehind) {
  Graph g;
  g.output(sum(window(g.input(), 7, 5)) + overlap_add(window(g.input(), 20, 5)));
  const Program program = compile(g);
  const Channels in = dgen::testing::random_input(1, 1, frames);
  const Channels whole = dgen_test::run(program, in, frames, frames, 48000);
  Instance first(program, 48000), second(program, 48000);
  const std::vector<float> x(in[0].begin(), in[0].end());
  std::vector<float> y(x.size());
  const float* from = x.data();
  float* to = y.data();
  first.process(&from, &to, 33);
  second.restore(first.save());
  from += 33, to += 33;
  second.process(&from, &to, frames - 33);
  for (std::size_t n = 0; n < y.size(); ++n) ASSERT_EQ(static_cast<double>(y[n]), whole[0][n]) << n;
}

/// Numbers and rows of control clock take turns, and change when the host sets an element.
TEST(CompiledTensors, OfControlClockFollowTheHost) {
  Graph g;
  const Signal w = g.param("w", extents({3, 4}), initial::Uniform{.seed = 4}, {.min = -2, .max = 2}), gain = g.param("gain", 0.5);
  const Signal level = sum(sum(tanh(w * gain)));
  const Signal row = linear(tensor(g, {1, 2, 3, 4}) * level, w) * level + sum(w * level);
  g.output(sum(row) * g.input() + sum(linear(window(g.input(), 3, 2), outer(row, row))) + sum(sum(w)) * level * g.input());
  const Program program = compile(g);
  Instance instance(program, 48000);
  Interpreter reference(g, 48000);
  std::vector<double> values = instance.values("w");
  ASSERT_EQ(values.size(), 12u);
  const Channels in = dgen::testing::random_input(3, 1, 60);
  const std::vector<float> x(in[0].begin(), in[0].end());
  std::vector<float> y(x.size());
  for (int turn = 0; turn < 3; ++turn) {
    const float* from = x.data() + 20 * turn;
    float* to = y.data() + 20 * turn;
    instance.process(&from, &to, 20);
    const Channels part{{in[0].begin() + 20 * turn, in[0].begin() + 20 * turn + 20}};
    Channels expected;
    reference.process(part, expected, 20);
    for (std::size_t n = 0; n < 20; ++n)
      ASSERT_NEAR(to[n], expected[0][n], 1e-5 * std::fmax(1, std::fabs(expected[0][n]))) << turn << " " << n;
    values[static_cast<std::size_t>(turn) + 5] = 5;  // clamped to 2
    instance.set("w", values);
    reference.set("w", values);
    EXPECT_EQ(instance.values("w")[5], 2);
  }
  expect_error(ErrorCode::bad_value, "has the shape [3, 4] and cannot take 2 values", [&] {
    instance.set("w", std::vector<double>{1, 2});
  });
}

TEST(CompiledTensors, SaysWhatItDoesNotCompile) {
  Graph g;
  const Signal state = ops::cell(tensor(g, {1, 2}));
  g.close(state, linear(state, g.input() * g.param("w", extents({2, 2}), initial::Uniform{.seed = 4})));
  g.output(sum(state));
  expect_error(ErrorCode::bad_type, "a loop over tensors contains linear", [&] { compile(g); });
  Graph echo;
  const Signal later = ops::cell(tensor(echo, {1, 2}));
  const Signal kept = table(echo, {1, 2, 3});
  memory_write(kept, 0.0, sum(later));
  echo.close(later, 0.5 * later + memory_read(kept, 0.0) + echo.input());
  echo.output(sum(later));
  expect_error(ErrorCode::bad_type, "a loop over tensors writes the table", [&] { compile(echo); });
  Graph moving;
  const Signal matrix = tensor(moving, std::vector<double>{1, 2, 3, 4}, extents({2, 2})) * tick_frame(moving, 2);
  moving.output(sum(linear(window(moving.input(), 2, 2), matrix)));
  expect_error(ErrorCode::bad_type, "compiled code multiplies by constants and control values", [&] { compile(moving); });
  Graph loop;
  const Signal past = ops::cell(loop.constant(0));
  loop.close(past, overlap_add(window(past + loop.input(), 4, 2)));
  loop.output(past);
  expect_error(ErrorCode::bad_feedback, "a feedback loop across clocks", [&] { compile(loop); });
}

}  // namespace
