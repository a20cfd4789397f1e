#pragma once
// Functions written for vectors of any width, for vectors of one element: scalars.

#include "ir/ir.h"

namespace dgen::ir {

/// Whether a function has such a form: not where elements of a vector change places, or eight stand together.
bool has_one_lane_form(const Function& function);

/// The function in scalars; what is one already stays as it is.
Function in_one_lane(Function function);

}  // namespace dgen::ir
