// Vectors of parameters as the contents of tables.

#include "dgen/vectors.h"

#include <gtest/gtest.h>

#include <array>

#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/memory.h"
#include "dgen/oscillators.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/differences.h"
#include "support/expect_error.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using dgen::ErrorCode;
using dgen::Graph;
using dgen::Signal;
using Values = std::vector<double>;

const Values contents{0.3, -1, 2, 0.5, 7};

TEST(Vector, IsReadAsATableIs) {
  const Values index{-7.3, -1, -0.2, 0, 0.25, 1.999, 2, 3.5, 4, 4.2, 5, 8.75, 103.5};
  const auto frames = static_cast<std::int64_t>(index.size());
  for (const double bound : {0.0, 1.0, 2.0}) {
    for (const double order : {0.0, 1.0, 3.0}) {
      Graph g;
      const Signal vector = param_vector(g, "wave", contents);
      const Values read = play(memory_read(vector, g.input(), bound, order), frames, {index});
      expect_near(read, play(memory_read(table(g, contents), g.input(), bound, order), frames, {index}), 1e-14);
    }
  }
  Graph g;
  EXPECT_EQ(play(peek(param_vector(g, "wave", contents), g.input()), 4, {{-1, 0, 4.5, 5}}), (Values{0, 0.3, 7, 0}));
}

TEST(Vector, HasTheGradientsOfItsElements) {
  Graph g;
  const Signal vector = param_vector(g, "wave", contents);
  const Signal y = memory_read(vector, g.input(0), 1.0, 1.0);
  const dgen::Gradient d = gradient(dgen::ops::time_sum(y * g.input(1)), std::array{vector, g.input(0)});
  const Channels in{{0, 1.25, 1.5, 4.75, -2}, {1, 2, 4, 8, 16}};
  const auto values = dgen::SegmentInterpreter(g, d.of, 48000).evaluate(in, 5);
  expect_near(values[0], {1 + 8 * 0.75, 2 * 0.75 + 4 * 0.5, 2 * 0.25 + 4 * 0.5, 16, 8 * 0.25}, 1e-14);
  // To the index through the interpolation: the slope of the element's line, times what arrives.
  expect_near(values[1], {-1.3, 2 * 3.0, 4 * 3.0, 8 * (0.3 - 7), 16 * 6.5}, 1e-13);
}

TEST(Vector, AgreesWithDifferences) {
  for (const double order : {1.0, 3.0}) {
    Graph g;
    const Signal vector = param_vector(g, "wave", contents);
    const Signal phase = phasor(g.param("frequency", 1234.5));
    const Signal loss = mse(tanh(memory_read(vector, 5.0 * phase, 1.0, order)), g.input());
    for (const int param : std::vector<int>(g.params().begin(), g.params().end())) {
      const auto c = dgen::testing::compare_gradient(g, loss, param, {white_noise(80)}, 80);
      EXPECT_NE(c.exact, 0);
      EXPECT_NEAR(c.exact, c.difference, 1e-8) << g[param].attributes.param->name;
    }
  }
}

TEST(Lookup, IsReadAsATableIs) {
  const Values index{-7.3, -1, -0.2, 0, 0.25, 1.999, 2, 3.5, 4, 4.2, 5, 8.75, 103.5};
  const auto frames = static_cast<std::int64_t>(index.size());
  const std::array bounds{dgen::Bound::clip, dgen::Bound::wrap, dgen::Bound::zero};
  for (std::size_t bound = 0; bound < bounds.size(); ++bound) {
    for (const int order : {0, 1, 3}) {
      Graph g;
      const Values read = play(lookup(param_list(g, "wave", contents), g.input(), bounds[bound], order), frames, {index});
      const Signal same = memory_read(table(g, contents), g.input(), static_cast<double>(bound), static_cast<double>(order));
      expect_near(read, play(same, frames, {index}), 1e-14);
    }
  }
}

