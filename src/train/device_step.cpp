#include "train/device_step.h"

#include <algorithm>
#include <limits>

#include "train/device_rules.h"

namespace dgen::train {

namespace {

/// The parameter that element `e` of all belongs to; -1 for -1.
int parameter_of(const Parameters& parameters, std::int64_t e) {
  for (int k = 0; e >= 0 && k < parameters.count(); ++k) {
    if (e < parameters[k].offset + parameters[k].elements) return k;
  }
  return -1;
}

}  // namespace

double DeviceStep::run(Objective& objective, Parameters& parameters, const Descent& descent, const float* const* in,
                       std::int64_t frames, From from, bool same_input) noexcept {
  learning_rate_ = descent.learning_rate();
  step_settings(descent.optimizer(), learning_rate_, descent.steps() + 1, settings_);
  element_rates(parameters, rates_);
  values_.assign(parameters.values().begin(), parameters.values().end());
  slots_.clear();
  for (int s = 0; s < descent.slots(); ++s) slots_.insert(slots_.end(), descent.slot(s).begin(), descent.slot(s).end());
  step_ = {.settings = settings_, .rates = rates_, .values = values_, .gradients = parameters.gradients(), .slots = slots_};
  objective.step(step_, in, frames, from, same_input);
  done_ = objective.failure().empty();
  return done_ ? step_.loss : std::numeric_limits<double>::quiet_NaN();
}

StepReport DeviceStep::adopt(Parameters& parameters, Descent& descent) noexcept {
  done_ = false;
  StepReport report{.gradient_norm = step_.norm, .learning_rate = learning_rate_};
  report.not_finite = parameter_of(parameters, step_.bad_slope);
  if (report.not_finite >= 0) {
    report.gradient_norm = std::numeric_limits<double>::quiet_NaN();
    return report;
  }
  report.not_finite = parameter_of(parameters, step_.bad_value);
  if (report.not_finite >= 0) return report;
  const std::size_t elements = values_.size();
  for (int s = 0; s < descent.slots(); ++s)
    std::copy_n(slots_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(s) * elements), elements,
                descent.slot(s).begin());
  std::ranges::copy(values_, parameters.values().begin());
  descent.resume(descent.steps() + 1);
  return report;
}

}  // namespace dgen::train
