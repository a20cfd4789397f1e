// The rules against an independent program, and what every optimiser has in common.

#include "dgen/optimizers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "base/subprocess.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

Parameters three(Mapping mapping = Mapping::linear, double initial = 1) {
  return Parameters({{.name = "a", .initial = initial, .mapping = mapping},
                     {.name = "b", .initial = initial, .mapping = mapping},
                     {.name = "c", .initial = initial, .mapping = mapping}});
}

void set_values(Parameters& p, std::initializer_list<double> values) { std::ranges::copy(values, p.values().begin()); }
void set_gradients(Parameters& p, std::initializer_list<double> values) { std::ranges::copy(values, p.gradients().begin()); }

std::vector<double> values_of(const Parameters& p) { return {p.values().begin(), p.values().end()}; }

TEST(Descent, TakesTheFirstStepOfAdamByItsLearningRate) {
  Parameters p = three();
  set_values(p, {1, 2, 3});
  Descent descent(Adam{.learning_rate = 0.1}, p);
  for (std::size_t k = 0; k < 3; ++k) p.gradients()[k] = 2 * p.values()[k];  // of sum w^2
  const StepReport report = descent.step(p);
  EXPECT_NEAR(p.values()[0], 0.9, 1e-8);
  EXPECT_NEAR(p.values()[1], 1.9, 1e-8);
  EXPECT_NEAR(p.values()[2], 2.9, 1e-8);
  EXPECT_NEAR(report.gradient_norm, std::sqrt(4.0 + 16 + 36), 1e-14);
  EXPECT_EQ(report.learning_rate, 0.1);
  EXPECT_EQ(descent.steps(), 1);
}

const std::vector<Optimizer>& checked() {
  static const std::vector<Optimizer> all{
      Sgd{.learning_rate = 0.05},
      Sgd{.learning_rate = 0.02, .momentum = 0.9, .weight_decay = 0.1},
      Sgd{.learning_rate = 0.02, .momentum = 0.8, .dampening = 0.3},
      Sgd{.learning_rate = 0.02, .momentum = 0.9, .nesterov = true},
      Adam{},
      Adam{.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.2},
      AdamW{},
      AdamW{.learning_rate = 0.05, .weight_decay = 0.3},
      RMSprop{},
      RMSprop{.learning_rate = 0.02, .alpha = 0.9, .momentum = 0.5},
      RMSprop{.learning_rate = 0.02, .alpha = 0.9, .epsilon = 1e-2, .centered = true, .weight_decay = 0.1},
      RMSprop{.learning_rate = 0.02, .momentum = 0.5, .centered = true},
      Adagrad{},
      Adagrad{.learning_rate = 0.2, .learning_rate_decay = 0.1, .initial_accumulator = 0.5, .weight_decay = 0.1},
      Lion{},
      Lion{.learning_rate = 0.03, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.1}};
  return all;
}

TEST(Descent, StepsAsTheFormulasOfItsSourcesDo) {
  constexpr int steps = 50;
  base::Command command{.program = DGEN_PYTHON};
  command.arguments = {DGEN_SOURCE_DIR "/tests/train/optimizers_reference.py", std::to_string(steps)};
  for (const Optimizer& o : checked()) command.arguments.push_back(to_string(o));
  const base::Completed completed = base::run(command);
  ASSERT_TRUE(completed.succeeded()) << describe_failure(completed, command) << completed.errors;
  std::istringstream expected(completed.output);
  for (const Optimizer& o : checked()) {
    Parameters p = three();
    set_values(p, {1, -2, 0.5});
    Descent descent(o, p);
    for (int step = 0; step < steps; ++step) {
      for (std::size_t k = 0; k < 3; ++k) p.gradients()[k] = 2 * p.values()[k] + 3 * std::cos(3 * p.values()[k]);
      descent.step(p);
      for (const double got : p.values()) {
        double value = 0;
        ASSERT_TRUE(expected >> value);
        // Both are sums of doubles, in other orders; the trajectories are stable, but for RMSprop centred, whose difference
        // of nearly equal numbers grows an error of the last place by 1/epsilon.
        ASSERT_NEAR(got, value, 1e-11) << to_string(o) << " step " << step;
      }
    }
  }
}

