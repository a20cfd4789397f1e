// Every composite as generated C against the interpreter, in blocks of several sizes. All programs are compiled in
// one run of the C compiler.

#include <gtest/gtest.h>

#include <memory>

#include "dgen/delays.h"
#include "dgen/error.h"
#include "dgen/memory.h"
#include "schedule/check_supported.h"
#include "support/end_of_call.h"
#include "support/engines.h"
#include "support/op_inputs.h"
#include "support/play.h"

namespace {

using namespace dgen_test;

constexpr std::int64_t frames = 600;
constexpr double sample_rate = 48000;

/// Whether there is code for all of it yet: the interpreter takes more.
bool is_compiled(const dgen::Graph& g) {
  try {
    dgen::schedule::check_supported(g);
    return true;
  } catch (const dgen::Error&) {
    return false;
  }
}

/// A patch of one op: host inputs where it needs signals, its defaults else. False for a loss, which no stream knows, and where
/// there is no code yet.
bool add_patch(dgen::Graph& g, const dgen::OpDef& op) {
  std::vector<dgen::Operand> inputs;
  for (const dgen::InputDef& input : signature(op).inputs) {
    if (input.optional) break;
    if (input.name == "table")
      inputs.emplace_back(table(g, {1, 2, 3}));
    else if (input.name == "history")
      inputs.emplace_back(dgen::history_cell(g));
    else
      inputs.emplace_back(dgen::testing::shaped(input.name, g.input(static_cast<int>(inputs.size()))));
  }
  dgen::Signal y = g.n(op, inputs, {});
  if (g[y.id].op->kind == dgen::Kind::cell && g[y.id].feedback < 0) g.close(y, y);  // of a loop that history_write closes
  if (g[y.id].type.dtype == dgen::DType::table) y = memory_read(inputs[0].signal, 0.0);
  if (dgen::testing::known_at_the_end(g, y)) return false;
  y = dgen::testing::one_number(y);
  g.output(y);
  return is_compiled(g);
}

struct Patches {
  std::vector<const dgen::OpDef*> ops;
  std::vector<std::unique_ptr<dgen::Graph>> graphs;
  std::vector<dgen::Program> programs;
};

const Patches& patches() {
  static const Patches made = [] {
    Patches all;
    std::vector<const dgen::Graph*> pointers;
    for (const dgen::OpDef* op : dgen::all_ops()) {
      if (op->kind != dgen::Kind::composite) continue;
      auto graph = std::make_unique<dgen::Graph>();
      if (!add_patch(*graph, *op)) continue;
      all.ops.push_back(op);
      all.graphs.push_back(std::move(graph));
      pointers.push_back(all.graphs.back().get());
    }
    all.programs = dgen::compile(pointers);
    return all;
  }();
  return made;
}

/// Positive noise: levels, frequencies, indices and modes alike.
Channels stimulus(int channels) {
  Channels in;
  for (int c = 0; c < channels; ++c) {
    in.push_back(white_noise(frames, static_cast<std::uint32_t>(c + 7)));
    for (double& x : in.back()) x = static_cast<double>(static_cast<float>(std::fabs(x) + 0.01));
  }
  return in;
}

TEST(CompiledComposites, AgreeWithTheInterpreter) {
  for (std::size_t k = 0; k < patches().ops.size(); ++k) {
    const dgen::Graph& g = *patches().graphs[k];
    const Channels in = stimulus(g.inputs());
    const std::vector<double> expected = run(g, Engine::float64, in, frames, sample_rate)[0];
    const std::vector<double> actual = run(patches().programs[k], in, frames, frames, sample_rate)[0];
    double peak = 0, error = 0;
    for (std::size_t n = 0; n < expected.size(); ++n) {
      peak = std::max(peak, std::fabs(expected[n]));
      error = std::max(error, std::fabs(actual[n] - expected[n]));
    }
    // float32: 3e-6 was measured in dcblock, whose pole 0.9997 is rounded; below 1e-6 in most
    EXPECT_LE(error, 4e-6 * std::max(peak, 1e-3)) << patches().ops[k]->name;
  }
}

TEST(CompiledComposites, DoNotDependOnTheBlockSize) {
  for (std::size_t k = 0; k < patches().ops.size(); ++k) {
    const Channels in = stimulus(patches().graphs[k]->inputs());
    const Channels whole = run(patches().programs[k], in, frames, frames, sample_rate);
    for (const std::int64_t block : {1, 7, 64, 128}) {
      EXPECT_EQ(run(patches().programs[k], in, frames, block, sample_rate), whole)
          << patches().ops[k]->name << " in blocks of " << block;
    }
  }
}

}  // namespace
