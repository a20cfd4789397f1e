#include "graph/check_inputs.h"

#include <cmath>
#include <string>

#include "dgen/error.h"
#include "graph/describe.h"
#include "graph/infer_type.h"

namespace dgen {

namespace {

std::string plural(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

/// "esr (fit.cpp:12)": the function and the place of the call. The patch language puts the places of its text in front itself.
std::string called(std::string_view function, const Origin& origin) {
  const std::string place = origin.column > 0 ? "" : to_string(origin);
  return std::string(function) + (place.empty() ? "" : " (" + place + ")");
}

std::string input_text(const OpDef& op, std::size_t k, const Origin& origin) {
  return called(op.name, origin) + ": input " + std::to_string(k + 1);
}

}  // namespace

void check_arity(const OpDef& op, const Signature& wanted, std::size_t count) {
  const std::size_t least = wanted.required(), most = wanted.inputs.size();
  if (count >= least && (wanted.variadic || count <= most)) return;
  const std::string range = wanted.variadic ? "at least " + plural(least, "input")
                            : least == most ? plural(most, "input")
                                            : std::to_string(least) + " to " + plural(most, "input");
  throw Error(ErrorCode::bad_arity, std::string(op.name) + ": takes " + range +
                                        (op.inputs.empty() ? "" : " (" + std::string(op.inputs) + ")") + ", got " +
                                        std::to_string(count));
}

void check_graph(const Graph* graph, const OpDef& op, Signal s, std::size_t k, const Origin& origin) {
  if (s.graph == graph && s.id >= 0 && s.id < graph->size()) return;
  const std::string which = input_text(op, k, origin);
  if (!s.graph) throw Error(ErrorCode::bad_value, which + " is an empty signal; it was never assigned");
  throw Error(ErrorCode::mixed_graphs, which + ", " + describe(*s.graph, s.id) + ", belongs to another graph");
}

void check_operands(const OpDef& op, std::span<const Operand> inputs, const Origin& origin) {
  const Signature wanted = signature(op);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const Operand& input = inputs[k];
    const bool empty = !input.signal && !input.is_number;
    if (!empty && !(input.is_number && std::isnan(input.value))) continue;
    const std::string name = k < wanted.inputs.size() ? ", " + std::string(wanted.inputs[k].name) + "," : "";
    throw Error(ErrorCode::bad_value, input_text(op, k, origin) + name +
                                          (empty ? " is an empty signal; it was never assigned" : " is not a number (NaN)"));
  }
}

Type checked_type(const Graph& g, const Node& node) {
  try {
    return infer_type(g, *node.op, node.inputs, node.attributes);
  } catch (const Error&) {
    const bool is_function = node.op->kind == Kind::view && !node.attributes.name.empty();
    const std::string name = called(is_function ? node.attributes.name : node.op->name, node.origin);
    OpDef op = *node.op;
    op.name = name;
    return infer_type(g, op, node.inputs, node.attributes);
  }
}

}  // namespace dgen
