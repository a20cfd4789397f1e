#pragma once
// The numbers that a run of CMA-ES does not change: weights of the ranks, learning rates, damping.

#include <vector>

namespace dgen::train {

struct CmaRates {
  std::vector<double> weights;                 ///< by rank, best first: the positive ones sum to 1; none negative for diagonals
  int parents = 0;                             ///< ranks with a positive weight
  double effective = 0;                        ///< variance effective selection mass, mu_eff
  double step_path = 0, step_damping = 0;      ///< c_sigma, d_sigma
  double path = 0, rank_one = 0, rank_mu = 0;  ///< c_c, c_1, c_mu
  double mean_length = 0;                      ///< E|N(0, I)|
  /// Generations between decompositions of the matrix: it changes by a tenth at most.
  double lag = 1;
};

/// The defaults of Hansen's tutorial, table 1 and equations 49 to 58; for diagonals the rates of Ros and Hansen 2008.
CmaRates cma_rates(int dimensions, int population, bool diagonal);

}  // namespace dgen::train
