#include "dgen/report/markup.h"

#include <cmath>
#include <cstdio>

namespace dgen::report {

namespace {

std::string printed(const char* format, int digits, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

std::string superscript(int exponent) {
  constexpr const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text;
  for (int left = std::abs(exponent); left > 0 || text.empty(); left /= 10) text = digits[left % 10] + text;
  return (exponent < 0 ? "⁻" : "") + text;
}

/// As 3.2×10⁻⁵; a factor of 1 is left out.
std::string with_power(double value, int digits) {
  const std::string text = printed("%.*e", digits - 1, value);
  const std::size_t at = text.find('e');
  std::string factor = text.substr(0, at);
  if (factor.find('.') != std::string::npos) {
    factor.erase(factor.find_last_not_of('0') + 1);
    if (factor.back() == '.') factor.pop_back();
  }
  return (factor == "1" ? "" : factor + "×") + "10" + superscript(std::atoi(text.c_str() + at + 1));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string made;
  for (const char c : text) {
    switch (c) {
      case '&': made += "&amp;"; break;
      case '<': made += "&lt;"; break;
      case '>': made += "&gt;"; break;
      case '"': made += "&quot;"; break;
      case '\'': made += "&#39;"; break;
      default: made += c;
    }
  }
  return made;
}

std::string figure(double value, int digits) {
  if (std::isnan(value)) return "not a number";
  const double size = std::fabs(value);
  std::string text = std::isinf(value)                         ? "∞"
                     : size == 0                               ? "0"
                     : size < 0.9999e-3 || size >= 0.9999995e6 ? with_power(size, digits)
                                                               : printed("%.*g", digits, size);
  // %g turns to powers of ten where there are more digits before the point than were asked for.
  if (text.find('e') != std::string::npos) text = printed("%.*f", 0, size);
  return (value < 0 ? "−" : "") + text;
}

std::string coordinate(double value) { return printed("%.*f", 1, value); }

}  // namespace dgen::report
