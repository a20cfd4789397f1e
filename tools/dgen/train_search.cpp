#include "dgen/train_search.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/train_progress.h"

namespace dgen::tool {

namespace {

/// The parameters with those of --freeze frozen.
Parameters searched_parameters(const Graph& graph, const TrainOptions& options) {
  Parameters parameters(graph);
  for (const std::string& name : options.freeze) parameters.freeze(name);
  return parameters;
}

/// Shows the starts, then the generations.
class SearchLines {
 public:
  explicit SearchLines(const SearchOptions& options) : options_(options) {
    if (options.starts > 0) progress_.emplace(0, options.starts, "start", "best loss");
  }
  void show(const SearchProgress& at) {
    if (at.generations == 0) return progress_->show(at.starts, at.best_loss);
    if (at.generations == 1) progress_.emplace(0, options_.generations, "generation", "best loss");
    progress_->show(at.generations - 1, at.best_loss);
  }
  void clear() { progress_.reset(); }

 private:
  const SearchOptions& options_;
  std::optional<TrainProgress> progress_;
};

std::string found_text(const SearchResult& found, double seconds) {
  std::string text = "search: best loss " + number(found.best.front().loss) + " of " + count_of(found.evaluations, "candidate") +
                     " in " + duration(seconds) + ", " + number(found.start_loss) + " at the start";
  if (found.not_finite > 0) text += "; " + std::to_string(found.not_finite) + " without a finite loss";
  return found.generations > 0 ? text + "; " + count_of(found.generations, "generation") + ": " + found.ended : text;
}

}  // namespace

SearchOptions search_options(const TrainOptions& options) {
  const SearchChoice& choice = options.search;
  SearchOptions made{.method = choice.method.value_or(SearchMethod::latin_hypercube), .seed = options.seed};
  made.starts = choice.starts.value_or(1024);
  made.generations = choice.generations.value_or(static_cast<int>(made.generations));
  made.population = choice.population.value_or(made.population);
  made.keep = std::max(descents(options), 1);
  return made;
}

void check_search(const TrainOptions& options) {
  const SearchChoice& choice = options.search;
  if (!choice.wanted() && choice.refine) throw UsageError("--refine needs a search: give --starts N or --search METHOD");
  const bool evolves = choice.method == SearchMethod::cma_es;
  for (const auto& [name, given] : {std::pair("--generations", choice.generations), {"--population", choice.population}}) {
    if (given && !evolves) throw UsageError(std::string(name) + " is of --search cma-es");
  }
  if (choice.starts == 0 && !evolves) throw UsageError("--starts 0 leaves nothing to search; it is of --search cma-es");
  if (options.search.refine == 0 && !options.checkpoint.empty())
    throw UsageError("--checkpoint keeps the state of a descent, of which --refine 0 makes none");
}

SearchResult run_search(const TrainOptions& options, FitProblem& problem, std::int64_t frames, const Interruption& interruption) {
  const Parameters parameters = searched_parameters(problem.graph(), options);
  const SearchSpace space(parameters);
  for (const Unreached& out : space.left_out()) say_warning("'" + out.name + "' is not searched: " + out.why);
  CandidateOptions candidates{.frames = frames,
                              .sample_rate = problem.sample_rate(),
                              .channels = problem.channels(),
                              .compile = options.patch.compile,
                              .threads = options.threads};
  CandidateLosses losses(problem.loss(), candidates);
  if (descents(options) == 0) say_backend(losses.program().choice());
  const SearchOptions asked = search_options(options);
  SearchLines lines(asked);
  const auto began = std::chrono::steady_clock::now();
  const SearchResult found = search(losses, parameters, asked, [&](const SearchProgress& at) {
    lines.show(at);
    return !interruption.asked();
  });
  lines.clear();
  say(found_text(found, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()));
  return found;
}

std::string not_searched(const Graph& graph, const std::string& name, const TrainOptions& options) {
  if (!options.search.wanted()) return "there is no search";
  const SearchSpace space(searched_parameters(graph, options));
  for (const Unreached& out : space.left_out()) {
    if (out.name == name) return out.why;
  }
  return {};
}

std::string search_text(const TrainOptions& options) {
  const SearchOptions asked = search_options(options);
  std::string text;
  switch (asked.method) {
    case SearchMethod::random: text = count_of(asked.starts, "random start"); break;
    case SearchMethod::latin_hypercube: text = "Latin hypercube of " + count_of(asked.starts, "start"); break;
    case SearchMethod::cma_es:
      text = "CMA-ES, " + count_of(asked.generations, "generation") + " after " + count_of(asked.starts, "start");
      break;
  }
  return text + ", seed " + std::to_string(options.seed) + "; the best " + std::to_string(descents(options)) + " refined";
}

}  // namespace dgen::tool
