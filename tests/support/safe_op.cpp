#include "support/safe_op.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "support/random.h"

namespace dgen::testing {

namespace {

constexpr double tame = 12;

/// Samples the op; bound and slope become infinite where it is not finite.
void measure(SafeOp& safe) {
  Random random(1);
  std::vector<double> x(safe.domain.size());
  for (int trial = 0; trial < 500; ++trial) {
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = random.uniform(safe.domain[k].lo, safe.domain[k].hi);
    const double y = safe.op->meaning(x);
    safe.bound = std::isfinite(y) ? std::max(safe.bound, std::fabs(y)) : INFINITY;
    if (safe.op->zero_derivative || (safe.op->kink && safe.op->kink(x) < 1e-3)) continue;
    double slope = 0;
    for (double& input : x) {
      const double before = input;
      input += 1e-6;
      slope += std::fabs(safe.op->meaning(x) - y) / 1e-6;
      input = before;
    }
    safe.slope = std::isfinite(slope) ? std::max(safe.slope, slope) : INFINITY;
  }
}

/// The op on the first of a list of ranges, cut to its domain, on which it is tame.
bool find_safe(const OpDef& op, SafeOp& safe) {
  constexpr std::array<Domain, 5> ranges{{{-3, 3}, {-1, 1}, {-0.7, 0.7}, {0.5, 2}, {0.25, 0.75}}};
  for (const Domain& range : ranges) {
    safe = {.op = &op};
    for (std::size_t k = 0; k < signature(op).inputs.size(); ++k) {
      const Domain cut{std::max(op.domain[k].lo, range.lo), std::min(op.domain[k].hi, range.hi)};
      safe.domain.push_back(cut.lo < cut.hi ? cut : op.domain[k]);
    }
    measure(safe);
    if (safe.bound <= tame && safe.slope <= tame) return true;
  }
  return false;
}

}  // namespace

const std::vector<SafeOp>& safe_ops() {
  static const std::vector<SafeOp> found = [] {
    std::vector<SafeOp> ops;
    SafeOp safe;
    for (const OpDef* op : all_ops())
      if (op->kind == Kind::pointwise && !op->stated_gradient && find_safe(*op, safe)) ops.push_back(safe);
    return ops;
  }();
  return found;
}

}  // namespace dgen::testing
