// Checks that hold for every composite, found by walking the op table: a new one is tested by existing.

#include <gtest/gtest.h>

#include <array>

#include "dgen/delays.h"
#include "dgen/memory.h"
#include "dgen/segment.h"
#include "support/end_of_call.h"
#include "support/expect_error.h"
#include "support/op_inputs.h"
#include "support/play.h"

namespace {

using namespace dgen_test;
using dgen::ErrorCode;

class EveryComposite : public testing::TestWithParam<const dgen::OpDef*> {
 protected:
  /// Fitting inputs for the required ones: host inputs, but tables and histories where the record names them so.
  static std::vector<dgen::Operand> required_inputs(dgen::Graph& g) {
    std::vector<dgen::Operand> inputs;
    for (const dgen::InputDef& input : signature(*GetParam()).inputs) {
      if (input.optional) break;
      if (input.name == "table")
        inputs.emplace_back(table(g, {1, 2, 3}));
      else if (input.name == "history")
        inputs.emplace_back(dgen::history_cell(g));
      else
        inputs.emplace_back(dgen::testing::shaped(input.name, g.input(static_cast<int>(inputs.size()))));
    }
    return inputs;
  }
};

TEST_P(EveryComposite, PlaysWithItsDefaultsTheSameInEveryBlockSize) {
  dgen::Graph g;
  const dgen::Signal y = dgen::testing::one_number(g.n(*GetParam(), required_inputs(g), {}));
  if (g[y.id].type.dtype != dgen::DType::signal) return;                            // a table is not to be heard
  if (g[y.id].op->kind == dgen::Kind::cell && g[y.id].feedback < 0) g.close(y, y);  // of a loop that history_write closes
  Channels in;
  for (int c = 0; c < g.inputs(); ++c) in.push_back(white_noise(200, static_cast<std::uint32_t>(c + 1)));
  for (auto& channel : in) {
    for (double& x : channel) x = std::fabs(x) + 0.01;  // levels and frequencies are positive
  }
  if (dgen::testing::known_at_the_end(g, y)) {  // a loss: of a segment
    const std::array<dgen::Signal, 1> wanted{y};
    ASSERT_TRUE(std::isfinite(dgen::SegmentInterpreter(g, wanted, 48000).evaluate(in, 200)[0][0]));
    return;
  }
  for (const double value : play(y, 200, in)) ASSERT_TRUE(std::isfinite(value));
}

TEST_P(EveryComposite, TakesAsManyInputsAsItSays) {
  dgen::Graph g;
  const dgen::Signature wanted = signature(*GetParam());
  std::vector<dgen::Operand> inputs = required_inputs(g);
  if (!inputs.empty()) {
    inputs.pop_back();
    expect_error(ErrorCode::bad_arity, std::string(GetParam()->name) + ": takes ", [&] { g.n(*GetParam(), inputs, {}); });
  }
  inputs.resize(wanted.inputs.size() + 1, dgen::Operand(1.0));
  if (!wanted.variadic) expect_error(ErrorCode::bad_arity, "got", [&] { g.n(*GetParam(), inputs, {}); });
}

TEST_P(EveryComposite, RefusesSignalsOfAnotherGraph) {
  dgen::Graph g, other;
  std::vector<dgen::Operand> inputs = required_inputs(g);
  if (inputs.empty()) return;
  inputs.back() = dgen::Operand(other.input());
  expect_error(ErrorCode::mixed_graphs, "belongs to another graph", [&] { g.n(*GetParam(), inputs, {}); });
}

std::vector<const dgen::OpDef*> composites() {
  std::vector<const dgen::OpDef*> found;
  for (const dgen::OpDef* op : dgen::all_ops()) {
    if (op->kind == dgen::Kind::composite) found.push_back(op);
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryComposite, testing::ValuesIn(composites()),
                         [](const auto& op) { return std::string(op.param->name); });

}  // namespace
