#include "train/device_rules.h"

#include <cmath>

#include "train/optimizer_rules.h"

namespace dgen::train {

namespace {

using ir::Value;
using runtime::UpdateElement;

Value decayed(const UpdateElement& e, double weight_decay) {
  return weight_decay == 0 ? e.slope : e.slope + weight_decay * e.position;
}

Value move(const Sgd& sgd, const UpdateElement& e) {
  const Value slope = decayed(e, sgd.weight_decay);
  if (sgd.momentum == 0) return -(e.rate * slope);
  const Value velocity = select(e.setting(1) > 0.0, slope, sgd.momentum * e.slot(0) + (1 - sgd.dampening) * slope);
  e.keep(0, velocity);
  return -(e.rate * (sgd.nesterov ? slope + sgd.momentum * velocity : velocity));
}

/// Settings 1 and 2: 1 - beta1^step, and the root of 1 - beta2^step.
Value adaptive_moments(const UpdateElement& e, Value slope, double beta1, double beta2, double epsilon) {
  const Value mean = beta1 * e.slot(0) + (1 - beta1) * slope;
  const Value square = beta2 * e.slot(1) + (1 - beta2) * slope * slope;
  e.keep(0, mean);
  e.keep(1, square);
  return -(e.rate / e.setting(1)) * mean / (sqrt(square) / e.setting(2) + epsilon);
}

Value move(const Adam& adam, const UpdateElement& e) {
  return adaptive_moments(e, decayed(e, adam.weight_decay), adam.beta1, adam.beta2, adam.epsilon);
}

Value move(const AdamW& adam, const UpdateElement& e) {
  const Value step = adaptive_moments(e, e.slope, adam.beta1, adam.beta2, adam.epsilon);
  return adam.weight_decay == 0 ? step : step - e.rate * adam.weight_decay * e.position;
}

Value move(const RMSprop& rms, const UpdateElement& e) {
  const Value slope = decayed(e, rms.weight_decay);
  const Value square = rms.alpha * e.slot(0) + (1 - rms.alpha) * slope * slope;
  e.keep(0, square);
  Value spread = square;
  if (rms.centered) {
    const Value mean = rms.alpha * e.slot(1) + (1 - rms.alpha) * slope;
    e.keep(1, mean);
    spread = max(square - mean * mean, like(square, 0));
  }
  const Value direction = slope / (sqrt(spread) + rms.epsilon);
  if (rms.momentum == 0) return -(e.rate * direction);
  const int velocity_slot = rms.centered ? 2 : 1;
  const Value velocity = rms.momentum * e.slot(velocity_slot) + direction;
  e.keep(velocity_slot, velocity);
  return -(e.rate * velocity);
}

/// Setting 1: what the decay of the rate divides by.
Value move(const Adagrad& adagrad, const UpdateElement& e) {
  const Value slope = decayed(e, adagrad.weight_decay), sum = e.slot(0) + slope * slope;
  e.keep(0, sum);
  return -(e.rate / e.setting(1)) * slope / (sqrt(sum) + adagrad.epsilon);
}

Value sign(Value x) { return select(x > 0.0, like(x, 1), select(x < 0.0, like(x, -1), like(x, 0))); }

Value move(const Lion& lion, const UpdateElement& e) {
  const Value mean = e.slot(0), step = -(e.rate * sign(lion.beta1 * mean + (1 - lion.beta1) * e.slope));
  e.keep(0, lion.beta2 * mean + (1 - lion.beta2) * e.slope);
  return lion.weight_decay == 0 ? step : step - e.rate * lion.weight_decay * e.position;
}

/// Appends what a rule is given behind the learning rate.
struct Settings {
  double step;
  std::vector<double>& to;
  void operator()(const Sgd&) const { to.push_back(step == 1 ? 1.0 : 0.0); }
  void operator()(const Adam& a) const { add_corrections(a.beta1, a.beta2); }
  void operator()(const AdamW& a) const { add_corrections(a.beta1, a.beta2); }
  void operator()(const RMSprop&) const {}
  void operator()(const Adagrad& a) const { to.push_back(1 + (step - 1) * a.learning_rate_decay); }
  void operator()(const Lion&) const {}
  void add_corrections(double beta1, double beta2) const {
    to.push_back(1 - std::pow(beta1, step));
    to.push_back(std::sqrt(1 - std::pow(beta2, step)));
  }
};

}  // namespace

std::shared_ptr<runtime::UpdateSpec> update_spec(const Optimizer& optimizer, const Parameters& parameters, const Clip& clip) {
  auto spec = std::make_shared<runtime::UpdateSpec>();
  for (const Parameter& p : parameters.list())
    spec->parameters.push_back({.elements = p.elements, .mapping = p.mapping, .min = p.min, .max = p.max});
  spec->slots = slots_of(optimizer);
  std::vector<double> settings;
  step_settings(optimizer, 0, 1, settings);
  spec->settings = static_cast<int>(settings.size());
  spec->clip_value = clip.value;
  spec->clip_norm = clip.norm;
  spec->move = [optimizer](const UpdateElement& e) {
    return std::visit([&](const auto& rule) { return move(rule, e); }, optimizer);
  };
  return spec;
}

void step_settings(const Optimizer& optimizer, double learning_rate, std::int64_t step, std::vector<double>& settings) {
  settings.assign(1, learning_rate);
  std::visit(Settings{static_cast<double>(step), settings}, optimizer);
}

void element_rates(const Parameters& parameters, std::vector<double>& rates) {
  rates.clear();
  for (const Parameter& p : parameters.list())
    rates.insert(rates.end(), static_cast<std::size_t>(p.elements), p.frozen ? -1 : p.learning_rate);
}

}  // namespace dgen::train
