#include "dgen/search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "dgen/cma_es.h"
#include "dgen/error.h"
#include "dgen/starts.h"
#include "train/elite.h"

namespace dgen {

namespace {

constexpr std::int64_t usual_round = 256;  // starts whose losses are found between two looks at the progress
constexpr std::size_t most_runs = 64;      // starts of which CMA-ES may have need

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::bad_value, "search: " + why); }

void check(const SearchOptions& options) {
  constexpr std::int64_t most = std::int64_t{1} << 30;
  const bool evolves = options.method == SearchMethod::cma_es;
  if (options.starts < (evolves ? 0 : 1) || options.starts > most)
    refuse(std::to_string(options.starts) + " starts; it must be " + (evolves ? "0" : "1") + " … " + std::to_string(most));
  if (options.generations < 1 || options.generations > most)
    refuse(std::to_string(options.generations) + " generations; it must be 1 … " + std::to_string(most));
  if (options.round < 0 || options.round > most)
    refuse("rounds of " + std::to_string(options.round) + " starts; it must be 1 … " + std::to_string(most) +
           ", or 0 for the default");
  if (evolves && options.population != 0 && (options.population < 4 || options.population > most))
    refuse("a population of " + std::to_string(options.population) + "; it must be 4 … " + std::to_string(most) +
           ", or 0 for the default");
  if (options.keep < 1) refuse("it must keep at least 1 point, not " + std::to_string(options.keep));
  if (!(options.apart >= 0 && options.apart <= 1))
    refuse("points are " + base::number_text(options.apart) + " apart; it must be 0 … 1");
}

/// One search from its first point to its result.
class Search {
 public:
  Search(const EvaluateCandidates& evaluate, const Parameters& start, const SearchOptions& options, const WatchSearch& watch)
      : evaluate_(evaluate), watch_(watch), options_(options), round_(options.round > 0 ? options.round : usual_round),
        space_(start), values_(start.values().begin(), start.values().end()),
        dimensions_(static_cast<std::size_t>(space_.dimensions())), elite_(static_cast<std::size_t>(options.keep), options.apart),
        starts_(most_runs, options.apart) {}

  SearchResult run() {
    begin();
    draw_starts();
    if (options_.method == SearchMethod::cma_es) evolve();
    if (elite_.members().empty()) {
      throw Error(ErrorCode::not_finite, "search: none of " + std::to_string(result_.evaluations) +
                                             " candidates has a finite loss: narrow the ranges of the parameters, or look at "
                                             "what the graph makes of values in them");
    }
    for (const train::Elite::Member& member : elite_.members()) {
      result_.best.push_back({member.loss, values_});
      space_.place(member.point, result_.best.back().values);
    }
    return std::move(result_);
  }

 private:
  /// The values that were given.
  void begin() {
    const std::vector<double> point = space_.point(values_);
    result_.start_loss = losses_of(point)[0];
  }

