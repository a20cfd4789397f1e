#pragma once
// The type rules of single instructions, for `verify`.

#include <span>

#include "ir/ir.h"

namespace dgen::ir {

/// What an arithmetic, logical, comparing, choosing or converting instruction breaks, or null. `operands` are the types
/// of its arguments. Instructions that need more than types (load, gather, call, get, argument, index) are not judged.
const char* broken_type_rule(const Instr& instr, std::span<const Type> operands);

}  // namespace dgen::ir
