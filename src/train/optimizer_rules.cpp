#include "train/optimizer_rules.h"

#include <algorithm>
#include <cmath>

namespace dgen::train {

namespace {

void decay_into_slope(const Elements& e, double weight_decay) {
  if (weight_decay == 0) return;
  for (std::size_t k = 0; k < e.slope.size(); ++k) e.slope[k] += weight_decay * e.position[k];
}

void apply(const Sgd& sgd, const Elements& e) {
  decay_into_slope(e, sgd.weight_decay);
  for (std::size_t k = 0; k < e.slope.size(); ++k) {
    double direction = e.slope[k];
    if (sgd.momentum != 0) {
      double& velocity = e.slot(0, k);
      velocity = e.step == 1 ? direction : sgd.momentum * velocity + (1 - sgd.dampening) * direction;
      direction = sgd.nesterov ? direction + sgd.momentum * velocity : velocity;
    }
    e.move[k] = -e.learning_rate * direction;
  }
}

/// The move of Adam without any weight decay.
void adaptive_moments(const Elements& e, double beta1, double beta2, double epsilon) {
  const auto step = static_cast<double>(e.step);
  const double rate = e.learning_rate / (1 - std::pow(beta1, step));
  const double root_correction = std::sqrt(1 - std::pow(beta2, step));
  for (std::size_t k = 0; k < e.slope.size(); ++k) {
    const double slope = e.slope[k];
    double &mean = e.slot(0, k), &square = e.slot(1, k);
    mean = beta1 * mean + (1 - beta1) * slope;
    square = beta2 * square + (1 - beta2) * slope * slope;
    e.move[k] = -rate * mean / (std::sqrt(square) / root_correction + epsilon);
  }
}

void apply(const Adam& adam, const Elements& e) {
  decay_into_slope(e, adam.weight_decay);
  adaptive_moments(e, adam.beta1, adam.beta2, adam.epsilon);
}

void apply(const AdamW& adam, const Elements& e) {
  adaptive_moments(e, adam.beta1, adam.beta2, adam.epsilon);
  if (adam.weight_decay == 0) return;
  for (std::size_t k = 0; k < e.move.size(); ++k) e.move[k] -= e.learning_rate * adam.weight_decay * e.position[k];
}

void apply(const RMSprop& rms, const Elements& e) {
  decay_into_slope(e, rms.weight_decay);
  const int mean_slot = 1, velocity_slot = rms.centered ? 2 : 1;
  for (std::size_t k = 0; k < e.slope.size(); ++k) {
    const double slope = e.slope[k];
    double& square = e.slot(0, k);
    square = rms.alpha * square + (1 - rms.alpha) * slope * slope;
    double spread = square;
    if (rms.centered) {
      double& mean = e.slot(mean_slot, k);
      mean = rms.alpha * mean + (1 - rms.alpha) * slope;
      spread = std::max(square - mean * mean, 0.0);
    }
    double direction = slope / (std::sqrt(spread) + rms.epsilon);
    if (rms.momentum != 0) {
      double& velocity = e.slot(velocity_slot, k);
      direction = velocity = rms.momentum * velocity + direction;
    }
    e.move[k] = -e.learning_rate * direction;
  }
}

void apply(const Adagrad& adagrad, const Elements& e) {
  decay_into_slope(e, adagrad.weight_decay);
  const double rate = e.learning_rate / (1 + static_cast<double>(e.step - 1) * adagrad.learning_rate_decay);
  for (std::size_t k = 0; k < e.slope.size(); ++k) {
    double& sum = e.slot(0, k);
    sum += e.slope[k] * e.slope[k];
    e.move[k] = -rate * e.slope[k] / (std::sqrt(sum) + adagrad.epsilon);
  }
}

double sign(double x) { return static_cast<double>(x > 0) - static_cast<double>(x < 0); }

void apply(const Lion& lion, const Elements& e) {
  for (std::size_t k = 0; k < e.slope.size(); ++k) {
    double& mean = e.slot(0, k);
    const double direction = sign(lion.beta1 * mean + (1 - lion.beta1) * e.slope[k]);
    mean = lion.beta2 * mean + (1 - lion.beta2) * e.slope[k];
    e.move[k] = -e.learning_rate * direction;
    if (lion.weight_decay != 0) e.move[k] -= e.learning_rate * lion.weight_decay * e.position[k];
  }
}

struct Slots {
  int operator()(const Sgd& sgd) const { return sgd.momentum != 0; }
  int operator()(const Adam&) const { return 2; }
  int operator()(const AdamW&) const { return 2; }
  int operator()(const RMSprop& rms) const { return 1 + rms.centered + (rms.momentum != 0); }
  int operator()(const Adagrad&) const { return 1; }
  int operator()(const Lion&) const { return 1; }
};

}  // namespace

int slots_of(const Optimizer& optimizer) { return std::visit(Slots{}, optimizer); }

double first_memory(const Optimizer& optimizer) {
  const auto* adagrad = std::get_if<Adagrad>(&optimizer);
  return adagrad ? adagrad->initial_accumulator : 0;
}

void apply(const Optimizer& optimizer, const Elements& e) noexcept {
  std::visit([&](const auto& rule) { apply(rule, e); }, optimizer);
}

}  // namespace dgen::train
