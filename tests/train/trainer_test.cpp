// Training on small graphs: steps, segments, early stops, what is not finite.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "dgen/compare.h"
#include "dgen/filters.h"
#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/policies.h"
#include "dgen/time.h"
#include "dgen/train.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

/// Every test runs compiled and interpreted.
class Training : public ::testing::TestWithParam<Backend> {
 protected:
  CompileOptions compile() const { return {.backend = GetParam(), .name = "training"}; }
  /// Of a loss near 1: kernels compute in float32.
  double tolerance() const { return GetParam() == Backend::cpu ? 3e-7 : 1e-9; }
};

INSTANTIATE_TEST_SUITE_P(BackEnds, Training, ::testing::Values(Backend::cpu, Backend::interpreter),
                         [](const auto& of) { return of.param == Backend::cpu ? "cpu" : "interpreter"; });

std::vector<float> noise_of(std::size_t frames, std::uint32_t seed = 1) {
  std::vector<float> x(frames);
  for (float& v : x) {
    seed = seed * 1664525u + 1013904223u;
    v = static_cast<float>(static_cast<std::int32_t>(seed)) * 0x1p-31f;
  }
  return x;
}

/// Learns a gain: y = gain * in0, target in1.
struct Gain {
  Graph g;
  Signal gain = g.param("gain", 0.1, {.min = -10, .max = 10});
  Signal loss = mse(gain * g.input(0), g.input(1));
  std::vector<float> x = noise_of(1000), target = x;
  Gain() {
    for (float& v : target) v *= 0.75f;
  }
  TrainerOptions options(const CompileOptions& compile) const { return {.channels = {x, target}, .compile = compile}; }
};

TEST_P(Training, LearnsAGain) {
  Gain p;
  Trainer trainer(p.g, p.loss, Sgd{.learning_rate = 1}, p.options(compile()));
  EXPECT_EQ(trainer.options().frames, 1000);
  Metrics first = trainer.step(), last{};
  for (int k = 1; k < 60; ++k) last = trainer.step();
  EXPECT_EQ(first.step, 0);
  EXPECT_EQ(last.step, 59);
  EXPECT_TRUE(first.improved);
  EXPECT_FALSE(last.skipped);
  EXPECT_GT(first.gradient_norm, 0.1);
  EXPECT_EQ(first.learning_rate, 1);
  EXPECT_GT(first.seconds, 0);
  EXPECT_LT(last.loss, 1e-12);
  EXPECT_NEAR(trainer.parameters().value("gain"), 0.75, 1e-6);
  EXPECT_EQ(trainer.history().rows(), 60);
  EXPECT_EQ(trainer.history().loss(0), first.loss);
  EXPECT_EQ(trainer.history().values(0)[0], 0.1);
  EXPECT_LE(trainer.best_loss(), last.loss);
}

TEST_P(Training, ACopyGoesOnByItselfFromWhereItsOriginalStands) {
  Gain p;
  Trainer trainer(p.g, p.loss, Adam{.learning_rate = 0.1}, p.options(compile()));
  for (int step = 0; step < 3; ++step) trainer.step();
  Trainer copy(trainer);
  for (int step = 0; step < 3; ++step) trainer.step();
  EXPECT_EQ(copy.steps(), 3);
  for (int step = 0; step < 3; ++step) copy.step();
  EXPECT_EQ(copy.parameters().value("gain"), trainer.parameters().value("gain"));
  EXPECT_EQ(copy.best_loss(), trainer.best_loss());
}

TEST_P(Training, StartsFromGivenValues) {
  Gain p;
  Trainer first(p.g, p.loss, Sgd{.learning_rate = 1}, p.options(compile()));
  Trainer trainer(first);
  trainer.start_from(std::array{0.5});
  EXPECT_EQ(trainer.parameters().value("gain"), 0.5);
  EXPECT_EQ(trainer.best_values()[0], 0.5);
  trainer.start_from(std::array{20.0});
  EXPECT_EQ(trainer.parameters().value("gain"), 10);
  EXPECT_EQ(first.parameters().value("gain"), 0.1);
  expect_error(ErrorCode::bad_value, "2 values to start from", [&] { trainer.start_from(std::array{1.0, 2.0}); });
  expect_error(ErrorCode::bad_value, "is nan", [&] { trainer.start_from(std::array{std::nan("")}); });
}

