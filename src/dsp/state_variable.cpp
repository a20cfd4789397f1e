#include "dsp/state_variable.h"

#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"

namespace dgen::dsp {

Signal integrator_gain(Graph& graph, Signal cutoff_hz) {
  return tan(pi * clamp(cutoff_hz / sample_rate(graph), 1e-6, 0.4999));
}

Signal damping_of(Signal q) { return 1.0 / max(q, 1e-3); }

Responses state_variable(Graph& graph, Signal x, Signal gain, Signal damping) {
  const Signal first = cell(graph.constant(0)), second = cell(graph.constant(0));
  const Signal feedback = gain + damping;
  const Signal high = (x - feedback * first - second) * (1.0 / (1.0 + gain * feedback));
  const Signal rise = gain * high;
  const Signal band = first + rise;
  const Signal climb = gain * band;
  const Signal low = second + climb;
  graph.close(first, band + rise);
  graph.close(second, low + climb);
  return {high, band, low};
}

Signal choose(Signal mode, std::span<const Signal> choices) {
  Signal y = choices.back();
  for (std::size_t k = choices.size() - 1; k-- > 0;) y = select(lt(mode, static_cast<double>(k) + 0.5), choices[k], y);
  return y;
}

}  // namespace dgen::dsp
