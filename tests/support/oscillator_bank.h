#pragma once
// A patch of parallel work only: sines at frequencies of their own, summed.

#include "dgen/graph.h"
#include "dgen/math.h"
#include "dgen/oscillators.h"

namespace dgen::test {

/// `count` sines at multiples of the parameter frequency_hz, the k-th at 1/k of the level; one output.
inline void add_oscillator_bank(Graph& g, int count) {
  const Signal frequency_hz = g.param("frequency_hz", 110, {.min = 20, .max = 1000});
  Signal sum = g.constant(0);
  for (int k = 1; k <= count; ++k) sum = sum + sin(phasor(frequency_hz * double(k)) * two_pi) / double(k);
  g.output(sum);
}

}  // namespace dgen::test
