#include "passes/derivatives.h"

#include <array>
#include <cmath>

#include "base/index.h"
#include "dgen/time.h"

namespace dgen::passes {

Derivatives::Derivatives(const Node& node) : x_(node.inputs.size()), dx_(node.inputs.size()) {
  for (std::size_t k = 0; k < x_.size(); ++k)
    x_[k] = graph_.typed(ops::argument, {.clock = Clock::frame}, {.size = static_cast<std::int64_t>(k)});
  std::vector<int> inputs;
  for (const Signal x : x_) inputs.push_back(x.id);
  y_ = graph_.copy(node, inputs);
  node.op->gradient({.x = x_, .y = y_, .dy = graph_.constant(1), .dx = dx_});
}

bool Derivatives::is_free_of(std::size_t k, const std::vector<bool>& varying) const {
  if (!dx_[k]) return false;  // a policy of no gradient says nothing about the function
  std::vector<int> waiting{dx_[k].id};
  while (!waiting.empty()) {
    const Node& node = graph_[waiting.back()];
    waiting.pop_back();
    if (node.op->kind == Kind::argument && varying[at(static_cast<int>(node.attributes.size))]) return false;
    waiting.insert(waiting.end(), node.inputs.begin(), node.inputs.end());
  }
  return true;
}

Signal Derivatives::write(std::size_t k, Graph& out, std::span<const Signal> x) const {
  std::map<int, Signal> made;
  return write(dx_[k].id, out, x, made);
}

Signal Derivatives::write(int id, Graph& out, std::span<const Signal> x, std::map<int, Signal>& made) const {
  if (const auto known = made.find(id); known != made.end()) return known->second;
  const Node& node = graph_[id];
  if (node.op->kind == Kind::argument) return x[static_cast<std::size_t>(node.attributes.size)];
  if (node.op->kind == Kind::constant) return out.constant(node.attributes.value);
  std::vector<int> inputs;
  for (const int input : node.inputs) inputs.push_back(write(input, out, x, made).id);
  return made[id] = out.copy(node, inputs);
}

namespace {

/// Whether f(a + b) + f(0) = f(a) + f(b) for numbers of several sizes in place of what varies.
bool superposes(const OpDef& op, const std::vector<bool>& varying) {
  const auto value = [&](double state, double other) {
    std::vector<double> x(varying.size());
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = varying[k] ? state * (1 + 0.1 * static_cast<double>(k)) : other;
    return op.meaning(x);
  };
  constexpr std::array<std::array<double, 2>, 4> pairs{{{0.6, 1.7}, {-13.7, 250.3}, {-0.4, 0.1}, {1e4, -3e3}}};
  for (const double other : {0.71828, -2.61803}) {
    for (const auto& [a, b] : pairs) {
      const double together = value(a + b, other) + value(0, other), apart = value(a, other) + value(b, other);
      const double size = std::fabs(value(a, other)) + std::fabs(value(b, other)) + std::fabs(value(0, other));
      if (!(std::fabs(together - apart) <= 1e-9 * size)) return false;
    }
  }
  return true;
}

}  // namespace

bool is_affine(const Node& node, const std::vector<bool>& varying) {
  const OpDef& op = *node.op;
  if (op.zero_derivative || op.modular || op.chooses || !op.gradient || !superposes(op, varying)) return false;
  const Derivatives derivatives(node);
  for (std::size_t k = 0; k < varying.size(); ++k) {
    if (varying[k] && !derivatives.is_free_of(k, varying)) return false;
  }
  return true;
}

bool vanishes_at_zero(const OpDef& op, const std::vector<bool>& varying, std::span<const std::optional<double>> fixed) {
  std::vector<double> numbers(varying.size());
  for (const double probe : {0.71828, 1.61803, 3.14159}) {
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      const double other = probe + static_cast<double>(k);
      numbers[k] = varying[k] ? 0 : fixed.empty() ? other : fixed[k].value_or(other);
    }
    if (op.meaning(numbers) != 0) return false;
  }
  return true;
}

}  // namespace dgen::passes
