#pragma once
// The optimisers' rules as kernels of a device: the formulas of optimizer_rules.cpp, in the loop IR.

#include <memory>
#include <vector>

#include "dgen/optimizers.h"
#include "runtime/device_update.h"

namespace dgen::train {

/// The update of `parameters` by an optimiser; which wanted signals are the gradients is left open.
std::shared_ptr<runtime::UpdateSpec> update_spec(const Optimizer& optimizer, const Parameters& parameters, const Clip& clip);

/// What the host says of step `step`, from 1: the learning rate, and powers that depend on the step alone.
std::vector<double> step_settings(const Optimizer& optimizer, double learning_rate, std::int64_t step);

/// By element: the parameter's factor of the learning rate; -1 where it is frozen.
std::vector<double> element_rates(const Parameters& parameters);

}  // namespace dgen::train
