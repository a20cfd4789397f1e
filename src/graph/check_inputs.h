#pragma once
// The inputs of a node that is being made, checked before it is: their number, that they are there, that they fit.

#include <span>

#include "dgen/graph.h"

namespace dgen {

/// Throws `Error` bad_arity unless `count` inputs fit `op`.
void check_arity(const OpDef& op, const Signature& wanted, std::size_t count);

/// Throws `Error` bad_value where an input is neither a signal nor a number, naming it and the place of the call.
void check_operands(const OpDef& op, std::span<const Operand> inputs, const Origin& origin);

/// Throws `Error` bad_value, mixed_graphs unless input `k` is a signal of `graph`.
void check_graph(const Graph* graph, const OpDef& op, Signal s, std::size_t k, const Origin& origin);

/// The type that follows from the inputs. Where they do not fit, the message names what the caller wrote: the function, not
/// the view it is made of, and the place of the call. Throws `Error` bad_type, limit_exceeded.
Type checked_type(const Graph& g, const Node& node);

}  // namespace dgen
