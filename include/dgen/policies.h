#pragma once
// Ops that pass a value on as it is and say what its gradient shall be. Records in src/ops/policies.cpp. They cost
// nothing in a compiled program: only `gradient` sees them.

#include <functional>
#include <initializer_list>
#include <span>

#include "dgen/declare.h"

#define DGEN_POLICY_OPS(op) op(detach) op(straight_through)

namespace dgen {

DGEN_POLICY_OPS(DGEN_DECLARE_OP)

namespace ops {
extern const OpDef custom_gradient;
}

/// The gradient of a value as its author states it: see `custom_gradient`.
struct GradientRule {
  std::function<void(const Vjp&)> of;
};

/// The value of y, whose gradient goes to `x` by `rule` and not through what y is computed of. For v.dy, what arrives at y,
/// the rule adds nodes and sets v.dx[k], what goes to x[k]; what it leaves empty is zero. v.x are the x, v.y is the result.
/// A rule has gradients in turn, and runs once for each gradient that is taken.
/// y, x: [frames] or control values. Throws `Error` bad_arity where x is empty, bad_value without a rule; `gradient`
/// throws mixed_graphs or bad_type for a dx that is no signal of the graph, or that changes more often than y and x.
///
///     const Signal bit = custom_gradient(gt(x, 0.0), {x}, [](const Vjp& v) { v.dx[0] = v.dy / (1.0 + v.x[0] * v.x[0]); });
Signal custom_gradient(Signal y, std::span<const Signal> x, std::function<void(const Vjp&)> rule,
                       const char* file = __builtin_FILE(), int line = __builtin_LINE());
Signal custom_gradient(Signal y, std::initializer_list<Signal> x, std::function<void(const Vjp&)> rule,
                       const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace dgen
