#pragma once
// The search of `dgen train`: many starts, of which the best are refined.

#include "dgen/interruption.h"
#include "dgen/search.h"
#include "dgen/train_method.h"

namespace dgen::tool {

/// What the options ask for, with the defaults of the rest.
SearchOptions search_options(const TrainOptions& options);

/// Throws `UsageError` for options of a search that there is none of, or that its method does not have.
void check_search(const TrainOptions& options);

/// Searches the ranges of the problem's parameters over the first `frames` frames, and says how far it is and what it found.
/// Throws what CandidateLosses and search throw.
SearchResult run_search(const TrainOptions& options, FitProblem& problem, std::int64_t frames, const Interruption& interruption);

/// Why the search leaves a parameter as it is; empty where it moves it.
std::string not_searched(const Graph& graph, const std::string& name, const TrainOptions& options);

/// The search in a few words: "Latin hypercube of 1024 starts, seed 0".
std::string search_text(const TrainOptions& options);

}  // namespace dgen::tool
