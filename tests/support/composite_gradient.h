#pragma once
// Every composite in a small use with its gradients, for suites that compare back ends.

#include <memory>
#include <string>
#include <vector>

#include "dgen/delays.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/memory.h"
#include "dgen/time.h"
#include "support/end_of_call.h"
#include "support/op_inputs.h"

namespace dgen::testing {

/// A composite on host inputs where it needs signals, on parameters for what has defaults.
struct Composite {
  const OpDef* op = nullptr;
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  std::vector<Signal> wanted;
};

inline Composite composite_patch(const OpDef& op) {
  Composite made{.op = &op};
  Graph& g = *made.graph;
  std::vector<Operand> inputs;
  std::vector<Signal> sources;
  for (const InputDef& input : signature(op).inputs) {
    if (input.optional) {
      sources.push_back(g.param(std::string(input.name), input.initial));
    } else if (input.name == "table") {
      inputs.emplace_back(table(g, {1, 2, 3}));
      continue;
    } else if (input.name == "history") {
      inputs.emplace_back(history_cell(g));
      continue;
    } else {
      sources.push_back(g.input(static_cast<int>(inputs.size())));
    }
    inputs.emplace_back(shaped(input.name, sources.back()));
  }
  Signal y{};
  try {
    y = g.n(op, inputs, {});
  } catch (const Error&) {  // an input that must be a constant: take all defaults
    inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(signature(op).required()), inputs.end());
    y = g.n(op, inputs, {});
  }
  if (g[y.id].op->kind == Kind::cell && g[y.id].feedback < 0) g.close(y, y);  // of a loop that history_write closes
  if (g[y.id].type.dtype == DType::table) y = memory_read(inputs[0].signal, 0.0);
  y = one_number(y);
  const Signal loss = known_at_the_end(g, y) ? y : ops::time_sum(y * noise(g, 5));
  for (const Signal d : gradient(loss, sources).of) {
    if (d) made.wanted.push_back(d);
  }
  made.wanted.push_back(loss);
  return made;
}

}  // namespace dgen::testing
