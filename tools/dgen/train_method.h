#pragma once
// How `dgen train` descends: the optimiser, its schedule, and what a step runs.

#include "dgen/fit.h"
#include "dgen/train.h"
#include "dgen/train_options.h"

namespace dgen::tool {

/// The optimiser and its schedule, as the arguments name them.
struct Method {
  Optimizer optimizer{};
  Schedule schedule{};
};

/// Throws `UsageError` for names and settings there are not.
Method method_of(const TrainOptions& options);

/// The patch with the values of --set as defaults: where the training starts.
PatchText with_settings(const PatchText& patch, const SetOptions& set);

/// Throws `UsageError` for a segment in which nothing would be compared.
TrainerOptions trainer_options(const TrainOptions& options, const PatchText& patch, const FitProblem& problem,
                               const Method& method);

}  // namespace dgen::tool
