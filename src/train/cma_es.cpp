#include "dgen/cma_es.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "base/text.h"
#include "dgen/error.h"
#include "train/cma_rates.h"
#include "train/cma_stop.h"
#include "train/draws.h"
#include "train/symmetric_eigen.h"

namespace dgen {

namespace {

using Vector = std::vector<double>;

constexpr int most_full = 128;  // dimensions: decomposing a matrix takes milliseconds there
constexpr std::uint64_t generations_of_draws = std::uint64_t{1} << 32;  // apart from those of starts

/// The point of 0 … 1 that x is when the line is folded at whole numbers.
double reflected(double x) {
  const double phase = x - 2 * std::floor(x / 2);
  return phase <= 1 ? phase : 2 - phase;
}

double length(std::span<const double> x) { return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0)); }

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::bad_value, "CMA-ES: " + why); }

void check(std::span<const double> mean, const CmaEsOptions& options) {
  if (mean.empty()) refuse("there is nothing to search: the mean has no coordinates");
  for (std::size_t k = 0; k < mean.size(); ++k) {
    if (mean[k] >= 0 && mean[k] <= 1) continue;
    refuse("coordinate " + std::to_string(k) + " of the mean is " + base::number_text(mean[k]) + "; it must be 0 … 1");
  }
  constexpr int least = 4, most = 1 << 20;
  if (options.population != 0 && (options.population < least || options.population > most))
    refuse("a population of " + std::to_string(options.population) + "; it must be " + std::to_string(least) + " … " +
           std::to_string(most) + ", or 0 for the default");
  if (!(options.deviation > 0 && options.deviation <= 1))
    refuse("the deviation is " + base::number_text(options.deviation) + "; it must be above 0 and at most 1");
  if (!(options.loss_tolerance >= 0) || !(options.deviation_tolerance >= 0)) refuse("a tolerance is negative or not a number");
}

CmaEsOptions completed(CmaEsOptions options, std::span<const double> mean) {
  check(mean, options);
  if (options.population == 0) options.population = 4 + static_cast<int>(3 * std::log(static_cast<double>(mean.size())));
  if (options.covariance == Covariance::automatic)
    options.covariance = mean.size() <= most_full ? Covariance::full : Covariance::diagonal;
  return options;
}

}  // namespace

struct CmaEs::State {
  State(std::span<const double> start, const CmaEsOptions& given)
      : options(completed(given, start)), n(start.size()), population(static_cast<std::size_t>(options.population)),
        diagonal(options.covariance == Covariance::diagonal),
        rates(train::cma_rates(static_cast<int>(n), options.population, diagonal)),
        rules(static_cast<int>(n), options.population, options), mean(start.begin(), start.end()), folded(mean),
        step(options.deviation), step_path(n), path(n), axes(n, 1.0), variances(n, 1.0), steps(population * n),
        points(population * n) {
    if (diagonal) return;
    covariance.assign(n * n, 0.0);
    for (std::size_t k = 0; k < n; ++k) covariance[k * n + k] = 1;
    vectors = covariance;
  }

  void draw();
  void update(std::span<const double> losses);
  std::vector<std::size_t> ranked(std::span<const double> losses) const;
  Vector rank_weights(std::span<const double> losses, std::span<const std::size_t> order) const;
  Vector move_mean(std::span<const double> weights, std::span<const std::size_t> order);
  Vector whitened(std::span<const double> x) const;
  Vector shaped(std::span<const double> z) const;
  void adapt(std::span<const double> weights, std::span<const std::size_t> order, double forget_path);
  void adapt_step();
  void decompose();
  double widest() const;
  std::span<const double> step_of(std::size_t candidate) const { return std::span(steps).subspan(candidate * n, n); }

  CmaEsOptions options;
  std::size_t n, population;
  bool diagonal;
  train::CmaRates rates;
  train::CmaStopRules rules;
  Vector mean, folded;         ///< of the distribution, anywhere; in the cube
  double step;                 ///< sigma
  Vector step_path, path;      ///< p_sigma, p_c
  Vector axes;                 ///< square roots of the eigenvalues; of diagonals: of the variances
  Vector variances;            ///< diagonal of the matrix
  Vector covariance, vectors;  ///< [n, n], not of diagonals
  Vector steps, points;        ///< of this generation, before and after it is reflected: [population, n]
  std::int64_t generation = 0, decomposed = 0;
  bool asked = false;
  CmaEsStop stop = CmaEsStop::none;
};