TEST(Lookup, IsTheSameCompiled) {
  constexpr std::int64_t frames = 300;
  Graph g;
  const std::vector<Signal> params = param_list(g, "wave", contents);
  const Signal y = lookup(params, 5.0 * g.input(0), dgen::Bound::wrap, 3);
  const Signal loss = mse(y, g.input(1));
  std::vector<Signal> wanted{loss, y};
  for (const Signal d : gradient(loss, params).of) wanted.push_back(d);
  const Channels in{white_noise(frames, 1), white_noise(frames, 2)};
  const auto exact = dgen::SegmentInterpreter(g, wanted, 48000).evaluate(in, frames);
  std::vector<std::vector<float>> floats;
  for (const Values& x : in) floats.emplace_back(x.begin(), x.end());
  const std::array<const float*, 2> channels{floats[0].data(), floats[1].data()};
  dgen::Segment segment(dgen::compile_segment(wanted), 48000, frames);
  segment.run(channels.data(), frames);
  expect_near({segment.frames(1).begin(), segment.frames(1).end()}, exact[1], 1e-4);  // slopes of 40 between elements
  for (const std::size_t k : {0u, 2u, 3u, 4u, 5u, 6u})
    EXPECT_NEAR(segment.value(static_cast<int>(k)), exact[k][0], 1e-5 * std::fmax(1, std::fabs(exact[k][0]))) << k;
}

TEST(Vector, LearnsAWaveform) {
  // A wavetable of 8 elements, read by cubics, becomes the one that was heard: the loss is a quadratic of its contents.
  const Values wanted{0, 0.7, 1, 0.4, 0, -0.2, -1, -0.6};
  Graph g;
  const Signal phase = 8.0 * phasor(1000.0 * g.constant(1));
  const Signal vector = param_vector(g, "wave", Values(8, 0.0));
  const Signal target = memory_read(table(g, wanted), phase, 1.0, 3.0);
  const Signal loss = mse(memory_read(vector, phase, 1.0, 3.0), target);
  const dgen::Gradient d = gradient(loss, std::array{vector});
  dgen::SegmentInterpreter run(g, d.of, 48000);
  Values now(8, 0.0);
  for (int step = 0; step < 60; ++step) {
    for (std::size_t k = 0; k < 8; ++k) run.set("wave[" + std::to_string(k) + "]", now[k]);
    const Values slope = run.evaluate({}, 96)[0];
    for (std::size_t k = 0; k < 8; ++k) now[k] -= 4 * slope[k];
  }
  expect_near(now, wanted, 1e-5);
}

TEST(Stack, TakesSignalsOfAnyClock) {
  Graph g;
  const Signal vector = stack(std::array{g.input(), g.constant(2), g.param("p", 3)});
  EXPECT_EQ(play(sum(vector * vector), 2, {{1, 10}}), (Values{14, 113}));
}

TEST(Stack, RefusesWhatIsNoNumber) {
  Graph g, other;
  expect_error(ErrorCode::bad_value, "stack: there are no values", [] { dgen::stack({}); });
  expect_error(ErrorCode::bad_value, "value 1 is an empty signal", [] { dgen::stack(std::array{Signal{}}); });
  expect_error(ErrorCode::bad_type, "every value is one number", [&] { dgen::stack(std::array{tensor(g, {1.0, 2.0})}); });
  expect_error(ErrorCode::bad_value, "lookup: the order must be 0 (none)",
               [&] { dgen::lookup(std::array{g.constant(1)}, g.input(), dgen::Bound::clip, 2); });
  expect_error(ErrorCode::mixed_graphs, "belongs to another graph", [&] {
    dgen::stack(std::array{g.constant(1), other.constant(1)});
  });
  expect_error(ErrorCode::duplicate_name, "'wave[0]' is declared twice", [&] {
    param_vector(g, "wave", contents);
    param_vector(g, "wave", contents);
  });
}

}  // namespace
