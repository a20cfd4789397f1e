#pragma once
// States as they are saved: numbers in double, whatever a back end keeps.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ir/ir.h"

namespace dgen::runtime {

/// How often a state of `count` elements appears in a saved state: elements of 64-bit integers take two numbers, the
/// high and the low half, because a double does not hold them.
std::int64_t saved_elements(ir::Scalar scalar, std::int64_t count);

/// `count` elements at `memory`, as numbers, and back; integers are rounded, and 0 where a number is none.
std::vector<double> read_elements(ir::Scalar scalar, std::int64_t count, const std::byte* memory);
void write_elements(ir::Scalar scalar, std::int64_t count, std::byte* memory, std::span<const double> values);

/// A saved number of frames.
std::int64_t to_frames(double value);

/// The saved state that carries the frames since reset, beside those of the patch; the interpreter calls it so too.
inline constexpr std::string_view position_name = "frame";

/// The saved state that says what the others belong to: the sample rate, then the elements of the parameters. (No signal of a
/// patch can be called so.) States in the coordinates of coefficients are read with those, also where others are set since.
inline constexpr std::string_view settings_name = "/settings";

}  // namespace dgen::runtime
