#include "dgen/report/spectrum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace dgen::report {

namespace {

using Complex = std::complex<double>;

/// About 43 ms, a power of two.
std::size_t window_size(double sample_rate) {
  std::size_t size = 64;
  while (static_cast<double>(size) * 1.5 < 0.043 * sample_rate) size *= 2;
  return size;
}

/// The mean of the channels.
std::vector<double> mono(const AudioBuffer& audio) {
  std::vector<double> sum(static_cast<std::size_t>(audio.frames()));
  for (const std::vector<float>& channel : audio.channels) {
    for (std::size_t n = 0; n < sum.size(); ++n) {
      const double sample = static_cast<double>(channel[n]) / static_cast<double>(audio.channels.size());
      if (std::isfinite(sample)) sum[n] += sample;
    }
  }
  return sum;
}

/// The spectra of windows of a sound.
class Analyser {
 public:
  explicit Analyser(const AudioBuffer& audio)
      : samples_(mono(audio)), size_(window_size(audio.sample_rate)), bin_hz_(audio.sample_rate / static_cast<double>(size_)) {
    for (std::size_t k = 0; k < size_; ++k)
      window_.push_back(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size_)));
  }

  std::size_t size() const { return size_; }
  std::size_t bins() const { return size_ / 2 + 1; }
  double bin_hz() const { return bin_hz_; }
  double frames() const { return static_cast<double>(samples_.size()); }

  /// Adds the powers of the window around frame `centre` to `power`.
  void add(double centre, std::vector<double>& power) {
    const auto first = static_cast<std::ptrdiff_t>(std::floor(centre)) - static_cast<std::ptrdiff_t>(size_ / 2);
    spectrum_.assign(size_, 0);
    for (std::size_t k = 0; k < size_; ++k) {
      const std::ptrdiff_t n = first + static_cast<std::ptrdiff_t>(k);
      if (n >= 0 && n < static_cast<std::ptrdiff_t>(samples_.size()))
        spectrum_[k] = samples_[static_cast<std::size_t>(n)] * window_[k];
    }
    transform(spectrum_);
    const double scale = 4.0 / static_cast<double>(size_);
    for (std::size_t k = 0; k < bins(); ++k) power[k] += std::norm(spectrum_[k] * scale);
  }

 private:
  std::vector<double> samples_;
  std::size_t size_;
  double bin_hz_;
  std::vector<double> window_;
  std::vector<Complex> spectrum_;
};

/// The largest power between two frequencies; between two bins, what a line between them gives.
double largest(const std::vector<double>& power, double from_bin, double to_bin) {
  const auto at = [&](double bin) {
    const double held = std::clamp(bin, 0.0, static_cast<double>(power.size() - 1));
    const auto below = std::min(static_cast<std::size_t>(held), power.size() - 2);
    return std::lerp(power[below], power[below + 1], held - static_cast<double>(below));
  };
  double most = at(0.5 * (from_bin + to_bin));
  for (double bin = std::ceil(from_bin); bin <= to_bin; ++bin) most = std::max(most, at(bin));
  return most;
}

/// Magma of matplotlib at equal steps; between them colours are mixed. Source: Smith, van der Walt 2015.
constexpr std::array<Colour, 11> magma{{{0, 0, 4},
                                        {20, 14, 54},
                                        {59, 15, 112},
                                        {100, 26, 128},
                                        {140, 41, 129},
                                        {183, 55, 121},
                                        {222, 73, 104},
                                        {247, 112, 92},
                                        {254, 159, 109},
                                        {254, 207, 146},
                                        {252, 253, 191}}};

Colour mixed(double brightness) {
  const double place = brightness * (magma.size() - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(place), magma.size() - 2);
  const double part = place - static_cast<double>(below);
  const auto mix = [part](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(std::lerp(double(a), double(b), part)));
  };
  const Colour &a = magma[below], &b = magma[below + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

}  // namespace

