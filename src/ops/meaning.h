#pragma once
// Parts of the records that take more than a line: exact meanings in double, distances to kinks, gradient factors.

#include <cmath>
#include <limits>

#include "dgen/compare.h"
#include "dgen/math.h"

namespace dgen::ops {

namespace meaning {

inline double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

inline double clamp(double x, double lo, double hi) {
  const double below = hi < x ? hi : x;
  return below < lo ? lo : below;
}

/// x moved by whole periods into [low, high); the bounds may be given in either order.
inline double wrap(double x, double lo, double hi) {
  if (lo == hi) return lo;
  const double low = std::fmin(lo, hi), high = std::fmax(lo, hi), period = std::fabs(hi - lo);
  if (low <= x && x < high) return x;
  const double periods = std::floor((x - low) / period);
  double y = std::fma(-periods, period, x);
  if (y < low)
    y = std::fma(1 - periods, period, x);
  else if (y >= high && x >= high)
    y = std::fma(-1 - periods, period, x);
  if (!std::isfinite(y)) return std::numeric_limits<double>::quiet_NaN();
  return y < low ? low : y < high ? y : std::nextafter(high, low);
}

inline double distance_to_whole(double x) { return std::fabs(x - std::round(x)); }

/// How far `a` or `b` may move before a / b crosses a whole number.
inline double distance_to_multiple(double a, double b) {
  return std::fabs(b) * distance_to_whole(a / b) / (1 + std::fabs(a / b));
}

}  // namespace meaning

/// 1 / sqrt(1 - x^2), and 0 at |x| = 1, where it is infinite and would turn a zero adjoint into not-a-number.
inline Signal slope_of_arcsine(Signal x) {
  const Signal end = eq(abs(x), 1);
  return select(end, 0, rsqrt(select(end, 1, (1 - x) * (1 + x))));
}

}  // namespace dgen::ops
