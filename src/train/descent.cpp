// One step of an optimiser: slopes into coordinates, clipped, through the rule, and back into ranges.

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "dgen/error.h"
#include "dgen/optimizers.h"
#include "train/optimizer_rules.h"
#include "train/optimizer_settings.h"

namespace dgen {

namespace {

double learning_rate_of(const Optimizer& optimizer) {
  return std::visit([](const auto& rule) { return rule.learning_rate; }, optimizer);
}

void check_clip(const Clip& clip) {
  const auto refuse = [](const std::string& what, double value) {
    throw Error(ErrorCode::bad_value,
                "clipping by " + what + " takes a number above 0, or 0 for none, not " + base::number_text(value));
  };
  if (!(clip.value >= 0)) refuse("value", clip.value);
  if (!(clip.norm >= 0)) refuse("norm", clip.norm);
}

}  // namespace

Descent::Descent(const Optimizer& optimizer, const Parameters& parameters, const Schedule& schedule, const Clip& clip)
    : optimizer_(optimizer), schedule_(schedule), clip_(clip) {
  train::check_optimizer(optimizer);
  check_schedule(schedule);
  check_clip(clip);
  const std::size_t elements = parameters.values().size();
  slots_.resize(static_cast<std::size_t>(train::slots_of(optimizer)), ParameterArena(elements, train::first_memory(optimizer)));
  slots_before_ = slots_;
  for (ParameterArena* arena : {&slopes_, &positions_, &moves_}) arena->resize(elements);
}

/// Fills in slopes and their norm. Returns the first parameter with one that is not finite, or -1.
int Descent::find_slopes(const Parameters& parameters, double& norm) noexcept {
  double largest = 0, sum = 0;  // of the slopes, and of their squares against the largest: no overflow
  for (int k = 0; k < parameters.count(); ++k) {
    const Parameter& p = parameters[k];
    if (p.frozen) continue;
    const std::span<const double> value = parameters.values(k), gradient = parameters.gradients(k);
    for (std::size_t i = 0; i < value.size(); ++i) {
      const double slope = gradient[i] * coordinate_slope(p.mapping, value[i]);
      if (!std::isfinite(slope)) return k;
      slopes_[static_cast<std::size_t>(p.offset) + i] = slope;
      const double size = std::fabs(slope);
      if (size > largest) sum *= (largest / size) * (largest / size), largest = size;
      if (size > 0) sum += (size / largest) * (size / largest);
    }
  }
  norm = largest * std::sqrt(sum);
  return -1;
}

void Descent::clip_slopes(const Parameters& parameters, double norm) noexcept {
  if (clip_.value > 0) {
    for (double& slope : slopes_) slope = std::clamp(slope, -clip_.value, clip_.value);
    double sum = 0;
    for (const Parameter& p : parameters.list()) {
      if (p.frozen) continue;
      for (std::int64_t i = p.offset; i < p.offset + p.elements; ++i) {
        const double slope = slopes_[static_cast<std::size_t>(i)];
        sum += slope * slope;
      }
    }
    norm = std::sqrt(sum);
  }
  if (clip_.norm > 0 && norm > clip_.norm) {
    for (double& slope : slopes_) slope *= clip_.norm / norm;
  }
}

/// Replaces the values by those moved, unless one of them is not finite: its parameter, or -1.
int Descent::commit(Parameters& parameters) noexcept {
  for (int k = 0; k < parameters.count(); ++k) {
    const Parameter& p = parameters[k];
    if (p.frozen) continue;
    const std::span<const double> value = parameters.values(k);
    for (std::size_t i = 0; i < value.size(); ++i) {
      double& next = moves_[static_cast<std::size_t>(p.offset) + i];
      next = std::clamp(moved(p.mapping, value[i], next), p.min, p.max);
      if (!std::isfinite(next)) return k;
    }
  }
  for (int k = 0; k < parameters.count(); ++k) {
    const auto offset = static_cast<std::ptrdiff_t>(parameters[k].offset);
    if (!parameters[k].frozen) std::copy_n(moves_.begin() + offset, parameters[k].elements, parameters.values(k).begin());
  }
  return -1;
}

double Descent::learning_rate() const { return learning_rate_of(optimizer_) * rate_factor(schedule_, steps_); }

StepReport Descent::step(Parameters& parameters) noexcept {
  StepReport report{.learning_rate = learning_rate()};
  report.not_finite = find_slopes(parameters, report.gradient_norm);
  if (report.not_finite >= 0) {
    report.gradient_norm = std::numeric_limits<double>::quiet_NaN();
    return report;
  }
  clip_slopes(parameters, report.gradient_norm);
  for (std::size_t s = 0; s < slots_.size(); ++s) std::ranges::copy(slots_[s], slots_before_[s].begin());
  for (int k = 0; k < parameters.count(); ++k) {
    const Parameter& p = parameters[k];
    if (p.frozen) continue;
    const auto offset = static_cast<std::size_t>(p.offset), elements = static_cast<std::size_t>(p.elements);
    const std::span<double> position = std::span(positions_).subspan(offset, elements);
    std::ranges::transform(parameters.values(k), position.begin(), [&](double v) { return to_coordinate(p.mapping, v); });
    train::apply(optimizer_, {.position = position,
                              .slope = std::span(slopes_).subspan(offset, elements),
                              .move = std::span(moves_).subspan(offset, elements),
                              .memory = slots_,
                              .offset = offset,
                              .learning_rate = report.learning_rate * p.learning_rate,
                              .step = steps_ + 1});
  }
  report.not_finite = commit(parameters);
  if (report.not_finite < 0) {
    ++steps_;
  } else {
    for (std::size_t s = 0; s < slots_.size(); ++s) std::ranges::copy(slots_before_[s], slots_[s].begin());  // spans of them stay
  }
  return report;
}

}  // namespace dgen
