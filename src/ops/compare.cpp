#include "dgen/compare.h"

#include <array>
#include <cmath>

#include "dgen/math.h"
#include "dgen/time.h"
#include "ir/builder.h"
#include "ops/families.h"
#include "ops/known.h"

namespace dgen::ops {

using X = std::span<const double>;
using V = std::span<const ir::Value>;
using S = std::span<const Signal>;

/// 1 where the mask is set, else 0, in the type of `x`.
static ir::Value number(ir::Value mask, ir::Value x) { return ir::select(mask, ir::like(x, 1), 0); }

static double gap(X x) { return std::fabs(x[0] - x[1]); }
static double distance_from_zero(X x) { return std::fmin(std::fabs(x[0]), std::fabs(x[1])); }

constexpr OpDef gt{
    .name = "gt",
    .doc = "1 where a > b, else 0; gradient 0",
    .inputs = "a, b",
    .zero_derivative = true,
    .meaning = [](X x) { return x[0] > x[1] ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number(x[0] > x[1], x[0]); },
    .ulp = 0,
    .kink = gap,
};

constexpr OpDef lt{
    .name = "lt",
    .doc = "1 where a < b, else 0; gradient 0",
    .inputs = "a, b",
    .zero_derivative = true,
    .meaning = [](X x) { return x[0] < x[1] ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number(x[0] < x[1], x[0]); },
    .ulp = 0,
    .kink = gap,
};

constexpr OpDef gte{
    .name = "gte",
    .doc = "1 where a >= b, else 0; gradient 0",
    .inputs = "a, b",
    .zero_derivative = true,
    .meaning = [](X x) { return x[0] >= x[1] ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number(x[0] >= x[1], x[0]); },
    .ulp = 0,
    .kink = gap,
};

constexpr OpDef lte{
    .name = "lte",
    .doc = "1 where a <= b, else 0; gradient 0",
    .inputs = "a, b",
    .zero_derivative = true,
    .meaning = [](X x) { return x[0] <= x[1] ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number(x[0] <= x[1], x[0]); },
    .ulp = 0,
    .kink = gap,
};

constexpr OpDef eq{
    .name = "eq",
    .doc = "1 where a equals b, else 0; gradient 0",
    .inputs = "a, b",
    .commutative = true,
    .zero_derivative = true,
    .meaning = [](X x) { return x[0] == x[1] ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number(x[0] == x[1], x[0]); },
    .ulp = 0,
    .kink = gap,
};

constexpr OpDef neq{
    .name = "neq",
    .doc = "1 where a differs from b or one is not a number, else 0; gradient 0",
    .inputs = "a, b",
    .commutative = true,
    .zero_derivative = true,
    .meaning = [](X x) { return x[0] != x[1] ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number(x[0] != x[1], x[0]); },
    .ulp = 0,
    .kink = gap,
};

constexpr OpDef logical_and{
    .name = "logical_and",
    .doc = "1 where a and b are both other than 0, else 0; gradient 0",
    .inputs = "a, b",
    .commutative = true,
    .zero_derivative = true,
    .cost = 3,
    .meaning = [](X x) { return x[0] != 0 && x[1] != 0 ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number((x[0] != 0) & (x[1] != 0), x[0]); },
    .ulp = 0,
    .kink = distance_from_zero,
};

constexpr OpDef logical_or{
    .name = "logical_or",
    .doc = "1 where a or b is other than 0, else 0; gradient 0",
    .inputs = "a, b",
    .commutative = true,
    .zero_derivative = true,
    .cost = 3,
    .meaning = [](X x) { return x[0] != 0 || x[1] != 0 ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number((x[0] != 0) | (x[1] != 0), x[0]); },
    .ulp = 0,
    .kink = distance_from_zero,
};

constexpr OpDef logical_xor{
    .name = "logical_xor",
    .doc = "1 where one of a and b is 0 and the other is not, else 0; gradient 0",
    .inputs = "a, b",
    .commutative = true,
    .zero_derivative = true,
    .cost = 3,
    .meaning = [](X x) { return (x[0] != 0) != (x[1] != 0) ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number((x[0] != 0) ^ (x[1] != 0), x[0]); },
    .ulp = 0,
    .kink = distance_from_zero,
};

constexpr OpDef logical_not{
    .name = "logical_not",
    .doc = "1 where x is 0, else 0; gradient 0",
    .inputs = "x",
    .zero_derivative = true,
    .meaning = [](X x) { return x[0] == 0 ? 1.0 : 0.0; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return number(x[0] == 0, x[0]); },
    .ulp = 0,
    .kink = [](X x) { return std::fabs(x[0]); },
};

/// `time < 1 ? x : x delayed by max(time, 1)`, as a line is read before and after it is written, is one delay.
static Signal as_one_delay(S x) {
  Graph& g = *x[0].graph;
  const Node less = g[x[0].id], delayed = g[x[2].id];
  if (less.op != &lt || delayed.op->kind != Kind::delay || delayed.inputs[0] != x[1].id) return {};
  const Node& time = g[delayed.inputs[1]];
  const auto is_one = [&](int id) { return is(Signal{&g, id}, 1); };
  if (!is_one(less.inputs[1]) || time.op != &max || time.inputs[0] != less.inputs[0] || !is_one(time.inputs[1])) return {};
  return g.add(*delayed.op, std::array{x[1], Signal{&g, less.inputs[0]}}, delayed.attributes, delayed.origin);
}

constexpr OpDef select{
    .name = "select",
    .doc = "a where condition is other than 0 (also not a number), else b; gradient to the one taken",
    .inputs = "condition, a, b",
    .chooses = true,
    .choice = true,
    .meaning = [](X x) { return x[0] != 0 ? x[1] : x[2]; },
    .gradient = [](Vjp v) { v.dx[1] = v.dy * neq(v.x[0], 0), v.dx[2] = v.dy * eq(v.x[0], 0); },
    .lower = [](V x) { return ir::select(x[0] != 0, x[1], x[2]); },
    .simplify = [](S x) { return x[1].id == x[2].id   ? x[1]
                                 : !is_constant(x[0]) ? as_one_delay(x)
                                 : is(x[0], 0)        ? x[2]
                                                      : x[1]; },
    .ulp = 0.5,
    .kink = [](X x) { return std::fabs(x[0]); },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_COMPARE_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete_pointwise(entries), "an op in this file lacks its name, doc, inputs, meaning, gradient or lowering");

constexpr std::span<const OpDef* const> compare_family{entries};

}  // namespace dgen::ops
