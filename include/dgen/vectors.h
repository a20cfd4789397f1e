#pragma once
// Vectors made of signals and of parameters. memory_read and peek read them as they read tables: the contents of a table
// that is to be learnt.

#include <span>
#include <string_view>

#include "dgen/graph.h"

namespace dgen {

/// The values as one vector. values: n of them, each one number; gives [n], as fast as the fastest of them.
/// Throws `Error` bad_value where there are none, bad_type where one has a shape, mixed_graphs.
Signal stack(std::span<const Signal> values);

/// A vector of parameters "name[0]", "name[1]", … that begin with these contents: [n], control clock. memory_read(vector,
/// index) reads it with gradients to the contents, in time that grows with n: for tables of up to a few hundred elements.
/// Throws as `stack` and Graph::param do.
Signal param_vector(Graph& graph, std::string_view name, std::span<const double> contents, const ParamOptions& options = {},
                    const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace dgen
