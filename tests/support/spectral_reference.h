#pragma once
// Losses on spectra as a sequential loop in double: window by window, bin by bin, frame by frame, with their gradients.

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "dgen/spectral.h"

namespace dgen::testing {

using Numbers = std::vector<double>;

struct Bin {
  double re = 0, im = 0, size = 0;
};

/// Where windows lie: at every hop, `weights.size()` frames.
struct WindowLayout {
  Numbers weights;
  std::int64_t hop = 1;
  Padding padding = Padding::left;
  std::int64_t whole = 0;  ///< frames before the first tick that counts, with Padding::none

  /// The frame that element j of the window at `tick` is.
  std::int64_t frame(std::int64_t tick, std::int64_t j) const {
    const auto size = static_cast<std::int64_t>(weights.size());
    return tick + j - (padding == Padding::center ? size / 2 : size - 1);
  }
};

inline double turn(std::int64_t j, std::int64_t k, std::size_t size) {
  return 2 * M_PI * static_cast<double>(j * k % static_cast<std::int64_t>(size)) / static_cast<double>(size);
}

/// The spectra of the windows that count, [window][bin].
inline std::vector<std::vector<Bin>> spectra_of(const Numbers& x, const WindowLayout& layout) {
  std::vector<std::vector<Bin>> windows;
  const auto frames = static_cast<std::int64_t>(x.size()), size = static_cast<std::int64_t>(layout.weights.size());
  for (std::int64_t tick = 0; tick < frames; tick += layout.hop) {
    if (layout.padding == Padding::none && tick < layout.whole) continue;
    std::vector<Bin>& bins = windows.emplace_back();
    for (std::int64_t k = 0; k <= size / 2; ++k) {
      Bin& bin = bins.emplace_back();
      for (std::int64_t j = 0; j < size; ++j) {
        const std::int64_t n = layout.frame(tick, j);
        if (n < 0 || n >= frames) continue;
        const double value = layout.weights[static_cast<std::size_t>(j)] * x[static_cast<std::size_t>(n)];
        bin.re += value * std::cos(turn(j, k, layout.weights.size()));
        bin.im -= value * std::sin(turn(j, k, layout.weights.size()));
      }
      bin.size = std::hypot(bin.re, bin.im);
    }
  }
  return windows;
}

using Matrix = std::vector<Numbers>;  ///< [window][bin]

inline Matrix magnitudes_of(const std::vector<std::vector<Bin>>& windows) {
  Matrix sizes;
  for (const auto& bins : windows) {
    Numbers& row = sizes.emplace_back();
    for (const Bin& bin : bins) row.push_back(bin.size);
  }
  return sizes;
}

/// By frame, from the slopes of a loss by the magnitudes; 0 where a magnitude is 0. `overwrites`: contributions replace each
/// other instead of being added.
inline Numbers gradient_of(std::size_t frames, const std::vector<std::vector<Bin>>& windows, const Matrix& slopes,
                           const WindowLayout& layout, bool overwrites) {
  Numbers gradient(frames, 0.0);
  const auto size = static_cast<std::int64_t>(layout.weights.size());
  std::int64_t tick = layout.padding == Padding::none ? (layout.whole + layout.hop - 1) / layout.hop * layout.hop : 0;
  for (std::size_t w = 0; w < windows.size(); ++w, tick += layout.hop) {
    for (std::int64_t k = 0; k <= size / 2; ++k) {
      const Bin& bin = windows[w][static_cast<std::size_t>(k)];
      for (std::int64_t j = 0; j < size && bin.size > 0; ++j) {
        const std::int64_t n = layout.frame(tick, j);
        if (n < 0 || n >= static_cast<std::int64_t>(frames)) continue;
        const double angle = turn(j, k, layout.weights.size()), weight = layout.weights[static_cast<std::size_t>(j)];
        const double part =
            slopes[w][static_cast<std::size_t>(k)] * weight * (bin.re * std::cos(angle) - bin.im * std::sin(angle)) / bin.size;
        double& entry = gradient[static_cast<std::size_t>(n)];
        entry = overwrites ? part : entry + part;
      }
    }
  }
  return gradient;
}

struct Reference {
  double loss = 0;
  Numbers gradient;  ///< by frame of x
};

/// A loss of magnitudes [window][bin] and of a target's: writes the slopes by the former.
using MagnitudeLoss = std::function<double(const Matrix& x, const Matrix& target, Matrix& slopes)>;

inline Reference reference(const Numbers& x, const Numbers& target, const WindowLayout& layout, const MagnitudeLoss& loss,
                           bool overwrites = false) {
  const auto windows = spectra_of(x, layout);
  const Matrix sizes = magnitudes_of(windows);
  Matrix slopes = sizes;
  Reference made;
  made.loss = loss(sizes, magnitudes_of(spectra_of(target, layout)), slopes);
  made.gradient = gradient_of(x.size(), windows, slopes, layout, overwrites);
  return made;
}

inline WindowLayout layout_of(const SpectralLoss& o) {
  WindowLayout layout{window_function(o.window_function, o.window, o.symmetric), o.hop, o.padding, o.window - 1};
  if (o.normalisation == Normalisation::orthonormal)
    for (double& w : layout.weights) w /= std::sqrt(static_cast<double>(o.window));
  return layout;
}

/// A magnitude on a scale, and its slope there.
struct Scaled {
  double value = 0, slope = 1;
};

inline Scaled scaled(double size, MagnitudeScale scale, double floor) {
  const double square = size * size + floor * floor;
  if (scale == MagnitudeScale::linear) return {size, 1};
  if (scale == MagnitudeScale::smooth_log) return {std::log(square) / 2, size / square};
  return size > floor ? Scaled{std::log(size), 1 / size} : Scaled{std::log(floor), 0};
}

/// spectral_loss with Reduction::sum, or mean.
inline Reference spectral_reference(const Numbers& x, const Numbers& target, const SpectralLoss& o, bool overwrites = false) {
  const MagnitudeLoss loss = [&o](const Matrix& a, const Matrix& b, Matrix& slopes) {
    double total = 0;
    const double share = o.reduction == Reduction::mean && !a.empty() ? 1.0 / static_cast<double>(a.size()) : 1;
    for (std::size_t w = 0; w < a.size(); ++w) {
      for (std::size_t k = 0; k < a[w].size(); ++k) {
        const Scaled one = scaled(a[w][k], o.scale, o.floor), other = scaled(b[w][k], o.scale, o.floor);
        const double error = one.value - other.value;
        total += share * (o.norm == Norm::l2 ? error * error : std::fabs(error));
        const double slope = o.norm == Norm::l2 ? 2 * error : error > 0 ? 1 : error < 0 ? -1 : 0;
        slopes[w][k] = share * slope * one.slope;
      }
    }
    return total;
  };
  return reference(x, target, layout_of(o), loss, overwrites);
}

/// The largest difference between the entries of two gradients, over the largest of the second.
inline double relative_difference(const Numbers& got, const Numbers& wanted) {
  double largest = 0, difference = 0;
  for (const double v : wanted) largest = std::fmax(largest, std::fabs(v));
  for (std::size_t n = 0; n < wanted.size(); ++n) difference = std::fmax(difference, std::fabs(got[n] - wanted[n]));
  return difference / largest;
}

}  // namespace dgen::testing
