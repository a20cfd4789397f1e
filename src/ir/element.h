#pragma once
// What one instruction computes on one element, given as bits. The part of the IR interpreter without control flow.

#include <cstdint>

#include "ir/ir.h"

namespace dgen::ir {

/// Bits of `number` in a float type, or of `integer` in another; zero-extended.
std::uint64_t bits_of(Scalar scalar, double number, std::int64_t integer);

/// The element as a number; masks: 0 or -1.
double as_number(Scalar scalar, std::uint64_t bits);

/// Bits of `number` in any type: rounded to float, truncated to an integer, a mask where it is not 0.
std::uint64_t as_bits(Scalar scalar, double number);

/// One lane of an arithmetic, logical, comparing or converting instruction: `to` and `from` are the element types of the
/// result and of the first operand. Throws InternalError for other instructions, and for conversions out of range.
std::uint64_t element_of(const Instr& instr, Scalar from, std::uint64_t a, std::uint64_t b, std::uint64_t c, bool flush);

}  // namespace dgen::ir
