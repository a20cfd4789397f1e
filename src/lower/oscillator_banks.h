#pragma once
// Which sines of steady phases a stage computes, and which sums of them are taken at once.

#include <cstddef>
#include <vector>

#include "schedule/schedule.h"

namespace dgen::lower {

/// A sine times a number that rests.
struct WeightedOscillator {
  int node = -1;  ///< a `schedule::oscillator`
  int gain = -1;  ///< a constant or control value; -1: 1
};

/// A sum of weighted oscillators, neighbours in their list.
struct OscillatorBank {
  int node = -1;  ///< the sum
  std::size_t first = 0, count = 0;
};

struct StageOscillators {
  std::vector<WeightedOscillator> oscillators{};  ///< those of banks, then those whose own value something takes
  std::vector<OscillatorBank> banks{};
};

/// Of one stage.
StageOscillators find_oscillators(const schedule::Schedule& schedule, int stage);

/// What leaves a stage with its value: later stages, delays, windows or the host take it.
std::vector<int> leaving_nodes(const Graph& graph, const schedule::Stage& stage);

}  // namespace dgen::lower
