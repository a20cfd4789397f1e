#pragma once
// What the types of an op's inputs have in common, and what is said where they do not fit.

#include <span>
#include <string>

#include "dgen/graph.h"

namespace dgen {

/// Throws `Error` bad_type where input k is not `wanted`.
void expect_input(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t k, DType wanted,
                  const char* wanted_text);

/// Throws `Error` bad_type: op, node, its type, and why it does not fit.
[[noreturn]] void refuse_input(const Graph& g, const OpDef& op, int input, const std::string& why);

/// The clock of a function of the inputs from `first` on, all of them signals; a scalar.
Type join_clocks(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t first = 0);

/// Clock and shape of a function of the inputs from `first` on, element by element.
Type join_types(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t first = 0);

}  // namespace dgen
