#include "dsp/build_time.h"

#include <charconv>
#include <cmath>
#include <string>

#include "dgen/error.h"

namespace dgen::dsp {

namespace {

std::string number(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

bool is_constant(Signal x) { return (*x.graph)[x.id].op->kind == Kind::constant; }

std::int64_t whole_number(Signal x, std::string_view what, std::int64_t lo, std::int64_t hi) {
  const double value = constant_value(x, what);
  if (value == std::floor(value) && value >= static_cast<double>(lo) && value <= static_cast<double>(hi)) {
    return static_cast<std::int64_t>(value);
  }
  throw Error(ErrorCode::bad_value, std::string(what) + " must be a whole number in " + std::to_string(lo) + " … " +
                                        std::to_string(hi) + ", got " + number(value));
}

std::optional<int> whole_number_if_constant(Signal x, std::string_view what, int lo, int hi) {
  if (!is_constant(x)) return std::nullopt;
  return static_cast<int>(whole_number(x, what, lo, hi));
}

int interpolation_order(Signal x, std::string_view what) {
  const double value = constant_value(x, what);
  if (value == 0 || value == 1 || value == 3) return static_cast<int>(value);
  throw Error(ErrorCode::bad_value, std::string(what) + " must be 0 (none), 1 (linear) or 3 (cubic), got " + number(value));
}

}  // namespace dgen::dsp
