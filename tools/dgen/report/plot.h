#pragma once
// Plots as SVG. Colours and type come from the page's style, so that they follow its light and dark scheme.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dgen::report {

/// Values along one side of a plot.
struct Axis {
  double lo = 0, hi = 1;
  bool logarithmic = false;  ///< then lo is above 0
  /// 0 at lo, 1 at hi; a logarithmic axis holds what is below lo at 0.
  double place(double value) const;
};

struct Tick {
  double value = 0;
  std::string label{};
};

/// About `count` round values of the axis; decades, or 1, 2 and 5 of each, of a logarithmic one.
std::vector<Tick> ticks(const Axis& axis, int count);

/// An axis around the values, a little wider. Logarithmic where that is asked for and no value is below 0; then what is 0
/// lies at its lower end. What is not finite is left out.
Axis axis_around(std::span<const double> values, bool logarithmic);

/// Where a plot's axes stand, in units of the SVG. Plots over time share `width`, `left` and `right`, which the style and the
/// script of the page know too, for the line that runs along while a sound plays.
struct Frame {
  double width = 960, height = 150;
  double left = 56, right = 20, top = 8, bottom = 20;
};

class Plot {
 public:
  /// `description` is for readers who do not see the plot.
  Plot(const Frame& frame, const Axis& x, const Axis& y, std::string_view description);
  /// Lines across the plot with labels at its edges.
  void grid(std::span<const Tick> x, std::span<const Tick> y);
  /// The points (x[k], y[k]); a gap where y is not finite. Many points to a pixel are drawn as their extremes.
  void line(std::span<const double> x, std::span<const double> y, std::string_view style);
  /// The area between two curves over the same x.
  void area(std::span<const double> x, std::span<const double> low, std::span<const double> high, std::string_view style);
  /// A picture that fills the plot.
  void image(std::string_view data_uri);
  void dot(double x, double y, std::string_view style);
  std::string svg() const;

 private:
  std::string point(double x, double y) const;
  double across(double x) const;
  double down(double y) const;
  Frame frame_;
  Axis x_, y_;
  std::string text_;
};

}  // namespace dgen::report
