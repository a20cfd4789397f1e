#pragma once
// One training of `dgen train` from start to results.

#include "dgen/loss_spec.h"
#include "dgen/train_method.h"

namespace dgen::tool {

/// Fits the patch, says how far it is, and writes what was asked for. What was reached is written also where an error ends the
/// training; the error comes after it. Throws what FitProblem, Trainer and write_results throw.
void run_training(const TrainOptions& options, const LossSpec& loss, const Method& method, PatchText written);

}  // namespace dgen::tool
