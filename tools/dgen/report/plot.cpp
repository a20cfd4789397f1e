#include "dgen/report/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dgen/report/markup.h"

namespace dgen::report {

namespace {

/// Values that step by 1, 2 or 5 times a power of ten.
std::vector<Tick> even_ticks(double lo, double hi, int count) {
  const double rough = (hi - lo) / std::max(count, 1), power = std::pow(10, std::floor(std::log10(rough)));
  const double step = power * (rough > 5 * power ? 10 : rough > 2 * power ? 5 : rough > power ? 2 : 1);
  std::vector<Tick> made;
  for (double k = std::ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; ++k)
    made.push_back({k * step, figure(std::fabs(k) < 0.5 ? 0 : k * step, 6)});
  return made;
}

/// Where the points of one pixel lie.
struct Extremes {
  std::size_t lowest = 0, highest = 0;
};

/// Which points to draw of those whose y is finite from `first` to before `last`: at most two a pixel.
std::vector<std::size_t> thinned(std::span<const double> y, std::size_t first, std::size_t last, std::size_t pixels) {
  std::vector<std::size_t> kept;
  const std::size_t count = last - first, groups = std::min(count, pixels);
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t from = first + count * g / groups, to = first + count * (g + 1) / groups;
    Extremes at{from, from};
    for (std::size_t k = from; k < to; ++k) {
      if (y[k] < y[at.lowest]) at.lowest = k;
      if (y[k] > y[at.highest]) at.highest = k;
    }
    kept.push_back(std::min(at.lowest, at.highest));
    if (at.lowest != at.highest) kept.push_back(std::max(at.lowest, at.highest));
  }
  // The first and the last point are what a reader looks for.
  if (!kept.empty() && kept.front() != first) kept.insert(kept.begin(), first);
  if (!kept.empty() && kept.back() != last - 1) kept.push_back(last - 1);
  return kept;
}

}  // namespace

double Axis::place(double value) const {
  if (logarithmic) return std::log(std::max(value, lo) / lo) / std::log(hi / lo);
  return (value - lo) / (hi - lo);
}

std::vector<Tick> ticks(const Axis& axis, int count) {
  const double decades = axis.logarithmic ? std::log10(axis.hi / axis.lo) : 0;
  if (decades < 0.5) return even_ticks(axis.lo, axis.hi, count);
  const bool fine = decades < 0.7 * count;
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / count)));
  std::vector<Tick> made;
  for (int exponent = static_cast<int>(std::floor(std::log10(axis.lo))); std::pow(10, exponent) <= axis.hi; ++exponent) {
    for (const int digit : {1, 2, 5}) {
      const double value = digit * std::pow(10, exponent);
      const bool wanted = digit == 1 ? exponent % stride == 0 : fine;
      if (wanted && value >= axis.lo * 0.999 && value <= axis.hi * 1.001) made.push_back({value, figure(value, 3)});
    }
  }
  return made;
}

Axis axis_around(std::span<const double> values, bool logarithmic) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double lo = infinity, hi = -infinity, least = infinity;  // least: above 0
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    lo = std::min(lo, value);
    hi = std::max(hi, value);
    if (value > 0) least = std::min(least, value);
  }
  if (lo > hi) return {};
  if (logarithmic && lo >= 0 && hi > 0) {
    least = std::max(least, hi * 1e-20);
    const double room = std::max(std::pow(hi / least, 0.06), 1.002);
    return {least / room, hi * room, true};
  }
  const double room = std::max(0.06 * (hi - lo), std::max(1e-3 * std::fabs(hi), 1e-12));
  return {lo - room, hi + room, false};
}

Plot::Plot(const Frame& frame, const Axis& x, const Axis& y, std::string_view description) : frame_(frame), x_(x), y_(y) {
  text_ = "<svg viewBox=\"0 0 " + coordinate(frame.width) + " " + coordinate(frame.height) + "\" role=\"img\" aria-label=\"" +
          escaped(description) + "\">";
}

double Plot::across(double x) const { return frame_.left + x_.place(x) * (frame_.width - frame_.left - frame_.right); }
double Plot::down(double y) const {
  return frame_.height - frame_.bottom - y_.place(y) * (frame_.height - frame_.top - frame_.bottom);
}
std::string Plot::point(double x, double y) const { return coordinate(across(x)) + "," + coordinate(down(y)); }

void Plot::grid(std::span<const Tick> x, std::span<const Tick> y) {
  const std::string left = coordinate(frame_.left), right = coordinate(frame_.width - frame_.right);
  const std::string top = coordinate(frame_.top), bottom = coordinate(frame_.height - frame_.bottom);
  text_ += "<path class=\"grid\" d=\"";
  for (const Tick& tick : x) text_ += "M" + coordinate(across(tick.value)) + "," + top + "V" + bottom;
  for (const Tick& tick : y) text_ += "M" + left + "," + coordinate(down(tick.value)) + "H" + right;
  text_ += "\"/>";
  for (const Tick& tick : x) {
    text_ += "<text x=\"" + coordinate(across(tick.value)) + "\" y=\"" + coordinate(frame_.height - 5) +
             "\" text-anchor=\"middle\">" + escaped(tick.label) + "</text>";
  }
  for (const Tick& tick : y) {
    text_ += "<text x=\"" + coordinate(frame_.left - 7) + "\" y=\"" + coordinate(down(tick.value) + 3.5) +
             "\" text-anchor=\"end\">" + escaped(tick.label) + "</text>";
  }
}

void Plot::line(std::span<const double> x, std::span<const double> y, std::string_view style) {
  const auto pixels = static_cast<std::size_t>(frame_.width - frame_.left - frame_.right);
  std::string path;
  for (std::size_t first = 0; first < y.size();) {
    std::size_t last = first;
    while (last < y.size() && std::isfinite(y[last])) ++last;
    std::string pen = "M";
    for (const std::size_t k : thinned(y, first, last, pixels)) {
      path += pen + point(x[k], y[k]);
      pen = "L";
    }
    first = last + 1;
  }
  text_ += "<path class=\"line " + std::string(style) + "\" d=\"" + path + "\"/>";
}

void Plot::area(std::span<const double> x, std::span<const double> low, std::span<const double> high, std::string_view style) {
  std::string path = "M";
  for (std::size_t k = 0; k < x.size(); ++k) path += point(x[k], high[k]) + " ";
  for (std::size_t k = x.size(); k-- > 0;) path += point(x[k], low[k]) + " ";
  text_ += "<path class=\"area " + std::string(style) + "\" d=\"" + path + "Z\"/>";
}

void Plot::image(std::string_view data_uri) {
  text_ += "<image preserveAspectRatio=\"none\" x=\"" + coordinate(frame_.left) + "\" y=\"" + coordinate(frame_.top) +
           "\" width=\"" + coordinate(frame_.width - frame_.left - frame_.right) + "\" height=\"" +
           coordinate(frame_.height - frame_.top - frame_.bottom) + "\" href=\"" + std::string(data_uri) + "\"/>";
}

void Plot::dot(double x, double y, std::string_view style) {
  text_ += "<circle class=\"dot " + std::string(style) + "\" r=\"3.5\" cx=\"" + coordinate(across(x)) + "\" cy=\"" +
           coordinate(down(y)) + "\"/>";
}

std::string Plot::svg() const { return text_ + "</svg>"; }

}  // namespace dgen::report
