#pragma once
// What each optimiser computes for a run of elements. All in double, in the parameters' coordinates.

#include <cstdint>
#include <span>
#include <vector>

#include "dgen/optimizers.h"

namespace dgen::train {

/// Elements of one parameter in one step: [elements] each.
struct Elements {
  std::span<const double> position;  ///< their coordinates
  std::span<double> slope;           ///< d(loss)/d(coordinate); rules may overwrite it
  std::span<double> move;            ///< what to add to the coordinates
  std::span<ParameterArena> memory;  ///< slots of all parameters …
  std::size_t offset = 0;            ///< … in which these elements begin here
  double learning_rate = 0;
  std::int64_t step = 1;  ///< from 1

  double& slot(int number, std::size_t k) const { return memory[static_cast<std::size_t>(number)][offset + k]; }
};

/// How many numbers an element's memory takes.
int slots_of(const Optimizer& optimizer);
/// What the memory holds before the first step.
double first_memory(const Optimizer& optimizer);
/// Fills in `move` and moves the memory on.
void apply(const Optimizer& optimizer, const Elements& e) noexcept;

}  // namespace dgen::train
