#pragma once
// Small graphs with what is known folded at once, so that a patch's constants are constants where sizes are needed.

#include <optional>

#include "dgen/graph.h"

namespace dgen::lang {

/// The value of a node that depends on numbers only; where `sample_rate` is positive, also on the sample rate.
/// Empty where it depends on anything else, or is NaN.
std::optional<double> known_value(Signal signal, double sample_rate = 0);

/// The constant that `signal` amounts to, if it does; else `signal`.
Signal folded(Signal signal);

/// c != 0 ? yes : no. One of the two where `c` is known or they are the same.
Signal choose(Signal c, Signal yes, Signal no);

/// 1 where `x` is 0, else 0.
Signal negation(Signal x);

/// a / b, and fmod(a, b), which are 0 where b is 0.
Signal safe_divide(Signal a, Signal b);
Signal safe_modulo(Signal a, Signal b);

}  // namespace dgen::lang
