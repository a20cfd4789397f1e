#include "dsp/state_variable.h"

#include <array>

#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/state.h"

namespace dgen::dsp {

Signal integrator_gain(Graph& graph, Signal cutoff_hz) { return tan(pi * clamp(cutoff_hz / sample_rate(graph), 1e-6, 0.4999)); }

Signal damping_of(Signal q) { return 1.0 / max(q, 1e-3); }

Responses state_variable(Graph& graph, Signal x, Signal gain, Signal damping) {
  const std::array inputs{x, gain, damping};
  const Signal first = state_of(graph, inputs), second = state_of(graph, inputs);
  const Signal feedback = gain + damping;
  const Signal scale = 1.0 / (1.0 + gain * feedback);
  const Signal step_gain = 2.0 * gain * scale;
  // From state to state only three dependent operations: the responses are computed beside the loop, not in it.
  const Signal rest = x - second;
  const Signal step = step_gain * rest - (step_gain * feedback) * first;
  graph.close(first, first + step);
  graph.close(second, second + (2.0 * gain) * first + gain * step);
  const Signal band = first + 0.5 * step;
  return {scale * (rest - feedback * first), band, second + gain * band};
}

Signal choose(Signal mode, std::span<const Signal> choices) {
  Signal y = choices.back();
  for (std::size_t k = choices.size() - 1; k-- > 0;) y = select(lt(mode, static_cast<double>(k) + 0.5), choices[k], y);
  return y;
}

}  // namespace dgen::dsp
