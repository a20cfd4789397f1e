#include "graph/clocks.h"

#include <algorithm>

#include "dgen/tensor.h"

namespace dgen {

namespace {

const Type& type_of(Signal s) { return (*s.graph)[s.id].type; }

bool is_frame_signal(Signal s) { return type_of(s).dtype == DType::signal && type_of(s).clock == Clock::frame; }

/// Ops that look at their inputs every frame, whatever these are.
bool runs_every_frame(Kind kind) {
  switch (kind) {
    case Kind::delay:
    case Kind::gather:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line_read:
    case Kind::window: return true;
    case Kind::constant:
    case Kind::param:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::pointwise:
    case Kind::table:
    case Kind::line:
    case Kind::handle:
    case Kind::reduce:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument:
    case Kind::tensor:
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::linear:
    case Kind::outer:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:
    case Kind::composite: return false;
  }
  return false;
}

/// Ops whose value is as fast as the fastest of their inputs.
bool is_joining(Kind kind) {
  return kind == Kind::pointwise || kind == Kind::linear || kind == Kind::outer || kind == Kind::view || kind == Kind::matmul ||
         kind == Kind::cumulate || kind == Kind::take || kind == Kind::scatter_add;
}

}  // namespace

void bring_to_one_clock(Graph& graph, const OpDef& op, std::vector<Signal>& inputs, Attributes& attributes) {
  const bool joins = is_joining(op.kind);
  const bool every_frame = runs_every_frame(op.kind) || (joins && std::any_of(inputs.begin(), inputs.end(), is_frame_signal));
  if (every_frame) {
    for (Signal& x : inputs) x = hold(x);
  } else if (op.kind == Kind::reduce && type_of(inputs[0]).clock == Clock::hop) {
    attributes.hop = type_of(inputs[0]).hop;
  } else if (op.kind == Kind::overlap_add && type_of(inputs[0]).clock < Clock::hop) {
    inputs[0] = graph.add(ops::expand, inputs, {.hop = attributes.hop, .shape = type_of(inputs[0]).shape});
  }
}

}  // namespace dgen