TEST_P(Training, DoesAsTheExplicitLoop) {
  Gain p, q;
  Trainer trainer(p.g, p.loss, Adam{.learning_rate = 0.05}, p.options(compile()));
  Parameters parameters(q.g);
  Objective objective(q.loss, {.frames = 1000, .compile = compile()});
  Descent descent(Adam{.learning_rate = 0.05}, parameters);
  const std::array<const float*, 2> in{q.x.data(), q.target.data()};
  for (int k = 0; k < 20; ++k) {
    parameters.zero_grad();
    const double loss = objective.run(parameters, in.data(), 1000);
    descent.step(parameters);
    EXPECT_EQ(trainer.step().loss, loss);
    EXPECT_EQ(trainer.parameters().value("gain"), parameters.value("gain"));
  }
}

TEST_P(Training, NeedsNoRecording) {
  Graph g;
  const Signal w = g.param("w", 1);
  Trainer trainer(g, time_mean(w * w * g.constant(1)), Sgd{.learning_rate = 0.25}, {.frames = 16, .compile = compile()});
  trainer.step();
  EXPECT_NEAR(trainer.parameters().value("w"), 0.5, 1e-12);
}

TEST_P(Training, TakesConsecutiveAndRandomSegments) {
  Gain p;
  TrainerOptions options = p.options(compile());
  options.frames = 300;
  options.order = SegmentOrder::consecutive;
  Trainer in_order(p.g, p.loss, Sgd{}, options);
  std::vector<std::int64_t> starts;
  for (int k = 0; k < 5; ++k) starts.push_back(in_order.step().start);
  EXPECT_EQ(starts, (std::vector<std::int64_t>{0, 300, 600, 0, 300}));
  options.order = SegmentOrder::random;
  options.seed = 5;
  Trainer one(p.g, p.loss, Sgd{}, options), same(p.g, p.loss, Sgd{}, options);
  options.seed = 6;
  Trainer other(p.g, p.loss, Sgd{}, options);
  std::vector<std::int64_t> a, b, c;
  for (int k = 0; k < 50; ++k) a.push_back(one.step().start), b.push_back(same.step().start), c.push_back(other.step().start);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_LT(*std::ranges::min_element(a), 100);
  EXPECT_GT(*std::ranges::max_element(a), 600);
  EXPECT_LE(*std::ranges::max_element(a), 700);
}

/// y[n] = x[n] + r y[n-1] with target x: the loss of a segment depends on what came before it.
struct Memory {
  Graph g;
  Signal r = g.param("r", 0.9, {.min = 0, .max = 0.99});
  Signal loss;
  std::vector<float> x = noise_of(400);
  Memory() {
    const Signal y = ops::cell(g.constant(0));
    g.close(y, g.input(0) + r * y);
    loss = mse(g.input(0) + r * y, g.input(0));
  }
  /// The loss of frames [start, start + frames) where y starts at 0 in frame `from`.
  double expected(std::int64_t from, std::int64_t start, std::int64_t frames) const {
    double y = 0, sum = 0;
    for (std::int64_t n = from; n < start + frames; ++n) {
      const auto input = static_cast<double>(x[static_cast<std::size_t>(n)]);
      y = input + static_cast<double>(0.9f) * y;
      if (n >= start) sum += (y - input) * (y - input);
    }
    return sum / static_cast<double>(frames);
  }
};

TEST_P(Training, CountsOnlyFramesBehindThePreRoll) {
  for (const std::int64_t pre_roll : {0, 30, 100, 250}) {
    Memory m;
    Trainer trainer(
        m.g, m.loss, Sgd{.learning_rate = 0},
        {.frames = 100, .channels = {m.x}, .order = SegmentOrder::consecutive, .pre_roll = pre_roll, .compile = compile()});
    for (const std::int64_t start : {0, 100, 200, 300, 0}) {
      EXPECT_NEAR(trainer.step().loss, m.expected(std::max<std::int64_t>(0, start - pre_roll), start, 100), tolerance())
          << start << " after " << pre_roll;
    }
  }
}

TEST_P(Training, CarriesStateFromSegmentToSegment) {
  Memory m;
  Trainer trainer(
      m.g, m.loss, Sgd{.learning_rate = 0},
      {.frames = 100, .channels = {m.x}, .order = SegmentOrder::consecutive, .carry_state = true, .compile = compile()});
  for (const std::int64_t start : {0, 100, 200, 300, 0, 100})
    EXPECT_NEAR(trainer.step().loss, m.expected(0, start, 100), tolerance());
}

