#pragma once
// The optimisers' rules as kernels of a device: the formulas of optimizer_rules.cpp, in the loop IR.

#include <memory>
#include <vector>

#include "dgen/optimizers.h"
#include "runtime/device_update.h"

namespace dgen::train {

/// The update of `parameters` by an optimiser; which wanted signals are the gradients is left open.
std::shared_ptr<runtime::UpdateSpec> update_spec(const Optimizer& optimizer, const Parameters& parameters, const Clip& clip);

/// What the host says of step `step`, from 1, into `settings`: the learning rate, and powers that depend on the step alone.
void step_settings(const Optimizer& optimizer, double learning_rate, std::int64_t step, std::vector<double>& settings);

/// By element, into `rates`: the parameter's factor of the learning rate; -1 where it is frozen.
void element_rates(const Parameters& parameters, std::vector<double>& rates);

}  // namespace dgen::train