TEST(Descent, MovesLogAndDecibelParametersInTheirCoordinates) {
  Parameters p({{.name = "hz", .initial = 1000, .mapping = Mapping::log},
                {.name = "gain", .initial = 0.5, .mapping = Mapping::decibel},
                {.name = "mix", .initial = 0.5}});
  // d(loss)/d(coordinate) by the chain rule: 1000 * 2, 0.5 ln(10)/20 * 3, 1.
  set_gradients(p, {2, 3, 1});
  Descent descent(Sgd{.learning_rate = 1e-3}, p);
  const StepReport report = descent.step(p);
  const double in_decibels = 0.5 * std::log(10) / 20 * 3;
  EXPECT_NEAR(p.value("hz"), 1000 * std::exp(-2), 1e-10);
  EXPECT_NEAR(20 * std::log10(p.value("gain")), 20 * std::log10(0.5) - 1e-3 * in_decibels, 1e-12);
  EXPECT_NEAR(p.value("mix"), 0.499, 1e-15);
  EXPECT_NEAR(report.gradient_norm, std::sqrt(2000 * 2000 + in_decibels * in_decibels + 1), 1e-9);
}

TEST(Descent, ProjectsOntoTheRange) {
  Parameters p({{.name = "low", .initial = 1, .min = 0.5, .max = 2}, {.name = "high", .initial = 1, .min = 0.5, .max = 2}});
  set_gradients(p, {100, -100});
  Descent descent(Sgd{.learning_rate = 1}, p);
  descent.step(p);
  EXPECT_EQ(values_of(p), (std::vector<double>{0.5, 2}));
}

TEST(Descent, LeavesFrozenParametersAndScalesRates) {
  Parameters p = three();
  p.freeze("a");
  p.set_learning_rate("c", 0.5);
  set_gradients(p, {7, 2, 2});
  Descent descent(Sgd{.learning_rate = 0.1}, p);
  EXPECT_NEAR(descent.step(p).gradient_norm, std::sqrt(8.0), 1e-15);
  EXPECT_EQ(p.value("a"), 1);
  EXPECT_NEAR(p.value("b"), 0.8, 1e-15);
  EXPECT_NEAR(p.value("c"), 0.9, 1e-15);
  p.freeze("a", false);
  descent.step(p);
  EXPECT_NEAR(p.value("a"), 0.3, 1e-15);
}

TEST(Descent, ClipsByValueThenByNorm) {
  Parameters p = three();
  set_gradients(p, {30, -4, 1});
  Descent by_value(Sgd{.learning_rate = 0.1}, p, {}, {.value = 3});
  EXPECT_NEAR(by_value.step(p).gradient_norm, std::sqrt(900.0 + 16 + 1), 1e-12);  // before clipping
  EXPECT_NEAR(p.value("a"), 0.7, 1e-15);
  EXPECT_NEAR(p.value("b"), 1.3, 1e-15);
  EXPECT_NEAR(p.value("c"), 0.9, 1e-15);
  Parameters q = three();
  set_gradients(q, {30, -4, 0});
  Descent by_both(Sgd{.learning_rate = 1}, q, {}, {.value = 3, .norm = 1});
  by_both.step(q);
  EXPECT_NEAR(q.value("a"), 1 - std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(q.value("b"), 1 + std::sqrt(0.5), 1e-15);
}

TEST(Descent, NormOfHugeGradientsDoesNotOverflow) {
  Parameters p = three();
  set_gradients(p, {3e200, 4e200, 0});
  Descent descent(Sgd{.learning_rate = 1}, p, {}, {.norm = 1});
  EXPECT_NEAR(descent.step(p).gradient_norm, 5e200, 1e187);
  EXPECT_NEAR(p.value("a"), 0.4, 1e-12);
}

TEST(Descent, FollowsTheSchedule) {
  Parameters p = three();
  Descent descent(Sgd{.learning_rate = 1}, p, {.shape = StepRate{.every = 2, .factor = 0.5}, .warm_up = 2});
  std::vector<double> rates;
  for (int step = 0; step < 6; ++step) rates.push_back(descent.step(p).learning_rate);
  EXPECT_EQ(rates, (std::vector<double>{0.5, 1, 1, 1, 0.5, 0.5}));
}

TEST(Descent, MovesNothingWhereAGradientIsNotFinite) {
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    Parameters p = three();
    set_gradients(p, {1, bad, 1});
    Descent descent(Adam{}, p);
    const StepReport report = descent.step(p);
    EXPECT_EQ(report.not_finite, 1);
    EXPECT_TRUE(std::isnan(report.gradient_norm));
    EXPECT_EQ(values_of(p), (std::vector<double>{1, 1, 1}));
    EXPECT_EQ(descent.slot(0)[0], 0);
    EXPECT_EQ(descent.steps(), 0);
  }
}

