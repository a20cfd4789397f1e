#include "lang/delay_read.h"

#include <array>
#include <utility>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "lang/fold.h"

namespace dgen::lang {

namespace {

constexpr std::array<std::pair<std::string_view, Interpolation>, 7> names{{
    {"none", Interpolation::none},
    {"step", Interpolation::none},
    {"linear", Interpolation::linear},
    {"cosine", Interpolation::cosine},
    {"cubic", Interpolation::cubic},
    {"spline", Interpolation::spline},
    {"hermite", Interpolation::spline},
}};

/// What went in `frames` frames ago, a whole number.
Signal tap(const DelayRead& read, Signal frames) {
  const auto known = known_value(frames);
  const auto at = [&](Signal k) { return read.line.graph->add(ops::line_read, std::array{read.line, k}, {.size = read.size}); };
  if (known && *known >= 1) return at(frames);
  const Signal before = at(folded(max(frames, 1.0)));
  return read.head ? choose(lt(frames, 1.0), read.head, before) : before;
}

/// Four-point third-order Lagrange polynomial through w, x, y, z at -1, 0, 1, 2.
Signal cubic(Signal a, Signal w, Signal x, Signal y, Signal z) {
  const Signal below = a + 1.0, left = 1.0 - a, right = 2.0 - a;
  const Signal outer = a * left / 6.0, inner = 0.5 * (below * right);
  return inner * (left * x + a * y) - outer * (right * w + below * z);
}

/// Catmull-Rom spline.
Signal spline(Signal a, Signal w, Signal x, Signal y, Signal z) {
  const Signal slope = 0.5 * (y - w);
  const Signal square = w - 2.5 * x + 2.0 * y - 0.5 * z;
  const Signal cube = 0.5 * (z - w) + 1.5 * (x - y);
  return ((cube * a + square) * a + slope) * a + x;
}

}  // namespace

Interpolation interpolation(std::string_view name) {
  for (const auto& [known, how] : names) {
    if (known == name) return how;
  }
  throw Error(ErrorCode::bad_value,
              "interp=\"" + std::string(name) + "\" is not known; it is none, linear, cosine, cubic or spline");
}

Signal interpolate(Interpolation how, Signal a, Signal w, Signal x, Signal y, Signal z) {
  switch (how) {
    case Interpolation::none: return x;
    case Interpolation::linear: return x + a * (y - x);
    case Interpolation::cosine: return x + (0.5 - 0.5 * cos(pi * a)) * (y - x);
    case Interpolation::cubic: return cubic(a, w, x, y, z);
    case Interpolation::spline: return spline(a, w, x, y, z);
  }
  return x;
}

Signal read_delay(const DelayRead& read) {
  const double least = read.head ? 0 : 1;
  if (read.how == Interpolation::none) {  // the nearest frame; halves go to the later one
    return tap(read, folded(ceil(clamp(read.time - 0.5, least, read.most))));
  }
  const bool four_points = read.how == Interpolation::cubic || read.how == Interpolation::spline;
  const Signal time = folded(clamp(read.time, least + (four_points ? 1 : 0), read.most));
  const Signal whole = folded(floor(time)), part = folded(time - whole);
  const Signal x = tap(read, whole);
  if (known_value(part) == 0.0) return x;
  const Signal y = tap(read, folded(whole + 1.0));
  if (!four_points) return interpolate(read.how, part, x, x, y, y);
  return interpolate(read.how, part, tap(read, folded(whole - 1.0)), x, y, tap(read, folded(whole + 2.0)));
}

}  // namespace dgen::lang
