#pragma once
// Where in its domain a pointwise op is tame, so that random graphs of such ops stay bounded and well conditioned.

#include <vector>

#include "dgen/op.h"

namespace dgen::testing {

/// A pointwise op on a part of its domain.
struct SafeOp {
  const OpDef* op = nullptr;
  std::vector<Domain> domain{};  ///< of each input
  double bound = 0;              ///< largest magnitude of its value there
  double slope = 0;              ///< largest sum of magnitudes of its derivatives there, away from kinks
};

/// Every pointwise op of the table that is bounded by 12 and no steeper than 12 on a part of its domain; from sampling.
const std::vector<SafeOp>& safe_ops();

}  // namespace dgen::testing
