#pragma once
// Text and figures as HTML and SVG show them.

#include <string>
#include <string_view>

namespace dgen::report {

/// With &, <, > and quotes written so that they stand for themselves.
std::string escaped(std::string_view text);

/// A number to read: `digits` significant ones; from 1e6 and below 1e-3 as 3.2×10⁻⁵. Minus is "−".
std::string figure(double value, int digits = 4);

/// A coordinate of SVG: one decimal.
std::string coordinate(double value);

}  // namespace dgen::report