TEST(Descent, MovesNothingWhereAStepLeavesTheNumbers) {
  Parameters p = three(Mapping::log);
  set_gradients(p, {1, 1, -1e6});
  Descent descent(Sgd{.learning_rate = 1, .momentum = 0.9}, p);
  const StepReport report = descent.step(p);
  EXPECT_EQ(report.not_finite, 2);
  EXPECT_TRUE(std::isfinite(report.gradient_norm));
  EXPECT_EQ(values_of(p), (std::vector<double>{1, 1, 1}));
  // Nor does the momentum keep the slope that was refused.
  set_gradients(p, {0, 0, 0});
  EXPECT_EQ(descent.step(p).not_finite, -1);
  EXPECT_EQ(values_of(p), (std::vector<double>{1, 1, 1}));
}

TEST(Descent, HandlesTensors) {
  Parameters p({{.name = "scale", .initial = 2}, {.name = "weights", .initial = 1, .elements = 5}, {.name = "bias"}});
  ASSERT_EQ(p.values().size(), 7u);
  EXPECT_EQ(p[1].offset, 1);
  EXPECT_EQ(p[2].offset, 6);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p.values().data()) % 64, 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p.gradients().data()) % 64, 0u);
  set_gradients(p, {1, 1, 2, 3, 4, 5, 6});
  Descent descent(Sgd{.learning_rate = 0.5}, p);
  descent.step(p);
  EXPECT_EQ(values_of(p), (std::vector<double>{1.5, 0.5, 0, -0.5, -1, -1.5, -3}));
}

TEST(Descent, RefusesSettingsOutsideTheirRange) {
  const Parameters p = three();
  const auto refuses = [&](const Optimizer& o, const std::string& part) {
    expect_error(ErrorCode::bad_value, part, [&] { Descent(o, p); });
  };
  refuses(Adam{.learning_rate = -1}, "adam: learning_rate is -1");
  refuses(Adam{.beta1 = 1}, "adam: beta1 is 1; it must be a finite number from 0 on, and less than 1");
  refuses(Sgd{.learning_rate = std::numeric_limits<double>::quiet_NaN()}, "sgd: learning_rate is nan");
  refuses(Sgd{.nesterov = true}, "nesterov needs a momentum");
  refuses(Lion{.weight_decay = std::numeric_limits<double>::infinity()}, "lion: weight_decay is inf");
  expect_error(ErrorCode::bad_value, "clipping by norm", [&] { Descent(Sgd{}, p, {}, {.norm = -1}); });
}

TEST(Optimizers, AreReadByName) {
  for (const Optimizer& o : checked()) EXPECT_EQ(to_string(optimizer_by_name(to_string(o))), to_string(o));
  EXPECT_EQ(to_string(optimizer_by_name("sgd")), to_string(Optimizer(Sgd{})));
  EXPECT_EQ(std::get<Adam>(optimizer_by_name("adam", 0.3)).learning_rate, 0.3);
  const auto sgd = std::get<Sgd>(optimizer_by_name("sgd:momentum=0.9,nesterov=1", 0.1));
  EXPECT_EQ(sgd.momentum, 0.9);
  EXPECT_TRUE(sgd.nesterov);
  const auto refuses = [](ErrorCode code, const char* text, const std::string& part) {
    expect_error(code, part, [&] { optimizer_by_name(text); });
  };
  refuses(ErrorCode::unknown_name, "adma", "there is no optimiser 'adma' (did you mean 'adam'?); there are sgd, adam, adamw");
  refuses(ErrorCode::unknown_name, "", "there is no optimiser ''");
  refuses(ErrorCode::unknown_name, "sgd:momentun=1", "sgd has no setting 'momentun' (did you mean 'momentum'?)");
  refuses(ErrorCode::bad_value, "sgd:momentum", "write momentum=NUMBER");
  refuses(ErrorCode::bad_value, "sgd:momentum=", "write momentum=NUMBER");
  refuses(ErrorCode::bad_value, "sgd:nesterov=yes", "write nesterov=NUMBER");
  refuses(ErrorCode::bad_value, "sgd:nesterov=2", "nesterov is 0 or 1");
  refuses(ErrorCode::bad_value, "adam:beta2=1.5", "beta2 is 1.5");
}

}  // namespace
