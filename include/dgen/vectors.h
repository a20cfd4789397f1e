#pragma once
// Vectors made of signals and of parameters. memory_read and peek read them as they read tables: the contents of a table
// that is to be learnt.

#include <span>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// The values as one vector. values: n of them, each one number; gives [n], as fast as the fastest of them.
/// Throws `Error` bad_value where there are none, bad_type where one has a shape, mixed_graphs.
Signal stack(std::span<const Signal> values);

/// Element `index` of values, as memory_read reads a table, with gradients to every one of them. The same as memory_read of
/// their stack, without a vector: compiled code, which has vectors on hop clocks only, takes it. Its size and time grow with
/// the number of values: for up to a few hundred. values: one number each; index: one number a frame, or control.
/// order: between elements 0 none (floor), 1 straight lines, 3 cubics. Throws as `stack`, and bad_value for an order.
Signal lookup(std::span<const Signal> values, Signal index, Bound bound = Bound::clip, int order = 1);

/// Parameters "name[0]", "name[1]", … that begin with these contents: the values of a table that is learnt, for `lookup`.
/// Throws as Graph::param does.
std::vector<Signal> param_list(Graph& graph, std::string_view name, std::span<const double> contents,
                               const ParamOptions& options = {}, const char* file = __builtin_FILE(),
                               int line = __builtin_LINE());

/// The same as a vector: [n], control clock. Throws as `stack` and Graph::param do.
Signal param_vector(Graph& graph, std::string_view name, std::span<const double> contents, const ParamOptions& options = {},
                    const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace dgen
