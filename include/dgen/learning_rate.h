#pragma once
// How the learning rate changes from step to step.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace dgen {

/// The rate stays as it is.
struct ConstantRate {};

/// Every `every` steps the rate is multiplied by `factor`.
struct StepRate {
  std::int64_t every = 1000;
  double factor = 0.1;
};

/// Falls by half a cosine to `floor` times the rate in `steps` steps, and stays there. Source: Loshchilov and Hutter 2017.
struct CosineRate {
  std::int64_t steps = 1000;
  double floor = 0;
};

/// Falls by a straight line to `floor` times the rate in `steps` steps, and stays there.
struct LinearRate {
  std::int64_t steps = 1000;
  double floor = 0;
};

/// Every step multiplies the rate by `factor`.
struct ExponentialRate {
  double factor = 0.999;
};

/// The factor of an optimiser's learning rate over the steps.
struct Schedule {
  std::variant<ConstantRate, StepRate, CosineRate, LinearRate, ExponentialRate> shape{};
  std::int64_t warm_up = 0;  ///< steps in which the rate first rises by a straight line; the shape begins after them
};

/// The factor of step `step`, from 0.
double rate_factor(const Schedule& schedule, std::int64_t step);

/// Throws `Error` bad_value, naming what is outside its range.
void check_schedule(const Schedule& schedule);

/// The schedule as `schedule_by_name` reads it.
std::string to_string(const Schedule& schedule);

/// Reads "constant", "step:EVERY[,FACTOR]", "cosine[:STEPS[,FLOOR]]", "linear[:STEPS[,FLOOR]]", "exponential:FACTOR", with
/// "warmup:STEPS+" in front where wanted. `steps`: how long the training is to be, for those that do not say; 0: unknown.
/// Throws `Error` unknown_name with a suggestion, bad_value.
Schedule schedule_by_name(std::string_view text, std::int64_t steps = 0);

}  // namespace dgen
