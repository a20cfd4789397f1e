#include "graph/infer_type.h"

#include <algorithm>

#include "dgen/error.h"
#include "graph/describe.h"

namespace dgen {

namespace {

void expect(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t k, DType wanted, const char* wanted_text) {
  const Node& node = g[inputs[k]];
  if (node.type.dtype == wanted) return;
  throw Error(ErrorCode::bad_type, std::string(op.name) + ": input " + std::to_string(k + 1) + " must be " + wanted_text +
                                       ", got " + describe(g, inputs[k]) + ", which is a " + to_string(node.type));
}

/// Clock and shape of a function of the inputs from `first` on, all of them signals.
Type join(const Graph& g, const OpDef& op, std::span<const int> inputs, std::size_t first) {
  Type joined{.clock = Clock::constant};
  for (std::size_t k = first; k < inputs.size(); ++k) {
    expect(g, op, inputs, k, DType::signal, "a signal");
    const Type& x = g[inputs[k]].type;
    if (x.clock == Clock::hop && joined.clock == Clock::hop && x.hop != joined.hop) {
      throw Error(ErrorCode::bad_type, std::string(op.name) + ": joins hops of " + std::to_string(joined.hop) + " and " +
                                           std::to_string(x.hop) + " frames (" + describe(g, inputs[k]) +
                                           "); bring one to frames with hold");
    }
    if (x.clock > joined.clock) joined.clock = x.clock, joined.hop = x.hop;
    joined.shape = broadcast(joined.shape, x.shape);
  }
  return joined;
}

}  // namespace

Type infer_type(const Graph& g, const OpDef& op, std::span<const int> inputs, const Attributes& attributes) {
  switch (op.kind) {
    case Kind::constant: return {.clock = Clock::constant};
    case Kind::param:
    case Kind::sample_rate: return {.clock = Clock::control};
    case Kind::input:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::handle: return {};
    case Kind::pointwise: return join(g, op, inputs, 0);
    case Kind::reduce: {
      Type type = join(g, op, inputs, 0);
      type.clock = Clock::control;
      return type;
    }
    case Kind::delay: {
      Type type = join(g, op, inputs, 0);
      type.clock = Clock::frame;
      return type;
    }
    case Kind::table: return {.dtype = DType::table};  // it may be written; close_loops knows
    case Kind::gather: {
      expect(g, op, inputs, 0, DType::table, "a table");
      Type type = join(g, op, inputs, 1);
      if (g[inputs[0]].type.clock == Clock::frame || type.clock == Clock::constant)
        type.clock = std::max(type.clock, g[inputs[0]].type.clock);
      return type;
    }
    case Kind::scatter:
      expect(g, op, inputs, 0, DType::table, "a table");
      join(g, op, inputs, 1);
      return {.dtype = DType::table};
    case Kind::cell: {
      Type type = join(g, op, inputs, 0);
      type.clock = Clock::frame;
      return type;
    }
    case Kind::line: return {.dtype = DType::line};
    case Kind::line_read: {
      expect(g, op, inputs, 0, DType::line, "a delay line");
      Type type = join(g, op, inputs, 1);
      type.clock = Clock::frame;
      return type;
    }
    case Kind::sequence: return g[inputs.back()].type;
    case Kind::recur: return {.dtype = DType::tuple};
    case Kind::result: {
      const Recurrence& recurrence = *g[inputs[0]].attributes.recurrence;
      Type type = (*recurrence.body)[recurrence.results[static_cast<std::size_t>(attributes.size)]].type;
      type.clock = Clock::frame;  // a loop runs every frame, also where its value was folded to a constant
      return type;
    }
    case Kind::state:
    case Kind::argument:
    case Kind::composite: break;
  }
  throw InternalError("the type of " + std::string(op.name) + " does not follow from its inputs");
}

}  // namespace dgen
