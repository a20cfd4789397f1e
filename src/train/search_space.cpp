#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "dgen/error.h"
#include "dgen/search.h"

namespace dgen {

namespace {

/// Why no point can be drawn from the range of a parameter; empty where one can.
std::string why_not(const Parameter& p) {
  if (!std::isfinite(p.min) || !std::isfinite(p.max)) return "it has no range: give it a min and a max";
  if (p.min == p.max) return "its range is one value";
  if (p.mapping == Mapping::linear || p.min > 0) return {};
  return "its range reaches " + base::number_text(p.min) + ", infinitely far away in its mapping: give it a min above 0";
}

double value_at(Mapping mapping, double coordinate) {
  switch (mapping) {
    case Mapping::linear: return coordinate;
    case Mapping::log: return std::exp(coordinate);
    case Mapping::decibel: return std::pow(10.0, coordinate / 20);
  }
  return coordinate;
}

}  // namespace

SearchSpace::SearchSpace(const Parameters& parameters) {
  for (const Parameter& p : parameters.list()) {
    if (p.frozen) continue;
    if (std::string why = why_not(p); !why.empty()) {
      left_out_.push_back({p.name, std::move(why)});
      continue;
    }
    for (std::int64_t e = 0; e < p.elements; ++e) {
      axes_.push_back({.element = static_cast<std::size_t>(p.offset + e),
                       .mapping = p.mapping,
                       .low = to_coordinate(p.mapping, p.min),
                       .high = to_coordinate(p.mapping, p.max),
                       .min = p.min,
                       .max = p.max});
    }
  }
  if (!axes_.empty()) return;
  std::string why = left_out_.empty() ? ": all are frozen" : "";
  for (const Unreached& out : left_out_) why += "\n  '" + out.name + "': " + out.why;
  throw Error(ErrorCode::bad_value, "search: there is no parameter to search" + why);
}

void SearchSpace::place(std::span<const double> point, std::span<double> values) const {
  for (std::size_t k = 0; k < axes_.size(); ++k) {
    const Axis& axis = axes_[k];
    const double at = axis.low + point[k] * (axis.high - axis.low);
    values[axis.element] = std::clamp(value_at(axis.mapping, at), axis.min, axis.max);
  }
}

std::vector<double> SearchSpace::point(std::span<const double> values) const {
  std::vector<double> made;
  for (const Axis& axis : axes_) {
    const double value = std::clamp(values[axis.element], axis.min, axis.max);
    made.push_back(std::clamp((to_coordinate(axis.mapping, value) - axis.low) / (axis.high - axis.low), 0.0, 1.0));
  }
  return made;
}

}  // namespace dgen