  /// Losses of points, [points, dimensions], which the elite gets to see in their order.
  std::span<const double> losses_of(std::span<const double> points) {
    const std::size_t count = points.size() / dimensions_;
    rows_.resize(count * values_.size());
    losses_.resize(count);
    for (std::size_t k = 0; k < count; ++k) {
      const std::span<double> row = std::span(rows_).subspan(k * values_.size(), values_.size());
      std::ranges::copy(values_, row.begin());
      space_.place(points.subspan(k * dimensions_, dimensions_), row);
    }
    evaluate_(rows_, losses_);
    round_best_ = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t k = 0; k < count; ++k) {
      const std::span<const double> point = points.subspan(k * dimensions_, dimensions_);
      elite_.add(losses_[k], point);
      if (result_.generations == 0) starts_.add(losses_[k], point);
      if (!std::isfinite(losses_[k]))
        ++result_.not_finite;
      else if (!(losses_[k] >= round_best_))
        round_best_ = losses_[k];
    }
    result_.evaluations += static_cast<std::int64_t>(count);
    return losses_;
  }

  /// Whether to go on.
  bool watched() {
    if (!watch_) return true;
    const double best = elite_.members().empty() ? std::numeric_limits<double>::quiet_NaN() : elite_.members().front().loss;
    result_.stopped = !watch_({.starts = started_,
                               .generations = result_.generations,
                               .evaluations = result_.evaluations,
                               .best_loss = best,
                               .generation_loss = round_best_});
    if (result_.stopped) result_.ended = "it was stopped";
    return !result_.stopped;
  }

  void draw_starts() {
    if (options_.starts == 0) return;
    const bool independent = options_.method == SearchMethod::random;
    const std::vector<double> points =
        (independent ? random_points : latin_hypercube)(options_.starts, space_.dimensions(), options_.seed);
    while (started_ < options_.starts) {
      const std::int64_t count = std::min(round_, options_.starts - started_);
      losses_of(std::span(points).subspan(static_cast<std::size_t>(started_) * dimensions_,
                                          static_cast<std::size_t>(count) * dimensions_));
      started_ += count;
      if (!watched()) return;
    }
    result_.ended = "all starts were tried";
  }

  CmaEsOptions settings() const {
    // A quarter of the starts' distance from each other: a run is to look at the surroundings of one. Descent goes on from what
    // it finds, so that it ends early, and another run begins elsewhere.
    const double spacing =
        std::pow(static_cast<double>(std::max<std::int64_t>(options_.starts, 1)), -1.0 / static_cast<double>(dimensions_));
    const int usual = 4 + static_cast<int>(3 * std::log(static_cast<double>(dimensions_)));
    return {.population = options_.population > 0 ? options_.population : std::max(usual, 16),
            .deviation = options_.starts > 0 ? std::clamp(spacing / 4, 0.01, 0.3) : 0.3,
            .seed = options_.seed + static_cast<std::uint64_t>(result_.runs),
            .loss_tolerance = 1e-3,
            .deviation_tolerance = 1e-4};
  }

  /// Runs one after the other, each from the next best start.
  void evolve() {
    if (result_.stopped) return;
    if (starts_.members().empty()) starts_.add(0, space_.point(values_));
    for (const train::Elite::Member& from : std::vector(starts_.members().begin(), starts_.members().end())) {
      CmaEs es(from.point, settings());
      ++result_.runs;
      while (es.stop() == CmaEsStop::none) {
        const std::span<const double> points = es.ask();
        ++result_.generations;
        es.tell(losses_of(points));
        if (!watched()) return;
        if (result_.generations < options_.generations) continue;
        result_.ended = "all generations were made";
        return;
      }
      result_.ended = to_string(es.stop());
    }
  }

  const EvaluateCandidates& evaluate_;
  const WatchSearch& watch_;
  const SearchOptions& options_;
  std::int64_t round_;
  SearchSpace space_;
  std::vector<double> values_;  ///< of what is not searched, too
  std::size_t dimensions_;
  train::Elite elite_, starts_;
  std::vector<double> rows_, losses_;  ///< of the points at hand
  double round_best_ = 0;
  std::int64_t started_ = 0;
  SearchResult result_;
};

}  // namespace

SearchResult search(const EvaluateCandidates& losses, const Parameters& start, const SearchOptions& options,
                    const WatchSearch& watch) {
  check(options);
  return Search(losses, start, options, watch).run();
}

SearchResult search(CandidateLosses& losses, const Parameters& start, const SearchOptions& options, const WatchSearch& watch) {
  // A round that fills no launch of a device would cost as much as one that does.
  SearchOptions filled = options;
  if (options.round == 0) filled.round = std::max<std::int64_t>(usual_round, losses.lanes());
  return search([&](std::span<const double> values, std::span<double> made) { losses.run(values, made); }, start, filled, watch);
}

}  // namespace dgen
