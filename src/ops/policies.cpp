#include "dgen/policies.h"

#include <array>
#include <vector>

#include "dgen/error.h"
#include "ir/builder.h"
#include "ops/families.h"

namespace dgen {

namespace ops {

using X = std::span<const double>;
using V = std::span<const ir::Value>;
using S = std::span<const Signal>;

constexpr OpDef detach{
    .name = "detach",
    .doc = "x, and no gradient to it",
    .inputs = "x",
    .zero_derivative = true,
    .stated_gradient = true,
    .meaning = [](X x) { return x[0]; },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return x[0]; },
    .simplify = [](S x) { return x[0]; },
    .ulp = 0,
};

constexpr OpDef straight_through{
    .name = "straight_through",
    .doc = "the value of forward, with the gradient of surrogate: straight_through(round(x), x) trains through the rounding",
    .inputs = "forward, surrogate",
    .stated_gradient = true,
    .meaning = [](X x) { return x[0]; },
    .gradient = [](Vjp v) { v.dx[1] = v.dy; },
    .lower = [](V x) { return x[0]; },
    .simplify = [](S x) { return x[0]; },
    .ulp = 0,
    .source = "Bengio, Léonard, Courville 2013",
};

constexpr OpDef custom_gradient{
    .name = "custom_gradient",
    .doc = "y, with a gradient to each x that a C++ function states (dgen/policies.h)",
    .inputs = "y, x, ...",
    .stated_gradient = true,
    .meaning = [](X x) { return x[0]; },
    .gradient = [](Vjp) {},  // Attributes::rule has it
    .lower = [](V x) { return x[0]; },
    .simplify = [](S x) { return x[0]; },
    .ulp = 0,
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_POLICY_OPS(DGEN_ENTRY) & custom_gradient};
#undef DGEN_ENTRY
static_assert(complete_pointwise(entries), "an op in this file lacks its name, doc, inputs, meaning, gradient or lowering");

constexpr std::span<const OpDef* const> policy_family{entries};

}  // namespace ops

Signal custom_gradient(Signal y, std::span<const Signal> x, std::function<void(const Vjp&)> rule, const char* file, int line) {
  if (!y) throw Error(ErrorCode::bad_value, "custom_gradient: input 1 is an empty signal; it was never assigned");
  if (!rule) throw Error(ErrorCode::bad_value, "custom_gradient: the rule is empty; detach(y) has no gradient");
  std::vector<Signal> inputs{y};
  inputs.insert(inputs.end(), x.begin(), x.end());
  auto shared = std::make_shared<const GradientRule>(GradientRule{std::move(rule)});
  return y.graph->add(ops::custom_gradient, inputs, {.rule = std::move(shared)}, {file, line, 0});
}

Signal custom_gradient(Signal y, std::initializer_list<Signal> x, std::function<void(const Vjp&)> rule, const char* file,
                       int line) {
  return custom_gradient(y, std::span(x.begin(), x.size()), std::move(rule), file, line);
}

}  // namespace dgen
