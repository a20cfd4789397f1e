// Levels of a buffer: peak, RMS, and samples that are not numbers.

#include <algorithm>
#include <cmath>

#include "dgen/audio.h"

namespace dgen {

AudioLevels measure(const AudioBuffer& audio) {
  AudioLevels levels;
  double squares = 0;
  std::int64_t finite = 0;
  for (std::size_t c = 0; c < audio.channels.size(); ++c) {
    for (std::size_t n = 0; n < audio.channels[c].size(); ++n) {
      const double sample = static_cast<double>(audio.channels[c][n]);
      if (std::isfinite(sample)) {
        levels.peak = std::max(levels.peak, std::fabs(sample));
        squares += sample * sample;
        ++finite;
        continue;
      }
      ++levels.not_finite;
      const std::int64_t frame = static_cast<std::int64_t>(n);
      if (levels.first_frame >= 0 && levels.first_frame <= frame) continue;
      levels.first_frame = frame;
      levels.first_channel = static_cast<int>(c);
    }
  }
  if (finite > 0) levels.rms = std::sqrt(squares / static_cast<double>(finite));
  return levels;
}

}  // namespace dgen
