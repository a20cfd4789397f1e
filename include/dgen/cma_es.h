#pragma once
// CMA-ES: minimises a function of which only values are known, by drawing candidates from a normal distribution and fitting mean,
// step size and covariance to the better ones.

#include <cstdint>
#include <memory>
#include <span>

namespace dgen {

/// What of the covariance matrix is adapted.
enum class Covariance : std::uint8_t {
  automatic,  ///< full up to 128 dimensions, diagonal above
  full,
  diagonal,  ///< sep-CMA-ES: time and memory grow with the dimensions, not their square; learns faster, sees no correlations
};

struct CmaEsOptions {
  int population = 0;      ///< candidates of a generation, at least 4; 0: 4 + floor(3 ln n) of n dimensions
  double deviation = 0.3;  ///< of the first generation, in the width of the cube: above 0, at most 1
  Covariance covariance = Covariance::automatic;
  std::uint64_t seed = 0;
  /// Stop where the best losses of the last 10 + 30 n / population generations, and all of the last one, differ by less than this
  /// share of them.
  double loss_tolerance = 1e-9;
  /// Stop where candidates spread by less than this in every coordinate.
  double deviation_tolerance = 1e-9;
};

/// Why a run of CMA-ES is over. Rules: Hansen's tutorial, B.3.
enum class CmaEsStop : std::uint8_t {
  none,        ///< it is not
  loss,        ///< losses do not differ any more (`loss_tolerance`)
  deviation,   ///< candidates do not differ any more (`deviation_tolerance`)
  stagnation,  ///< neither best nor median losses fell over the last 20 % of the generations, at least 120 + 30 n / population
  condition,   ///< the axes of the distribution differ by more than 1e7
  not_finite,  ///< no loss of ten generations was finite
};

/// "the losses do not differ any more", …
const char* to_string(CmaEsStop stop);

/// The (mu/mu_w, lambda) evolution strategy with adaptation of the covariance matrix by rank one and rank mu, with negative
/// weights, and of the step size by the length of its path; in the unit cube, into which candidates are reflected.
///
///     CmaEs es(start);
///     while (es.stop() == CmaEsStop::none) {
///       const std::span<const double> points = es.ask();  // [population, dimensions]
///       for (…) losses[k] = f(points.subspan(k * n, n));
///       es.tell(losses);
///     }
///
/// The same seed and losses give the same bits. One caller at a time.
/// Sources: Hansen, The CMA Evolution Strategy: A Tutorial, arXiv 1604.00772; diagonal: Ros and Hansen 2008.
class CmaEs {
 public:
  /// mean: of the first generation, each coordinate in 0 … 1. Throws `Error` bad_value.
  explicit CmaEs(std::span<const double> mean, const CmaEsOptions& options = {});
  ~CmaEs();
  CmaEs(CmaEs&&) noexcept;
  CmaEs& operator=(CmaEs&&) noexcept;

  int dimensions() const;
  int population() const;
  Covariance covariance() const;  ///< full or diagonal
  /// The candidates of this generation, one behind the other, in 0 … 1: [population, dimensions]. The same until `tell`.
  std::span<const double> ask();
  /// Their losses, [population], and the next generation. Those that are not finite count as worse than all that are, and draw
  /// nothing towards them. Throws `Error` bad_value for another number of losses, or before `ask`.
  void tell(std::span<const double> losses);

  std::int64_t generation() const;  ///< generations told
  CmaEsStop stop() const;
  std::span<const double> mean() const;  ///< of the distribution, reflected into the cube
  double deviation() const;              ///< the largest standard deviation of a coordinate

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dgen