/// B D z: a step of the distribution's shape.
Vector CmaEs::State::shaped(std::span<const double> z) const {
  Vector y(n);
  for (std::size_t k = 0; k < n; ++k) y[k] = axes[k] * z[k];
  if (diagonal) return y;
  Vector turned(n);
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t k = 0; k < n; ++k) turned[row] += vectors[row * n + k] * y[k];
  return turned;
}

/// C^(-1/2) x.
Vector CmaEs::State::whitened(std::span<const double> x) const {
  Vector y(n);
  if (diagonal) {
    for (std::size_t k = 0; k < n; ++k) y[k] = x[k] / axes[k];
    return y;
  }
  Vector along(n);
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t k = 0; k < n; ++k) along[k] += vectors[row * n + k] * x[row];
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t k = 0; k < n; ++k) y[row] += vectors[row * n + k] * along[k] / axes[k];
  return y;
}

void CmaEs::State::draw() {
  const train::Draws draws(options.seed, generations_of_draws + static_cast<std::uint64_t>(generation));
  Vector z(n);
  for (std::size_t c = 0; c < population; ++c) {
    for (std::size_t k = 0; k < n; ++k) z[k] = draws.normal(c * n + k);
    const Vector y = shaped(z);
    for (std::size_t k = 0; k < n; ++k) {
      steps[c * n + k] = y[k];
      points[c * n + k] = reflected(mean[k] + step * y[k]);
    }
  }
  asked = true;
}

/// Candidates from best to worst; those that are not finite last, NaN behind the infinite ones; equal ones in order.
std::vector<std::size_t> CmaEs::State::ranked(std::span<const double> losses) const {
  std::vector<std::size_t> order(population);
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (std::isnan(losses[a]) || std::isnan(losses[b])) return !std::isnan(losses[a]) && std::isnan(losses[b]);
    return losses[a] < losses[b];
  });
  return order;
}

/// Weights by rank: what is not finite draws nothing towards it, and the others share its weight.
Vector CmaEs::State::rank_weights(std::span<const double> losses, std::span<const std::size_t> order) const {
  Vector weights = rates.weights;
  double left = 0;
  for (std::size_t rank = 0; rank < population; ++rank) {
    if (weights[rank] > 0 && !std::isfinite(losses[order[rank]])) weights[rank] = 0;
    if (weights[rank] > 0) left += weights[rank];
  }
  if (left == 0) return {};
  for (double& w : weights) w = w > 0 ? w / left : w;
  return weights;
}

/// The weighted mean of the better steps, by which the mean moves.
Vector CmaEs::State::move_mean(std::span<const double> weights, std::span<const std::size_t> order) {
  Vector moved(n);
  for (std::size_t rank = 0; rank < population && weights[rank] > 0; ++rank) {
    const std::span<const double> y = step_of(order[rank]);
    for (std::size_t k = 0; k < n; ++k) moved[k] += weights[rank] * y[k];
  }
  for (std::size_t k = 0; k < n; ++k) {
    mean[k] += step * moved[k];
    folded[k] = reflected(mean[k]);
  }
  return moved;
}

void CmaEs::State::adapt(std::span<const double> weights, std::span<const std::size_t> order, double forget_path) {
  Vector scaled(weights.begin(), weights.end());
  double sum = 0;
  for (std::size_t rank = 0; rank < population; ++rank) {
    sum += scaled[rank];
    // A bad step of any length takes away no more than a step of the expected one.
    if (scaled[rank] < 0) {
      const double size = length(whitened(step_of(order[rank])));
      scaled[rank] *= static_cast<double>(n) / std::max(size * size, 1e-300);
    }
  }
  const double keep = 1 - rates.rank_one * (1 - forget_path) - rates.rank_mu * sum;
  const auto entry = [&](double& c, std::size_t row, std::size_t column) {
    double from_steps = 0;
    for (std::size_t rank = 0; rank < population; ++rank) {
      if (scaled[rank] == 0) continue;
      const std::span<const double> y = step_of(order[rank]);
      from_steps += scaled[rank] * y[row] * y[column];
    }
    c = keep * c + rates.rank_one * path[row] * path[column] + rates.rank_mu * from_steps;
  };
  if (diagonal) {
    for (std::size_t k = 0; k < n; ++k) entry(variances[k], k, k);
    return;
  }
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      entry(covariance[row * n + column], row, column);
      covariance[column * n + row] = covariance[row * n + column];
    }
    variances[row] = covariance[row * n + row];
  }
}

