#pragma once
// The settings of every optimiser by name: what command lines write, messages name and checkpoints are bound to.

#include "dgen/optimizers.h"

namespace dgen::train {

/// Throws `Error` bad_value naming the first setting outside its range.
void check_optimizer(const Optimizer& optimizer);

}  // namespace dgen::train
