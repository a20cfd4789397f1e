#pragma once
// When a run of CMA-ES is over.

#include <cstdint>
#include <span>
#include <vector>

#include "dgen/cma_es.h"

namespace dgen::train {

/// What the rules look at: losses generation by generation.
class CmaStopRules {
 public:
  CmaStopRules(int dimensions, int population, const CmaEsOptions& options);

  /// Takes note of a generation's losses, best first, those that are not finite last.
  void note(std::span<const double> ranked);
  /// largest, smallest: of the distribution's axes. widest: standard deviation of a coordinate.
  CmaEsStop judge(double widest, double largest_axis, double smallest_axis) const;

 private:
  bool losses_equal() const;
  bool stagnates() const;

  CmaEsOptions options_;
  std::size_t tolerated_, patience_;  ///< generations
  std::vector<double> best_, median_;
  double spread_ = 0;   ///< of the last generation
  int not_finite_ = 0;  ///< generations in a row
};

}  // namespace dgen::train