void transform(std::span<Complex> x) {
  const std::size_t size = x.size();
  for (std::size_t k = 1, mirrored = 0; k < size; ++k) {
    std::size_t bit = size / 2;
    for (; mirrored & bit; bit /= 2) mirrored ^= bit;
    mirrored ^= bit;
    if (k < mirrored) std::swap(x[k], x[mirrored]);
  }
  for (std::size_t length = 2; length <= size; length *= 2) {
    const std::size_t half = length / 2;
    for (std::size_t k = 0; k < half; ++k) {
      const Complex turn = std::polar(1.0, -std::numbers::pi * static_cast<double>(k) / static_cast<double>(half));
      for (std::size_t start = k; start < size; start += length) {
        const Complex odd = turn * x[start + half];
        x[start + half] = x[start] - odd;
        x[start] += odd;
      }
    }
  }
}

Frequencies frequencies_of(double sample_rate) {
  const double highest = sample_rate / 2;
  return {std::min(30.0, highest / 8), highest};
}

Spectrogram spectrogram(const AudioBuffer& audio, int columns, int rows) {
  Analyser analyser(audio);
  const Frequencies axis = frequencies_of(audio.sample_rate);
  const double step = analyser.frames() / columns;
  // Where a column is longer than half a window, several windows share it, so that nothing falls between.
  const int windows = std::clamp(static_cast<int>(std::ceil(2 * step / static_cast<double>(analyser.size()))), 1, 8);
  Spectrogram made{.rows = rows, .columns = columns, .power = std::vector<double>(static_cast<std::size_t>(rows * columns))};
  std::vector<double> power;
  for (int column = 0; column < columns; ++column) {
    power.assign(analyser.bins(), 0);
    for (int k = 0; k < windows; ++k) analyser.add((column + (k + 0.5) / windows) * step, power);
    for (int row = 0; row < rows; ++row) {
      const auto bin = [&](double edge) {
        return axis.highest * std::pow(axis.lowest / axis.highest, edge / rows) / analyser.bin_hz();
      };
      made.power[static_cast<std::size_t>(row * columns + column)] = largest(power, bin(row + 1), bin(row)) / windows;
    }
  }
  return made;
}

Bands average_spectrum(const AudioBuffer& audio) {
  Analyser analyser(audio);
  std::vector<double> power(analyser.bins());
  const double hop = std::max(static_cast<double>(analyser.size()) / 2, analyser.frames() / 4000);
  int windows = 0;
  for (double centre = 0; centre < analyser.frames() || windows == 0; centre += hop, ++windows) analyser.add(centre, power);
  const Frequencies axis = frequencies_of(audio.sample_rate);
  const double sixth = std::exp2(1.0 / 6);
  Bands bands;
  for (double centre = axis.lowest * sixth; centre * sixth <= axis.highest * 1.001; centre *= sixth * sixth) {
    const double low = centre / sixth / analyser.bin_hz(), high = centre * sixth / analyser.bin_hz();
    double sum = 0;
    for (double bin = std::ceil(low); bin < high && bin < static_cast<double>(power.size()); ++bin)
      sum += power[static_cast<std::size_t>(bin)];
    // A band narrower than a bin has the bin's power, by its width.
    if (std::ceil(low) >= high) sum = largest(power, low, high) * (high - low);
    bands.centre_hz.push_back(centre);
    bands.power.push_back(sum / windows);
  }
  return bands;
}

Picture picture_of(const Spectrogram& spectrogram, double loudest, double range_db) {
  Picture picture{.width = spectrogram.columns, .height = spectrogram.rows};
  constexpr int steps = 128;  // as many as the eye tells apart; more make the file larger
  for (int k = 0; k < steps; ++k) picture.colours.push_back(mixed(k / (steps - 1.0)));
  for (const double power : spectrogram.power) {
    const double below_db = loudest > 0 && power > 0 ? 10 * std::log10(loudest / power) : range_db;
    const double brightness = std::clamp(1 - below_db / range_db, 0.0, 1.0);
    picture.pixels.push_back(static_cast<std::uint8_t>(std::lround(brightness * (steps - 1))));
  }
  return picture;
}

}  // namespace dgen::report
