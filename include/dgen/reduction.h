#pragma once
// How a loss makes one value of many.

#include <cstdint>

namespace dgen {

/// How a loss makes one value of those of its frames, or of the ticks of its hop clock.
enum class Reduction : std::uint8_t {
  mean,  ///< over the frames (ticks) of the segment
  sum,   ///< over the frames (ticks) of the segment
  none,  ///< no: the loss is a signal, one value a frame (tick)
};

}  // namespace dgen
