#pragma once
// Doubles for Metal, which has none.

#include <string_view>

namespace dgen::render {

/// `Double` in Metal: the bits of an IEEE double, computed with in integers, correctly rounded, so that results have the bits
/// that they have on every other back end. Numbers below the smallest normal one are zero. Not a pair of floats: those have
/// neither the range (squares of slopes leave it) nor the bits that the expansions of exponentials and logarithms work on.
/// Source: IEEE 754-2019, sections 4.3 and 5.4; square root and quotient digit by digit (Knuth, volume 2, section 4.3.1).
std::string_view metal_double();

}  // namespace dgen::render