TEST_P(Training, StopsEarly) {
  Gain p;
  TrainerOptions options = p.options(compile());
  options.early_stop = {.patience = 5, .min_delta = 1e-6};
  Trainer trainer(p.g, p.loss, Sgd{.learning_rate = 1}, options);
  int steps = 0;
  while (!trainer.stopped() && steps < 1000) trainer.step(), ++steps;
  EXPECT_LT(steps, 60);
  EXPECT_GT(steps, 6);
  EXPECT_LT(trainer.best_loss(), 1e-5);
}

TEST_P(Training, KeepsTheBest) {
  Gain p;
  Trainer trainer(p.g, p.loss, Sgd{.learning_rate = 7}, p.options(compile()));  // diverges
  const double first = trainer.step().loss;
  for (int k = 0; k < 4; ++k) trainer.step();
  EXPECT_EQ(trainer.best_loss(), first);
  EXPECT_EQ(trainer.best_values()[0], 0.1);
  trainer.restore_best();
  EXPECT_EQ(trainer.parameters().value("gain"), 0.1);
}

/// The loss is log(w), infinite at 0.
TEST_P(Training, StopsAtTheLastGoodValues) {
  Graph g;
  const Signal w = g.param("w", 1, {.min = 0});
  const Signal loss = time_mean(log(w) * g.constant(1));
  Trainer trainer(g, loss, Sgd{.learning_rate = 1}, {.frames = 4, .compile = compile()});
  EXPECT_EQ(trainer.step().loss, 0);
  EXPECT_EQ(trainer.parameters().value("w"), 0);
  expect_error(ErrorCode::not_finite,
               "training, step 1: the loss is -inf; the first node that is not finite is log (trainer_test",
               [&] { trainer.step(); });
  EXPECT_EQ(trainer.parameters().value("w"), 1);
  EXPECT_EQ(trainer.skipped(), 1);
  EXPECT_EQ(trainer.best_loss(), 0);
}

TEST_P(Training, SkipsStepsWhereTold) {
  Graph g;
  const Signal w = g.param("w", 0, {.min = 0});
  const Signal loss = time_mean(log(w) * g.constant(1));
  Trainer trainer(g, loss, Sgd{}, {.frames = 4, .not_finite = NotFinite::skip, .compile = compile()});
  EXPECT_EQ(trainer.why_skipped(), "");
  const Metrics metrics = trainer.step();
  EXPECT_TRUE(metrics.skipped);
  EXPECT_FALSE(metrics.improved);
  EXPECT_TRUE(std::isnan(metrics.gradient_norm));
  EXPECT_EQ(trainer.parameters().value("w"), 0);
  EXPECT_EQ(trainer.skipped(), 1);
  EXPECT_NE(trainer.why_skipped().find("the loss is -inf"), std::string::npos);
}

/// x / (in - w) in frame 70 of the recording, through a filter, is the origin; what follows is not to blame, nor is a
/// logarithm that is not a number in a branch nobody takes.
TEST_P(Training, NamesTheFirstNodeThatIsNotFinite) {
  std::vector<float> x(100, 1);
  x[70] = 0.25f;
  for (const std::int64_t pre_roll : {0, 30}) {
    Graph g;
    const Signal w = g.param("w", 0.25);
    const Signal quotient = g.name(w / (g.input() - w), "quotient");
    const Signal chosen = select(gt(g.input(), -1), onepole(quotient, 1000), log(-abs(g.input())));
    Trainer trainer(
        g, mse(chosen, g.constant(0)), Sgd{.learning_rate = 0},
        {.frames = 50, .channels = {x}, .order = SegmentOrder::consecutive, .pre_roll = pre_roll, .compile = compile()});
    trainer.step();
    expect_error(ErrorCode::not_finite, "the first node that is not finite is quotient (", [&] { trainer.step(); });
    EXPECT_NE(trainer.why_skipped().find(", div: inf at frame 70, in the forward pass"), std::string::npos)
        << trainer.why_skipped();
  }
}

/// A value that is finite, and a stated slope that is not: 1 / 0.
TEST_P(Training, NamesTheNodeOfABackwardPass) {
  Graph g;
  const Signal w = g.param("w", 0, {.min = 0});
  const Signal x = w * g.input();
  const Signal y = custom_gradient(x, {x}, [](const Vjp& v) { v.dx[0] = v.dy / v.x[0]; });
  const std::vector<float> ones{1, 1, 1, 1};
  Trainer trainer(g, ops::time_sum(y), Sgd{}, {.channels = {ones}, .compile = compile()});
  expect_error(ErrorCode::not_finite,
               "training, step 0: the gradient of parameter 'w' is not finite; the first node that is not finite is ",
               [&] { trainer.step(); });
  EXPECT_NE(trainer.why_skipped().find("in the backward pass"), std::string::npos) << trainer.why_skipped();
}

