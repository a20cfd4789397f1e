#include "dgen/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/expect_error.h"

namespace {

using namespace dgen;

TEST(Schedule, ConstantStaysAndWarmsUp) {
  EXPECT_EQ(rate_factor({}, 0), 1);
  EXPECT_EQ(rate_factor({}, 1000000), 1);
  const Schedule warm{.warm_up = 4};
  for (int step = 0; step < 4; ++step) EXPECT_EQ(rate_factor(warm, step), (step + 1) / 4.0);
  EXPECT_EQ(rate_factor(warm, 4), 1);
}

TEST(Schedule, StepsDown) {
  const Schedule steps{.shape = StepRate{.every = 10, .factor = 0.5}};
  EXPECT_EQ(rate_factor(steps, 9), 1);
  EXPECT_EQ(rate_factor(steps, 10), 0.5);
  EXPECT_EQ(rate_factor(steps, 35), 0.125);
}

TEST(Schedule, CosineFallsToItsFloor) {
  const Schedule cosine{.shape = CosineRate{.steps = 100, .floor = 0.1}};
  EXPECT_EQ(rate_factor(cosine, 0), 1);
  EXPECT_NEAR(rate_factor(cosine, 50), 0.55, 1e-15);
  EXPECT_NEAR(rate_factor(cosine, 25), 0.1 + 0.45 * (1 + std::sqrt(0.5)), 1e-15);
  EXPECT_NEAR(rate_factor(cosine, 100), 0.1, 1e-15);
  EXPECT_NEAR(rate_factor(cosine, 5000), 0.1, 1e-15);
}

TEST(Schedule, LinearAndExponentialFall) {
  const Schedule linear{.shape = LinearRate{.steps = 10, .floor = 0.5}};
  EXPECT_EQ(rate_factor(linear, 5), 0.75);
  EXPECT_EQ(rate_factor(linear, 10), 0.5);
  EXPECT_EQ(rate_factor(linear, 11), 0.5);
  EXPECT_NEAR(rate_factor({.shape = ExponentialRate{.factor = 0.9}}, 3), 0.729, 1e-15);
}

TEST(Schedule, BeginsItsShapeAfterTheWarmUp) {
  const Schedule s{.shape = LinearRate{.steps = 10}, .warm_up = 5};
  EXPECT_EQ(rate_factor(s, 4), 1);
  EXPECT_EQ(rate_factor(s, 5), 1);
  EXPECT_EQ(rate_factor(s, 10), 0.5);
}

TEST(Schedule, IsReadByName) {
  for (const char* text : {"constant", "warmup:5+constant", "step:100,0.5", "cosine:1000,0.01", "linear:7,0", "exponential:0.999",
                           "warmup:20+cosine:80,0"}) {
    EXPECT_EQ(to_string(schedule_by_name(text)), text);
  }
  EXPECT_EQ(to_string(schedule_by_name("cosine", 500)), "cosine:500,0");
  EXPECT_EQ(to_string(schedule_by_name("warmup:100+cosine", 500)), "warmup:100+cosine:400,0");
  EXPECT_EQ(to_string(schedule_by_name("step:30")), "step:30,0.1");
  EXPECT_EQ(to_string(schedule_by_name("warmup:10")), "warmup:10+constant");
  const auto refuses = [](ErrorCode code, const char* text, const std::string& part, std::int64_t steps = 0) {
    expect_error(code, part, [&] { schedule_by_name(text, steps); });
  };
  refuses(ErrorCode::unknown_name, "cosin:100", "there is no schedule 'cosin' (did you mean 'cosine'?)");
  refuses(ErrorCode::unknown_name, "", "there is no schedule ''");
  refuses(ErrorCode::bad_value, "cosine", "'cosine' needs the number of steps");
  refuses(ErrorCode::bad_value, "cosine:many", "takes a whole number of steps from 1 on, not 'many'");
  refuses(ErrorCode::bad_value, "cosine:10,0,0", "takes up to 2 numbers, not 3");
  refuses(ErrorCode::bad_value, "cosine:1.5", "whole number");
  refuses(ErrorCode::bad_value, "step", "step:EVERY");
  refuses(ErrorCode::bad_value, "step:10,-1", "the factor is -1");
  refuses(ErrorCode::bad_value, "exponential", "exponential:FACTOR");
  refuses(ErrorCode::bad_value, "constant:3", "takes up to 0 numbers");
  refuses(ErrorCode::bad_value, "warmup:+cosine:3", "'warmup' takes");
  refuses(ErrorCode::bad_value, "warmup:500+linear", "no steps left after the warm-up", 500);
}

}  // namespace
