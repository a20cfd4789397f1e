// The gradient rule of every pointwise op against central differences of its meaning, found by walking the op table.

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "dgen/graph.h"
#include "ops/pointwise.h"

namespace {

using dgen::Graph;
using dgen::Kind;
using dgen::Node;
using dgen::OpDef;
using dgen::Signal;
using dgen::testing::arity;

class EveryGradientRule : public testing::TestWithParam<const OpDef*> {};

/// The value of node `id` for the given host inputs.
double value_of(const Graph& graph, int id, const std::vector<double>& inputs) {
  std::vector<double> values;
  for (const Node& node : graph.nodes()) {
    std::vector<double> x;
    for (const int k : node.inputs) x.push_back(values[static_cast<std::size_t>(k)]);
    values.push_back(node.op->kind == Kind::input      ? inputs[static_cast<std::size_t>(node.attributes.size)]
                     : node.op->kind == Kind::constant ? node.attributes.value
                                                       : node.op->meaning(x));
  }
  return values[static_cast<std::size_t>(id)];
}

/// An op on host inputs, and what its gradient rule makes of an adjoint (the last host input).
struct Differentiated {
  explicit Differentiated(const OpDef& op) : dx(arity(op)) {
    std::vector<dgen::Operand> operands;
    for (std::size_t k = 0; k < arity(op); ++k) {
      x.push_back(graph.input(static_cast<int>(k)));
      operands.emplace_back(x.back());
    }
    const Signal adjoint = graph.input(static_cast<int>(arity(op)));
    y = graph.n(op, operands, {});
    op.gradient({x, y, adjoint, dx});
  }

  /// The gradient to input k at `at` for the adjoint `dy`.
  double gradient(std::size_t k, std::vector<double> at, double dy) const {
    at.push_back(dy);
    return dx[k] ? value_of(graph, dx[k].id, at) : 0;
  }

  Graph graph;
  std::vector<Signal> x;
  std::vector<Signal> dx;
  Signal y;
};

/// Five-point central difference of the meaning.
double difference(const OpDef& op, std::vector<double> at, std::size_t k, double step) {
  const double center = at[k];
  const auto value = [&](double offset) {
    at[k] = center + offset;
    return op.meaning(at);
  };
  return (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / (12 * step);
}

TEST_P(EveryGradientRule, GradientAgreesWithCentralDifferences) {
  const OpDef& op = *GetParam();
  if (op.stated_gradient) GTEST_SKIP() << "has another gradient on purpose; tests/gradient/policies_test.cpp checks it";
  const Differentiated differentiated(op);
  int compared = 0;
  for (const std::vector<double>& at : dgen::testing::domain_points(op, 400, 3)) {
    const double room = op.kink ? op.kink(at) : 1;
    if (room < 1e-3) continue;
    ++compared;
    for (std::size_t k = 0; k < at.size(); ++k) {
      const double step = 0x1p-8 * std::min(1.0, room);
      const double expected = difference(op, at, k, step);
      // The step, and rounding of the meaning and of the argument, limit the difference.
      const double argument = std::numeric_limits<double>::epsilon() * std::fabs(at[k]) / step;
      const double tolerance = 1e-7 * (1 + std::fabs(expected) + std::fabs(op.meaning(at))) + 4 * argument * std::fabs(expected);
      EXPECT_NEAR(differentiated.gradient(k, at, 1), expected, tolerance)
          << "to input " << k << " at " << testing::PrintToString(at);
    }
  }
  EXPECT_GT(compared, 200) << "most of the domain is too near a kink";
}

TEST_P(EveryGradientRule, GradientScalesWithTheAdjoint) {
  const OpDef& op = *GetParam();
  const Differentiated differentiated(op);
  for (const std::vector<double>& at : dgen::testing::domain_points(op, 20, 4)) {
    for (std::size_t k = 0; k < at.size(); ++k) {
      const double one = differentiated.gradient(k, at, 1);
      EXPECT_NEAR(differentiated.gradient(k, at, -3), -3 * one, 1e-12 * (1 + std::fabs(one)));
    }
  }
}

// A branch that was not taken sends the adjoint 0. Where the op is finite, nothing infinite may meet it.
TEST_P(EveryGradientRule, AZeroAdjointStaysZeroWhereTheOpIsFinite) {
  const OpDef& op = *GetParam();
  const Differentiated differentiated(op);
  std::vector<std::vector<double>> points{{}};
  for (std::size_t k = 0; k < arity(op); ++k) {
    std::vector<std::vector<double>> longer;
    for (const std::vector<double>& point : points) {
      for (const double x : {0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0, op.domain[k].lo, op.domain[k].hi}) {
        longer.push_back(point);
        longer.back().push_back(x);
      }
    }
    points = std::move(longer);
  }
  for (const std::vector<double>& at : points) {
    if (!std::isfinite(op.meaning(at))) continue;
    for (std::size_t k = 0; k < at.size(); ++k) {
      EXPECT_EQ(differentiated.gradient(k, at, 0), 0) << "to input " << k << " at " << testing::PrintToString(at);
    }
  }
}

TEST_P(EveryGradientRule, ThatIsPiecewiseConstantHasNoGradient) {
  const OpDef& op = *GetParam();
  if (!op.zero_derivative) GTEST_SKIP() << "has a derivative";
  for (const Signal dx : Differentiated(op).dx) EXPECT_FALSE(dx);
}

struct Kink {
  const char* op;
  std::vector<double> at;
  std::vector<double> gradient;
};

class StatedPolicy : public testing::TestWithParam<Kink> {};

TEST_P(StatedPolicy, HoldsAtTheKink) {
  const Kink& kink = GetParam();
  const Differentiated differentiated(*dgen::find_op(kink.op));
  for (std::size_t k = 0; k < kink.at.size(); ++k)
    EXPECT_EQ(differentiated.gradient(k, kink.at, 1), kink.gradient[k]) << "to input " << k;
}

INSTANTIATE_TEST_SUITE_P(Ops, StatedPolicy,
                         testing::Values(Kink{"abs", {0}, {0}}, Kink{"min", {2, 2}, {1, 0}}, Kink{"max", {2, 2}, {1, 0}},
                                         Kink{"clamp", {1, 1, 2}, {1, 0, 0}}, Kink{"clamp", {2, 1, 2}, {1, 0, 0}},
                                         Kink{"clamp", {5, 3, 1}, {0, 1, 0}}, Kink{"select", {0, 1, 2}, {0, 0, 1}},
                                         Kink{"sqrt", {0}, {0}}, Kink{"asin", {1}, {0}}, Kink{"acos", {-1}, {0}},
                                         Kink{"atan2", {0, 0}, {0, 0}}, Kink{"pow", {0, 0.5}, {0, 0}},
                                         Kink{"pow", {0, 0}, {0, 0}}, Kink{"pow", {0, 1}, {1, 0}}, Kink{"pow", {-2, 2}, {-4, 0}},
                                         Kink{"wrap", {1, 0, 1}, {1, 1, -1}}, Kink{"wrap", {3, 2, 2}, {1, 0, 0}},
                                         Kink{"mod", {4, 2}, {1, -2}}, Kink{"fract", {3}, {1}}),
                         [](const auto& test) { return std::string(test.param.op) + "_" + std::to_string(test.index); });

INSTANTIATE_TEST_SUITE_P(Ops, EveryGradientRule, testing::ValuesIn(dgen::testing::pointwise_ops()),
                         [](const auto& test) { return std::string(test.param->name); });

}  // namespace
