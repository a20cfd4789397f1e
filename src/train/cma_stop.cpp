#include "train/cma_stop.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dgen {

const char* to_string(CmaEsStop stop) {
  switch (stop) {
    case CmaEsStop::none: return "it goes on";
    case CmaEsStop::loss: return "the losses do not differ any more";
    case CmaEsStop::deviation: return "the candidates do not differ any more";
    case CmaEsStop::stagnation: return "the losses do not fall any more";
    case CmaEsStop::condition: return "the axes of the distribution differ by more than a factor of 1e7";
    case CmaEsStop::not_finite: return "no loss is finite";
  }
  return "";
}

namespace train {

namespace {

double median(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

/// Whether the median of the last 30 % of `recent` is not below that of the first 30 %.
bool fails_to_fall(std::span<const double> recent) {
  const std::size_t part = recent.size() * 3 / 10;
  return median(recent.last(part)) >= median(recent.first(part));
}

}  // namespace

CmaStopRules::CmaStopRules(int dimensions, int population, const CmaEsOptions& options) : options_(options) {
  const double ratio = std::ceil(30.0 * dimensions / population);
  tolerated_ = 10 + static_cast<std::size_t>(ratio);
  patience_ = 120 + static_cast<std::size_t>(ratio);
}

void CmaStopRules::note(std::span<const double> ranked) {
  const auto finite = static_cast<std::size_t>(std::ranges::count_if(ranked, [](double x) { return std::isfinite(x); }));
  not_finite_ = finite == 0 ? not_finite_ + 1 : 0;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  spread_ = finite == ranked.size() ? ranked.back() - ranked.front() : infinity;
  best_.push_back(finite > 0 ? ranked.front() : infinity);
  median_.push_back(finite > ranked.size() / 2 ? ranked[ranked.size() / 2] : infinity);
}

bool CmaStopRules::losses_equal() const {
  if (best_.size() < tolerated_) return false;
  const auto [least, most] = std::minmax_element(best_.end() - static_cast<std::ptrdiff_t>(tolerated_), best_.end());
  return *most - *least <= options_.loss_tolerance * std::fabs(*least) &&
         spread_ <= options_.loss_tolerance * std::fabs(best_.back());
}

bool CmaStopRules::stagnates() const {
  const std::size_t looked_at = std::min(best_.size(), std::max(patience_, best_.size() / 5));
  if (looked_at < patience_) return false;
  return fails_to_fall(std::span(best_).last(looked_at)) && fails_to_fall(std::span(median_).last(looked_at));
}

CmaEsStop CmaStopRules::judge(double widest, double largest_axis, double smallest_axis) const {
  constexpr int patience_with_infinity = 10;
  constexpr double most_condition = 1e7;
  if (not_finite_ >= patience_with_infinity) return CmaEsStop::not_finite;
  if (losses_equal()) return CmaEsStop::loss;
  if (widest < options_.deviation_tolerance) return CmaEsStop::deviation;
  if (largest_axis > most_condition * smallest_axis) return CmaEsStop::condition;
  return stagnates() ? CmaEsStop::stagnation : CmaEsStop::none;
}

}  // namespace train

}  // namespace dgen
