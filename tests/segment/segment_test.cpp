// The contract of a segment, for every back end.

#include "dgen/segment.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

class Segments : public ::testing::TestWithParam<Backend> {
 protected:
  SegmentProgram compiled(std::initializer_list<Signal> wanted) const {
    const std::vector<Signal> signals(wanted);
    return compile_segment(signals, {.compile = {.backend = GetParam()}});
  }
};

TEST_P(Segments, GiveValuesAndFrames) {
  Graph g;
  const Signal gain = g.param("gain", 2, {.min = -10, .max = 10});
  const Signal y = gain * g.input();
  const Signal loss = ops::time_sum(y * y);
  const Gradient d = gradient(loss, std::array{gain, g.input()});
  const SegmentProgram program = compiled({loss, d.of[0], d.of[1], y});
  EXPECT_EQ(program.inputs(), 1);
  ASSERT_EQ(program.params().size(), 1u);
  EXPECT_EQ(program.params()[0].name, "gain");
  EXPECT_FALSE(program.is_frames(0));
  EXPECT_TRUE(program.is_frames(2));
  EXPECT_FALSE(program.explain().empty());
  Segment run(program, 48000, 8);
  const std::array<float, 3> x{1, -2, 3};
  const float* in[] = {x.data()};
  run.run(in, 3);
  EXPECT_EQ(run.value(0), 4 * 14);
  EXPECT_EQ(run.value(1), 2 * 2 * 14);
  EXPECT_TRUE(std::isnan(run.value(2)));
  ASSERT_EQ(run.frames(2).size(), 3u);
  EXPECT_EQ(std::vector<float>(run.frames(2).begin(), run.frames(2).end()), (std::vector<float>{8, -16, 24}));
  EXPECT_EQ(std::vector<float>(run.frames(3).begin(), run.frames(3).end()), (std::vector<float>{2, -4, 6}));
  EXPECT_TRUE(run.frames(0).empty());
  run.set("gain", 100);  // clamped to 10
  run.run(in, 2);
  EXPECT_EQ(run.value(0), 500);
  EXPECT_EQ(run.get("gain"), 10);
  run.set(0, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(run.get(0), 10);
  run.run(nullptr, 5);
  EXPECT_EQ(run.value(0), 0);
  EXPECT_EQ(run.frames(3).size(), 5u);
  run.run(in, 9);  // more than max_frames: nothing happens
  EXPECT_EQ(run.frames(3).size(), 5u);
}

TEST_P(Segments, CarryTheStatesForward) {
  Graph g;
  const Signal rate = g.param("rate", 0.5);
  const Signal y = ops::cell(g.constant(0));
  g.close(y, rate * y + g.input());
  const Signal loss = ops::time_sum(y);
  const Gradient d = gradient(loss, std::array{rate});
  const SegmentProgram program = compiled({loss, d.of[0], frame_index(g) + 0.0 * g.input()});
  Segment run(program, 48000, 4);
  const std::array<float, 4> impulse{1, 0, 0, 0}, silence{};
  const float* first[] = {impulse.data()};
  const float* then[] = {silence.data()};
  run.run(first, 4);
  EXPECT_DOUBLE_EQ(run.value(0), 1.75);
  EXPECT_DOUBLE_EQ(run.value(1), 2);  // 0 + 0 + 1 + 2r
  run.run(then, 2, From::carried);    // starts at y = 1/8: 1/8 + 1/16, by r: 1/8
  EXPECT_DOUBLE_EQ(run.value(0), 0.1875);
  EXPECT_DOUBLE_EQ(run.value(1), 0.125);
  EXPECT_EQ(run.frames(2)[0], 4);
  run.run(first, 4);
  EXPECT_DOUBLE_EQ(run.value(0), 1.75);
  EXPECT_EQ(run.frames(2)[0], 0);
}

TEST_P(Segments, OutliveTheGraph) {
  auto g = std::make_unique<Graph>();
  const SegmentProgram program = compiled({ops::time_sum(g->param("p", 3) * g->input())});
  g.reset();
  Segment run(program, 48000, 4);
  const std::array<float, 2> x{1, 2};
  const float* in[] = {x.data()};
  run.run(in, 2);
  EXPECT_EQ(run.value(0), 9);
}

TEST_P(Segments, SayWhatIsWrong) {
  Graph g, other;
  const Signal x = g.input();
  expect_error(ErrorCode::bad_value, "nothing is wanted", [&] { compiled({}); });
  expect_error(ErrorCode::bad_value, "signal 1 is empty", [&] { compiled({x, Signal{}}); });
  expect_error(ErrorCode::mixed_graphs, "signal 1 belongs to another graph", [&] { compiled({x, other.input()}); });
  expect_error(ErrorCode::bad_type, "is a table", [&] { compiled({g.add(ops::table, {}, {.size = 4})}); });
  const SegmentProgram program = compiled({x * g.param("cutoff", 1)});
  expect_error(ErrorCode::bad_value, "max_frames is 0", [&] { Segment(program, 48000, 0); });
  expect_error(ErrorCode::bad_value, "sample rate", [&] { Segment(program, 0, 1); });
  Segment run(program, 48000, 1);
  expect_error(ErrorCode::unknown_name, "did you mean 'cutoff'", [&] { run.set("cutof", 1); });
  const std::vector<Signal> one{x};
  expect_error(ErrorCode::bad_value, "memory budget",
               [&] { compile_segment(one, {.compile = {.backend = GetParam()}, .memory_budget = 0}); });
}

/// Loss and gradient behind frames that only moved the states on are those behind frames that were run.
TEST_P(Segments, AdvanceAsTheyRun) {
  for (const std::int64_t budget : {std::int64_t{1} << 30, std::int64_t{1} << 13}) {  // the second needs checkpoints
    Graph g;
    const Signal r = g.param("r", 0.9);
    const Signal y = ops::cell(g.constant(0));
    g.close(y, tanh(g.input() + r * y));
    const Signal loss = ops::time_sum(y * y);
    const Gradient d = gradient(loss, std::array{r});
    const SegmentProgram program =
        compile_segment(std::array{loss, d.of[0]}, {.compile = {.backend = GetParam()}, .memory_budget = budget});
    Segment run(program, 48000, 3000), advanced(program, 48000, 3000);
    std::vector<float> x(9000);
    for (std::size_t n = 0; n < x.size(); ++n) x[n] = static_cast<float>(n * 7919 % 1000) * 1e-3F - 0.5F;
    const float *first[] = {x.data()}, *second[] = {x.data() + 3000}, *third[] = {x.data() + 5000};
    run.run(first, 3000);
    run.run(second, 2000, From::carried);
    run.run(third, 3000, From::carried);
    advanced.advance(first, 3000);
    advanced.advance(second, 2000, From::carried);
    advanced.run(third, 3000, From::carried);
    EXPECT_EQ(advanced.value(0), run.value(0));
    EXPECT_EQ(advanced.value(1), run.value(1));
    EXPECT_NE(advanced.value(0), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, Segments, ::testing::Values(Backend::interpreter, Backend::cpu),
                         [](const auto& test) { return std::string(test.param == Backend::cpu ? "cpu" : "interpreter"); });

}  // namespace
