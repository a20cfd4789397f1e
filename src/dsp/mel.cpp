// Mel filter banks.

#include <cmath>
#include <string>
#include <vector>

#include "base/text.h"
#include "dgen/error.h"
#include "dgen/stft_losses.h"

namespace dgen {

namespace {

constexpr double linear_end_hz = 1000, linear_step_hz = 200.0 / 3, linear_end = linear_end_hz / linear_step_hz;
const double log_step = std::log(6.4) / 27;

double mel_of(double hz, MelScale scale) {
  if (scale == MelScale::htk) return 2595 * std::log10(1 + hz / 700);
  return hz < linear_end_hz ? hz / linear_step_hz : linear_end + std::log(hz / linear_end_hz) / log_step;
}

double hz_of(double mel, MelScale scale) {
  if (scale == MelScale::htk) return 700 * (std::pow(10, mel / 2595) - 1);
  return mel < linear_end ? mel * linear_step_hz : linear_end_hz * std::exp(log_step * (mel - linear_end));
}

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::bad_value, "mel_filters: " + why); }

double checked_high(const MelBands& mel) {
  if (!(mel.sample_rate >= 1 && mel.sample_rate <= 1e7)) {
    refuse("the sample rate is " + base::number_text(mel.sample_rate) +
           " Hz; give that of the recording, 1 … 1e7, as the bands are laid out when the graph is built");
  }
  if (mel.bands < 1 || mel.bands > 1024) refuse(std::to_string(mel.bands) + " bands; there may be 1 … 1024");
  const double high = mel.high_hz == 0 ? mel.sample_rate / 2 : mel.high_hz;
  if (!(mel.low_hz >= 0 && mel.low_hz < high && high <= mel.sample_rate / 2)) {
    refuse("bands from " + base::number_text(mel.low_hz) + " to " + base::number_text(high) +
           " Hz; they must rise within 0 … half the sample rate");
  }
  return high;
}

}  // namespace

std::vector<double> mel_filters(std::int64_t fft, const MelBands& mel) {
  const double high = checked_high(mel);
  const double first = mel_of(mel.low_hz, mel.scale), last = mel_of(high, mel.scale);
  const auto edge = [&](std::int64_t k) {
    return hz_of(first + (last - first) * static_cast<double>(k) / static_cast<double>(mel.bands + 1), mel.scale);
  };
  std::vector<double> weights;
  for (std::int64_t band = 0; band < mel.bands; ++band) {
    const double low = edge(band), middle = edge(band + 1), end = edge(band + 2);
    const double height = mel.equal_area ? 2 / (end - low) : 1;
    bool empty = true;
    for (std::int64_t k = 0; k <= fft / 2; ++k) {
      const double hz = static_cast<double>(k) * mel.sample_rate / static_cast<double>(fft);
      const double weight = std::fmax(0, std::fmin((hz - low) / (middle - low), (end - hz) / (end - middle)));
      empty = empty && weight == 0;
      weights.push_back(height * weight);
    }
    if (empty) {
      refuse("band " + std::to_string(band) + ", " + base::number_text(low) + " to " + base::number_text(end) +
             " Hz, lies between two bins of a transform of " + std::to_string(fft) + " points; take fewer bands or more points");
    }
  }
  return weights;
}

}  // namespace dgen
