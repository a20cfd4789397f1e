#pragma once
// The two-pole core that svf and biquad share: trapezoidal integrators. Well conditioned in float32 at low cutoffs,
// and stable while its coefficients move. Source: Zavalishin 2018, "The Art of VA Filter Design", chapter 4.

#include <array>
#include <span>

#include "dgen/graph.h"

namespace dgen::dsp {

/// The three outputs, whose sum high + damping * band + low is the input.
struct Responses {
  Signal high, band, low;
};

/// tan(pi cutoff / sample rate), the gain of an integrator; cutoff_hz is clamped to [1e-6, 0.4999] of the sample rate.
Signal integrator_gain(Graph& graph, Signal cutoff_hz);

/// 1 / q, q clamped to at least 1e-3.
Signal damping_of(Signal q);

/// H(s) = {s^2, s, 1} / (s^2 + damping s + 1), s by the bilinear transform with the cutoff kept in place.
Responses state_variable(Graph& graph, Signal x, Signal gain, Signal damping);

/// The choice of number `mode`, rounded and clamped to the choices there are.
Signal choose(Signal mode, std::span<const Signal> choices);

}  // namespace dgen::dsp
