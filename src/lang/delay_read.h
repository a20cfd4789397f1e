#pragma once
// Reading a delay line between its frames, as gen~'s Delay does.

#include <string_view>

#include "dgen/graph.h"

namespace dgen::lang {

enum class Interpolation : std::uint8_t { none, linear, cosine, cubic, spline };

/// "linear" and so on. Throws `Error` bad_value listing the known ones.
Interpolation interpolation(std::string_view name);

/// The value `a` of the way from x to y; w comes before x, z after y. w and z count for cubic and spline only.
Signal interpolate(Interpolation how, Signal a, Signal w, Signal x, Signal y, Signal z);

struct DelayRead {
  Signal line;            ///< of time's `line` op
  Signal head{};          ///< what this frame has written so far; empty before the write
  Signal time;            ///< in frames
  Signal most;            ///< longest time, in frames
  std::int64_t size = 0;  ///< of the line
  Interpolation how = Interpolation::linear;
};

/// What went into the line `time` frames ago. The time is held between 1 before the write of the frame, 0 after it (one
/// more for cubic and spline, which need a later neighbour), and `most`.
Signal read_delay(const DelayRead& read);

}  // namespace dgen::lang
