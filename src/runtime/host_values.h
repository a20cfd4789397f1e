#pragma once
// What the host hands in, checked: sample rates, parameters by name and value.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/op.h"

namespace dgen::runtime {

/// Throws `Error` bad_value, naming `who`, unless the rate is a number in 1 … 1e7 Hz.
double checked_rate(std::string_view who, double sample_rate);

/// In the parameter's range and finite, as the code gets it.
float in_range(const ParamInfo& param, double value);

/// Where each parameter's elements begin in an array of those of all, and behind them the length of that array.
std::vector<std::size_t> offsets_of(std::span<const ParamInfo> params);

/// Throws `Error` bad_value unless the parameter has so many elements.
void check_count(const ParamInfo& param, std::size_t count);

/// Throws `Error` unknown_name with a suggestion where `patch` has no such parameter.
std::size_t find_param(std::span<const ParamInfo> params, std::string_view patch, std::string_view name);

}  // namespace dgen::runtime
