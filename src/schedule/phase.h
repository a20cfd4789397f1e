#pragma once
// Phase accumulators: recurrences that add an increment and wrap. They are kept in 64-bit fixed point, in which wrapping
// is exact and sums may be taken in any order, so that a loop and a scan give the same bits and nothing drifts.

#include <optional>

#include "dgen/graph.h"

namespace dgen::schedule {

/// state' = restart ? min : wrap(state + increment, min, max), with min <= first state < max, all three constants.
/// Its range is a power of two of at most 2: then sums of representable steps are exact, and 31 bits of phase are finer
/// than a float.
struct PhaseAccumulator {
  int increment = -1;  ///< node of the outer graph; -1: the constant `step`
  double step = 0;
  int restart = -1;  ///< node of the outer graph that is not 0 where the phase starts again at min; -1: never
  double initial = 0, min = 0, max = 1;
  std::vector<bool> next;  ///< by result of the recur: the phase after this frame's step, not before
};

/// What the recur computes, where it is a phase accumulator.
std::optional<PhaseAccumulator> phase_accumulator(const Graph& graph, int recur);

/// The same of a loop over rows of phases.
std::optional<PhaseAccumulator> row_phase(const Graph& graph, int recur);

/// Whether the steps of a row of phases are known before its kernel runs: increments that rest within a call, a number or a row.
/// Others are rows of float32.
bool has_known_steps(const Graph& graph, const PhaseAccumulator& phase);

/// sin(2 pi (phase + offset)), of a steady phase accumulator.
struct Oscillator {
  int recur = -1;     ///< the phase accumulator
  bool next = false;  ///< its phase after the frame's step, not before
  double offset = 0;  ///< turns in [0, 1)
};

/// What node `id` computes, where it is the sine or cosine of a steady phase that goes through whole turns.
std::optional<Oscillator> oscillator(const Graph& graph, int id);

/// Whether all frames of a call can be had at once: the increment does not change within a call.
bool is_steady(const Graph& graph, const PhaseAccumulator& phase);

}  // namespace dgen::schedule
