#include "dsp/interpolate.h"

#include "dgen/math.h"

namespace dgen::dsp {

namespace {

/// The cubic from b (t = 0) to c (t = 1) with neighbours a and d.
Signal catmull_rom(Signal a, Signal b, Signal c, Signal d, Signal t) {
  const Signal first = 0.5 * (c - a);
  const Signal second = a - 2.5 * b + 2.0 * c - 0.5 * d;
  const Signal third = 0.5 * (d - a) + 1.5 * (b - c);
  return b + t * (first + t * (second + t * third));
}

}  // namespace

Signal interpolate(int order, Signal position, const std::function<Signal(Signal k)>& element) {
  if (order == 0) return element(floor(position));
  const Signal k = floor(position), t = position - k;
  const Signal b = element(k), c = element(k + 1.0);
  if (order == 1) return b + t * (c - b);
  return catmull_rom(element(k - 1.0), b, c, element(k + 2.0), t);
}

}  // namespace dgen::dsp
