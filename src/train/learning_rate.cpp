#include "dgen/learning_rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/text.h"
#include "dgen/error.h"

namespace dgen {

namespace {

/// How far a fall of `steps` steps has come, 0 … 1.
double progress(std::int64_t step, std::int64_t steps) {
  return static_cast<double>(std::min(step, steps)) / static_cast<double>(steps);
}

struct Factor {
  std::int64_t step;
  double operator()(const ConstantRate&) const { return 1; }
  double operator()(const StepRate& r) const { return std::pow(r.factor, static_cast<double>(step / r.every)); }
  double operator()(const CosineRate& r) const {
    return r.floor + (1 - r.floor) * 0.5 * (1 + std::cos(std::numbers::pi * progress(step, r.steps)));
  }
  double operator()(const LinearRate& r) const { return 1 + (r.floor - 1) * progress(step, r.steps); }
  double operator()(const ExponentialRate& r) const { return std::pow(r.factor, static_cast<double>(step)); }
};

std::string warm_up_text(const Schedule& s) { return s.warm_up ? "warmup:" + std::to_string(s.warm_up) + "+" : std::string(); }

struct Text {
  std::string operator()(const ConstantRate&) const { return "constant"; }
  std::string operator()(const StepRate& r) const {
    return "step:" + std::to_string(r.every) + "," + base::number_text(r.factor);
  }
  std::string operator()(const CosineRate& r) const {
    return "cosine:" + std::to_string(r.steps) + "," + base::number_text(r.floor);
  }
  std::string operator()(const LinearRate& r) const {
    return "linear:" + std::to_string(r.steps) + "," + base::number_text(r.floor);
  }
  std::string operator()(const ExponentialRate& r) const { return "exponential:" + base::number_text(r.factor); }
};

[[noreturn]] void refuse(const std::string& what, const std::string& got, const std::string& allowed) {
  throw Error(ErrorCode::bad_value, "schedule: " + what + " is " + got + "; it must be " + allowed);
}

void check_count(const std::string& what, std::int64_t count) {
  if (count < 1) refuse(what, std::to_string(count), "1 or more");
}

void check_factor(const std::string& what, double factor) {
  if (!(factor >= 0) || !std::isfinite(factor)) refuse(what, base::number_text(factor), "a finite number from 0 on");
}

struct Check {
  void operator()(const ConstantRate&) const {}
  void operator()(const StepRate& r) const {
    check_count("the number of steps between changes", r.every), check_factor("the factor", r.factor);
  }
  void operator()(const CosineRate& r) const { check_count("the number of steps", r.steps), check_factor("the floor", r.floor); }
  void operator()(const LinearRate& r) const { check_count("the number of steps", r.steps), check_factor("the floor", r.floor); }
  void operator()(const ExponentialRate& r) const { check_factor("the factor", r.factor); }
};

/// The numbers behind a schedule's name.
class Numbers {
 public:
  Numbers(std::string_view name, std::string_view text, std::size_t most) : name_(name) {
    if (!text.empty()) parts_ = base::split(text, ',');
    if (parts_.size() > most) fail("takes up to " + std::to_string(most) + " numbers, not " + std::to_string(parts_.size()));
  }
  bool has(std::size_t k) const { return k < parts_.size(); }
  double number(std::size_t k) const { return read(k, "a number"); }
  std::int64_t count(std::size_t k) const {
    constexpr const char* wanted = "a whole number of steps from 1 on";
    const double value = read(k, wanted);
    if (!(value >= 1 && value <= 1e15 && value == std::floor(value))) refuse(k, wanted);
    return static_cast<std::int64_t>(value);
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw Error(ErrorCode::bad_value, "schedule '" + std::string(name_) + "' " + why);
  }

 private:
  double read(std::size_t k, const char* wanted) const {
    const auto value = has(k) ? base::number_of(parts_[k]) : std::nullopt;
    if (!value) refuse(k, wanted);
    return *value;
  }
  [[noreturn]] void refuse(std::size_t k, const char* wanted) const {
    fail("takes " + std::string(wanted) + ", not '" + std::string(has(k) ? parts_[k] : "") + "'");
  }

  std::string_view name_;
  std::vector<std::string_view> parts_;
};

template <class Fall>
Fall read_fall(const Numbers& numbers, std::int64_t steps, std::int64_t warm_up) {
  Fall fall{.steps = steps - warm_up};
  if (numbers.has(0))
    fall.steps = numbers.count(0);
  else if (steps <= 0)
    numbers.fail("needs the number of steps in which the rate falls: NAME:STEPS");
  else if (fall.steps < 1)
    numbers.fail("has no steps left after the warm-up of " + std::to_string(warm_up));
  if (numbers.has(1)) fall.floor = numbers.number(1);
  return fall;
}

constexpr std::array<std::string_view, 5> names{"constant", "step", "cosine", "linear", "exponential"};
static_assert(names.size() == std::variant_size_v<decltype(Schedule::shape)>);

}  // namespace

double rate_factor(const Schedule& schedule, std::int64_t step) {
  if (step < schedule.warm_up) return static_cast<double>(step + 1) / static_cast<double>(schedule.warm_up);
  return std::visit(Factor{step - schedule.warm_up}, schedule.shape);
}

void check_schedule(const Schedule& schedule) {
  if (schedule.warm_up < 0) refuse("the warm-up", std::to_string(schedule.warm_up), "0 or more");
  std::visit(Check{}, schedule.shape);
}

std::string to_string(const Schedule& schedule) { return warm_up_text(schedule) + std::visit(Text{}, schedule.shape); }

Schedule schedule_by_name(std::string_view text, std::int64_t steps) {
  Schedule made;
  constexpr std::string_view warm_up = "warmup:";
  if (text.starts_with(warm_up)) {
    const std::size_t plus = text.find('+');
    made.warm_up = Numbers("warmup", text.substr(warm_up.size(), plus - warm_up.size()), 1).count(0);
    text = plus == std::string_view::npos ? "constant" : text.substr(plus + 1);
  }
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (name == "constant") {
    const Numbers none(name, rest, 0);
  } else if (name == "step") {
    const Numbers numbers(name, rest, 2);
    if (!numbers.has(0)) numbers.fail("needs the number of steps between changes: step:EVERY");
    StepRate shape{.every = numbers.count(0)};
    if (numbers.has(1)) shape.factor = numbers.number(1);
    made.shape = shape;
  } else if (name == "cosine") {
    made.shape = read_fall<CosineRate>(Numbers(name, rest, 2), steps, made.warm_up);
  } else if (name == "linear") {
    made.shape = read_fall<LinearRate>(Numbers(name, rest, 2), steps, made.warm_up);
  } else if (name == "exponential") {
    const Numbers numbers(name, rest, 1);
    if (!numbers.has(0)) numbers.fail("needs the factor of a step: exponential:FACTOR");
    made.shape = ExponentialRate{.factor = numbers.number(0)};
  } else {
    std::string all;
    for (const std::string_view known : names) all += (all.empty() ? "" : ", ") + std::string(known);
    throw Error(ErrorCode::unknown_name,
                "there is no schedule '" + std::string(name) + "'" + base::suggestion(name, names) + "; there are " + all);
  }
  check_schedule(made);
  return made;
}

}  // namespace dgen
