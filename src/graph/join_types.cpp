#include "graph/join_types.h"

#include "dgen/error.h"
#include "graph/describe.h"

namespace dgen {

namespace {

/// The shape of `input` joined with another; the error names op, node and both shapes.
Shape joined_shape(const Graph& g, const OpDef& op, int input, const Shape& other) {
  try {
    return broadcast(other, g[input].type.shape);
  } catch (const Error& e) {
    throw Error(e.code(), std::string(op.name) + ": " + describe(g, input) + ": " + e.what());
  }
}

}  // namespace

void expect_input(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t k, DType wanted,
                  const char* wanted_text) {
  const Node& node = g[inputs[k]];
  if (node.type.dtype == wanted) return;
  throw Error(ErrorCode::bad_type, std::string(op.name) + ": input " + std::to_string(k + 1) + " must be " + wanted_text +
                                       ", got " + describe(g, inputs[k]) + ", which is a " + to_string(node.type));
}

void refuse_input(const Graph& g, const OpDef& op, int input, const std::string& why) {
  throw Error(ErrorCode::bad_type,
              std::string(op.name) + ": " + describe(g, input) + " is " + to_string(g[input].type) + "; " + why);
}

Type join_clocks(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t first) {
  Type joined{.clock = Clock::constant};
  for (std::size_t k = first; k < inputs.size(); ++k) {
    expect_input(g, op, inputs, k, DType::signal, "a signal");
    const Type& x = g[inputs[k]].type;
    if ((x.clock == Clock::frame && joined.clock == Clock::hop) || (x.clock == Clock::hop && joined.clock == Clock::frame))
      throw InternalError(std::string(op.name) + ": a hop value meets a frame signal without a hold");
    if (x.clock == Clock::hop && joined.clock == Clock::hop && x.hop != joined.hop) {
      throw Error(ErrorCode::bad_type, std::string(op.name) + ": joins hops of " + std::to_string(joined.hop) + " and " +
                                           std::to_string(x.hop) + " frames (" + describe(g, inputs[k]) +
                                           "); bring one to frames with hold");
    }
    if (x.clock > joined.clock) joined.clock = x.clock, joined.hop = x.hop;
  }
  return joined;
}

Type join_types(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t first) {
  Type joined = join_clocks(g, op, inputs, first);
  for (std::size_t k = first; k < inputs.size(); ++k) joined.shape = joined_shape(g, op, inputs[k], joined.shape);
  return joined;
}

}  // namespace dgen
