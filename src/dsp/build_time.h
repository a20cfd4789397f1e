#pragma once
// Inputs of composites that must be numbers known when the graph is built: sizes, modes.

#include <cstdint>
#include <optional>
#include <string_view>

#include "dgen/graph.h"

namespace dgen::dsp {

/// The whole number that constant node `x` holds. `what` names it: "delay: max".
/// Throws `Error` bad_value when it is no constant, not whole, or outside lo … hi.
std::int64_t whole_number(Signal x, std::string_view what, std::int64_t lo, std::int64_t hi);

/// As `whole_number`; none where `x` is not a constant, so that the value is only known when the patch runs.
std::optional<int> whole_number_if_constant(Signal x, std::string_view what, int lo, int hi);

/// Interpolation between neighbours: 0 none, 1 linear, 3 cubic. Throws `Error` bad_value.
int interpolation_order(Signal x, std::string_view what);

bool is_constant(Signal x);

}  // namespace dgen::dsp