TEST_P(Training, SaysWhatNoGradientReaches) {
  Graph g;
  const Signal used = g.param("used", 1), stepped = g.param("stepped", 2);
  g.param("alone", 3);
  const Signal loss = time_mean((used + floor(stepped)) * g.constant(1));
  Trainer trainer(g, loss, Sgd{}, {.frames = 4, .compile = compile()});
  ASSERT_EQ(trainer.unreached().size(), 2u);
  EXPECT_EQ(trainer.unreached()[0].name, "stepped");
  EXPECT_NE(trainer.unreached()[0].why.find("derivative of zero"), std::string::npos);
  EXPECT_EQ(trainer.unreached()[1].name, "alone");
  EXPECT_NE(trainer.unreached()[1].why.find("does not depend"), std::string::npos);
  trainer.step();
  EXPECT_EQ(trainer.parameters().value("alone"), 3);
  expect_error(ErrorCode::bad_value, "no gradient of the loss reaches a parameter\n  parameter 'stepped' (",
               [&] { Trainer(g, loss, Sgd{}, {.frames = 4, .freeze = {"used"}, .compile = compile()}); });
}

TEST_P(Training, RefusesWhatCannotBeTrained) {
  Gain p;
  const auto refuses = [&](ErrorCode code, const std::string& part, const auto& change) {
    TrainerOptions options = p.options(compile());
    change(options);
    expect_error(code, part, [&] { Trainer(p.g, p.loss, Sgd{}, options); });
  };
  const std::vector<float> shorter = noise_of(10);
  std::vector<float> broken = p.x;
  broken[17] = std::numeric_limits<float>::quiet_NaN();
  const auto bad = ErrorCode::bad_value;
  refuses(bad, "reads 2 input channels, and 1 is given", [&](TrainerOptions& o) { o.channels.pop_back(); });
  refuses(bad, "reads 2 input channels, and none are given", [&](TrainerOptions& o) {
    o.channels.clear();
    o.frames = 10;
  });
  refuses(bad, "channel 1 has 10 frames, the ones before it 1000 frames", [&](TrainerOptions& o) { o.channels[1] = shorter; });
  refuses(bad, "channel 1 holds nan at frame 17", [&](TrainerOptions& o) { o.channels[1] = broken; });
  refuses(bad, "a segment of 2000 frames is longer", [&](TrainerOptions& o) { o.frames = 2000; });
  refuses(bad, "number of frames of a segment is -1", [&](TrainerOptions& o) { o.frames = -1; });
  refuses(bad, "the pre-roll is -2 frames", [&](TrainerOptions& o) { o.pre_roll = -2; });
  refuses(bad, "random segments do not follow", [&](TrainerOptions& o) {
    o.order = SegmentOrder::random;
    o.carry_state = true;
  });
  refuses(bad, "all parameters are frozen", [&](TrainerOptions& o) { o.freeze = {"gain"}; });
  refuses(ErrorCode::unknown_name, "no parameter 'gian' (did you mean 'gain'?)", [&](TrainerOptions& o) { o.freeze = {"gian"}; });
  refuses(ErrorCode::unknown_name, "no parameter 'x'", [&](TrainerOptions& o) { o.learning_rates = {{"x", 2}}; });
  Graph none;
  expect_error(bad, "the graph has no parameters",
               [&] { Trainer(none, time_mean(none.input()), Sgd{}, {.channels = {p.x}, .compile = compile()}); });
  expect_error(bad, "the loss is an empty signal", [&] { Trainer(p.g, Signal{}, Sgd{}, p.options(compile())); });
  expect_error(ErrorCode::mixed_graphs, "belongs to another graph", [&] { Trainer(none, p.loss, Sgd{}, p.options(compile())); });
  Graph still;
  const Signal level = time_mean(1.0 * hold(still.param("level", 1)) + 0.0 * frame_index(still));
  expect_error(bad, "neither a channel of a recording nor a number of frames",
               [&] { Trainer(still, level, Sgd{}, {.compile = compile()}); });
  expect_error(bad, "random segments are parts of a recording, and no channel is given",
               [&] { Trainer(still, level, Sgd{}, {.frames = 10, .order = SegmentOrder::random, .compile = compile()}); });
}

}  // namespace
