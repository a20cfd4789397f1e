#pragma once
// Search: many starts all over the ranges of the parameters, for losses with minima in which gradient descent gets stuck. What it
// finds is where descent begins.
//
//     Parameters parameters(g);
//     CandidateLosses losses(loss, {.channels = {target}});
//     const SearchResult found = search(losses, parameters, {.starts = 4096, .seed = 1});
//     Trainer trainer(g, loss, Adam{.learning_rate = 0.01}, {.channels = {target}});
//     trainer.start_from(found.best[0].values);

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dgen/candidates.h"
#include "dgen/objective.h"
#include "dgen/parameters.h"

namespace dgen {

enum class SearchMethod : std::uint8_t {
  random,           ///< points that do not depend on each other
  latin_hypercube,  ///< points that fill every parameter's range evenly
  cma_es,           ///< such points, and from the best of them generations that follow the losses
};

struct SearchOptions {
  SearchMethod method = SearchMethod::latin_hypercube;
  std::int64_t starts = 1024;      ///< points; of cma_es those before the first generation, where 0 begins at the values given
  std::int64_t generations = 100;  ///< of cma_es, over all its runs
  int population = 0;              ///< of a generation; 0: 4 + floor(3 ln n) of n numbers, at least 16
  std::uint64_t seed = 0;
  int keep = 4;  ///< best points to give back
  /// Of two points that differ by less than this share of the range in every parameter only the better one is given back.
  double apart = 0.05;
  std::int64_t round = 0;  ///< starts between two calls of `watch`; 0: 256, or as many as run at once where these are more
};

/// The cube in which a search draws points: a coordinate for each element of each parameter that moves, 0 at the lower and 1 at
/// the upper end of its range, evenly in its mapping (log: octaves).
class SearchSpace {
 public:
  /// Frozen parameters stay. So do those without a finite range, or whose range reaches 0 in a log or decibel mapping; `left_out`
  /// says which. Throws `Error` bad_value where none is left to search.
  explicit SearchSpace(const Parameters& parameters);

  std::int64_t dimensions() const { return static_cast<std::int64_t>(axes_.size()); }
  std::span<const Unreached> left_out() const { return left_out_; }
  /// Writes the values at a point, [dimensions], over those of `values`, [elements of all parameters]; others stay.
  void place(std::span<const double> point, std::span<double> values) const;
  /// The point of these values, in 0 … 1.
  std::vector<double> point(std::span<const double> values) const;

 private:
  struct Axis {
    std::size_t element;
    Mapping mapping;
    double low, high;  ///< in the mapping's coordinate
    double min, max;
  };
  std::vector<Axis> axes_;
  std::vector<Unreached> left_out_;
};

struct SearchPoint {
  double loss = 0;
  std::vector<double> values{};  ///< as Parameters::values
};

/// How far a search is.
struct SearchProgress {
  std::int64_t starts = 0;       ///< whose losses are known, of SearchOptions::starts
  std::int64_t generations = 0;  ///< done, of SearchOptions::generations
  std::int64_t evaluations = 0;
  double best_loss = 0;        ///< so far; NaN while none is finite
  double generation_loss = 0;  ///< the best of this round
};

struct SearchResult {
  std::vector<SearchPoint> best;  ///< at most `keep`, best first, apart from each other
  double start_loss = 0;          ///< of the values that were given
  std::int64_t evaluations = 0, not_finite = 0;
  std::int64_t generations = 0, runs = 0;  ///< of CMA-ES
  std::string ended{};                     ///< why, in words
  bool stopped = false;                    ///< by `watch`
};

/// Losses, [candidates], of values, [candidates, elements].
using EvaluateCandidates = std::function<void(std::span<const double> values, std::span<double> losses)>;
/// Called after every round; false ends the search.
using WatchSearch = std::function<bool(const SearchProgress&)>;

/// Evaluates the values of `start` and then the points that the options ask for. A run of CMA-ES that gets no further ends, and
/// the next one begins at the next best start, until the generations are used up. Losses that are not finite are worse than all
/// others. The same seed gives the same bits, whatever the number of threads.
/// Throws `Error` bad_value for options, not_finite where no loss was finite, and what SearchSpace and CandidateLosses throw.
/// Sources: McKay, Beckman, Conover 1979; Hansen, arXiv 1604.00772.
SearchResult search(CandidateLosses& losses, const Parameters& start, const SearchOptions& options = {},
                    const WatchSearch& watch = {});
SearchResult search(const EvaluateCandidates& losses, const Parameters& start, const SearchOptions& options = {},
                    const WatchSearch& watch = {});

}  // namespace dgen