void CmaEs::State::decompose() {
  const auto due = static_cast<std::int64_t>(rates.lag);
  if (generation - decomposed < due) return;
  decomposed = generation;
  constexpr double least = 1e-30;  // of a variance: rounding must not make it negative
  if (diagonal) {
    std::ranges::transform(variances, axes.begin(), [&](double v) { return std::sqrt(std::max(v, least)); });
    return;
  }
  train::Eigen eigen = train::symmetric_eigen(covariance, static_cast<int>(n));
  vectors = std::move(eigen.vectors);
  std::ranges::transform(eigen.values, axes.begin(), [&](double v) { return std::sqrt(std::max(v, least)); });
}

double CmaEs::State::widest() const {
  double most = 0;
  for (std::size_t k = 0; k < n; ++k) most = std::max({most, std::sqrt(std::max(variances[k], 0.0)), std::fabs(path[k])});
  return step * most;
}

/// The path is as long as one of steps that do not depend on each other, or the step size changes.
void CmaEs::State::adapt_step() {
  const double change = rates.step_path / rates.step_damping * (length(step_path) / rates.mean_length - 1);
  step *= std::exp(std::min(1.0, change));
  // Wider than the cube, candidates are uniform in it: nothing would draw the step size back.
  const double wide = widest();
  if (wide > 1) step /= wide;
}

void CmaEs::State::update(std::span<const double> losses) {
  const std::vector<std::size_t> order = ranked(losses);
  Vector sorted;
  for (const std::size_t c : order) sorted.push_back(losses[c]);
  rules.note(sorted);
  const Vector weights = rank_weights(losses, order);
  ++generation;
  asked = false;
  if (!weights.empty()) {
    const Vector moved = move_mean(weights, order), white = whitened(moved);
    const double by_step = std::sqrt(rates.step_path * (2 - rates.step_path) * rates.effective);
    for (std::size_t k = 0; k < n; ++k) step_path[k] = (1 - rates.step_path) * step_path[k] + by_step * white[k];
    // While the step size still grows the path of the matrix waits.
    const double settled = std::sqrt(1 - std::pow(1 - rates.step_path, 2.0 * static_cast<double>(generation)));
    const bool waits = length(step_path) / settled >= (1.4 + 2 / (static_cast<double>(n) + 1)) * rates.mean_length;
    const double by_path = waits ? 0 : std::sqrt(rates.path * (2 - rates.path) * rates.effective);
    for (std::size_t k = 0; k < n; ++k) path[k] = (1 - rates.path) * path[k] + by_path * moved[k];
    adapt(weights, order, waits ? rates.path * (2 - rates.path) : 0.0);
    adapt_step();
    decompose();
  }
  const auto [smallest, largest] = std::ranges::minmax(axes);
  stop = rules.judge(widest(), largest, smallest);
}

CmaEs::CmaEs(std::span<const double> mean, const CmaEsOptions& options) : state_(std::make_unique<State>(mean, options)) {}
CmaEs::~CmaEs() = default;
CmaEs::CmaEs(CmaEs&&) noexcept = default;
CmaEs& CmaEs::operator=(CmaEs&&) noexcept = default;

int CmaEs::dimensions() const { return static_cast<int>(state_->n); }
int CmaEs::population() const { return state_->options.population; }
Covariance CmaEs::covariance() const { return state_->options.covariance; }
std::int64_t CmaEs::generation() const { return state_->generation; }
CmaEsStop CmaEs::stop() const { return state_->stop; }
std::span<const double> CmaEs::mean() const { return state_->folded; }
double CmaEs::deviation() const { return state_->widest(); }

std::span<const double> CmaEs::ask() {
  if (!state_->asked) state_->draw();
  return state_->points;
}

void CmaEs::tell(std::span<const double> losses) {
  if (!state_->asked) refuse("losses were told before candidates were asked for");
  if (losses.size() != state_->population)
    refuse(std::to_string(losses.size()) + " losses for a population of " + std::to_string(state_->population));
  state_->update(losses);
}

}  // namespace dgen
