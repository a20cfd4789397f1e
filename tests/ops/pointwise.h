#pragma once
// Walks the pointwise ops, and lowers one into a function of the loop IR.

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "dgen/op.h"
#include "ir/builder.h"
#include "ir/interpret.h"

namespace dgen::testing {

inline std::vector<const OpDef*> pointwise_ops() {
  std::vector<const OpDef*> found;
  for (const OpDef* op : all_ops())
    if (op->kind == Kind::pointwise) found.push_back(op);
  return found;
}

inline std::size_t arity(const OpDef& op) { return signature(op).inputs.size(); }

/// An op as a function of the loop IR for operands of one type.
class Lowered {
 public:
  Lowered(const OpDef& op, ir::Type type) : type_(type) {
    function_.name = std::string(op.name);
    function_.arguments.assign(arity(op), type);
    ir::Builder builder(module_, function_);
    std::vector<ir::Value> x;
    for (std::size_t k = 0; k < arity(op); ++k) x.push_back(builder.argument(static_cast<int>(k)));
    builder.result(op.lower(x));
  }

  /// The op's value at each point; `points[n][k]` is input k of point n, already of the operands' type.
  std::vector<double> operator()(const std::vector<std::vector<double>>& points) const {
    const std::size_t count = points.size();
    std::vector<ir::Lanes> arguments;
    for (std::size_t k = 0; k < function_.arguments.size(); ++k) {
      std::vector<double> column;
      for (const std::vector<double>& point : points) column.push_back(point[k]);
      arguments.push_back(ir::lanes_of(type_, column));
    }
    const ir::Lanes result = ir::evaluate(module_, function_, arguments, {.lanes = static_cast<int>(count)});
    std::vector<double> values;
    for (std::size_t n = 0; n < count; ++n) values.push_back(ir::number_of(result, type_.wide ? static_cast<int>(n) : 0));
    return values;
  }

  const ir::Module& module() const { return module_; }
  const ir::Function& function() const { return function_; }

 private:
  ir::Type type_;
  ir::Module module_;
  ir::Function function_;
};

/// Uniformly drawn points of the op's domain.
inline std::vector<std::vector<double>> domain_points(const OpDef& op, std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<std::vector<double>> points(count);
  for (std::vector<double>& point : points) {
    for (std::size_t k = 0; k < arity(op); ++k) {
      point.push_back(std::uniform_real_distribution(op.domain[k].lo, op.domain[k].hi)(random));
    }
  }
  return points;
}

}  // namespace dgen::testing
