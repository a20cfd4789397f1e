#pragma once
// How far a kernel may be from the meaning of a pointwise op, and where to look.

#include <vector>

#include "dgen/op.h"
#include "ir/ir.h"

namespace dgen::testing {

/// The number as the scalar type has it, denormals as zeros.
double stored(ir::Scalar scalar, double x);

/// Where an op promises less than its accuracy, with the reason; null elsewhere.
const char* accuracy_exception(const OpDef& op, const std::vector<double>& x);

/// The error in units in the last place; 0 where it is below the absolute accuracy, infinite where one is not a number.
double error_in_units(const OpDef& op, ir::Scalar scalar, const std::vector<double>& x, double actual);

/// Every combination of numbers where functions go wrong, and of the ends of the domain.
std::vector<std::vector<double>> special_points(const OpDef& op, ir::Scalar scalar);

}  // namespace dgen::testing
