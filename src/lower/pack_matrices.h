#pragma once
// Brings learnt matrices into the layout that products read.

#include "lower/buffers.h"

namespace dgen::lower {

/// Adds the kernel that packs the matrices of `Buffers::packed` when a parameter changed.
void add_matrix_kernel(const Graph& graph, const Buffers& buffers, ir::Module& module);

}  // namespace dgen::lower
