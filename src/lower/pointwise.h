#pragma once
// The values of pointwise ops in the loop IR.

#include <functional>
#include <span>

#include "dgen/graph.h"
#include "ir/builder.h"

namespace dgen::lower {

/// The value of a pointwise op, in place or as a call of an outlined function.
ir::Value lower_pointwise(const OpDef& op, ir::Builder& builder, std::span<const ir::Value> x);

/// The value of a pointwise node in f32, given those of the nodes before it.
ir::Value lower_frame_node(const Graph& graph, int id, ir::Builder& builder, const std::function<ir::Value(int id)>& of);

}  // namespace dgen::lower
