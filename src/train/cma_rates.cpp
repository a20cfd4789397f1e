#include "train/cma_rates.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace dgen::train {

namespace {

/// (sum of w)^2 / sum of w^2.
double mass(std::span<const double> weights) {
  double sum = 0, squares = 0;
  for (const double w : weights) sum += w, squares += w * w;
  return squares > 0 ? sum * sum / squares : 0;
}

void set_learning_rates(CmaRates& r, double n, bool diagonal) {
  const double mu = r.effective;
  r.step_path = (mu + 2) / (n + mu + 5);
  r.step_damping = 1 + 2 * std::max(0.0, std::sqrt((mu - 1) / (n + 1)) - 1) + r.step_path;
  r.path = (4 + mu / n) / (n + 4 + 2 * mu / n);
  const double faster = diagonal ? (n + 2) / 3 : 1;  // n numbers are learned, not n (n + 1) / 2
  r.rank_one = std::min(0.5, faster * 2 / ((n + 1.3) * (n + 1.3) + mu));
  r.rank_mu = std::min(1 - r.rank_one, faster * 2 * (0.25 + mu + 1 / mu - 2) / ((n + 2) * (n + 2) + mu));
}

/// Scales the weights: positive ones to a sum of 1, negative ones so that the matrix stays positive definite.
void scale_weights(CmaRates& r, double n, bool diagonal) {
  const auto first_negative = r.weights.begin() + r.parents;
  const double worse = mass(std::span(r.weights).subspan(static_cast<std::size_t>(r.parents)));
  double positive = 0, negative = 0;
  for (const double w : r.weights) (w > 0 ? positive : negative) += w;
  for (auto w = r.weights.begin(); w != first_negative; ++w) *w /= positive;
  double most = 0;
  if (!diagonal && negative < 0 && r.rank_mu > 0) {
    most =
        std::min({1 + r.rank_one / r.rank_mu, 1 + 2 * worse / (r.effective + 2), (1 - r.rank_one - r.rank_mu) / (n * r.rank_mu)});
  }
  for (auto w = first_negative; w != r.weights.end(); ++w) *w = negative < 0 ? *w * most / -negative : 0;
}

}  // namespace

CmaRates cma_rates(int dimensions, int population, bool diagonal) {
  CmaRates r;
  const double n = dimensions;
  for (int rank = 1; rank <= population; ++rank) r.weights.push_back(std::log((population + 1) / 2.0) - std::log(rank));
  r.parents = population / 2;
  r.effective = mass(std::span(r.weights).first(static_cast<std::size_t>(r.parents)));
  set_learning_rates(r, n, diagonal);
  scale_weights(r, n, diagonal);
  r.mean_length = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  r.lag = std::max(1.0, std::floor(1 / (10 * n * (r.rank_one + r.rank_mu))));
  return r;
}

}  // namespace dgen::train
