#pragma once
// A patch with every kind of memory: a filter, an echo, a phase, a table that is written, noise and two parameters.

#include "dgen/dgen.h"

namespace dgen::sample_patch {

inline void build_demo(Graph& g) {
  const Signal frequency = g.param("frequency", 220, {.min = 20, .max = 20000, .smoothing_s = 0.01});
  const Signal level = g.param("level", 0.5, {.min = 0, .max = 1});
  const Signal tone = sin(phasor(frequency, 0.0) * 6.283185307179586) + 0.01 * noise(g, 7);
  const Signal filtered = biquad(tone + g.input(), 1500.0, 0.7, 1.0, 0.0);
  const Signal echo = g.feedback();
  const Signal sum = filtered + level * echo;
  g.close(echo, delay(sum, 301.0, 1000));
  g.output(sum, "wet");
  g.output(filtered * level, "dry");
}

}  // namespace dgen::sample_patch
