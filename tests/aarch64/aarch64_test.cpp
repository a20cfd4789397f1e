// The generated C on AArch64: cross-compiled, and run under qemu on the numbers that the ops are tested with here.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dgen/interpreter.h"
#include "ops/pointwise.h"
#include "render/render.h"
#include "runtime/pipeline.h"
#include "support/cross_aarch64.h"
#include "support/disassembly.h"
#include "support/op_accuracy.h"
#include "support/oscillator_bank.h"
#include "support/random_graph.h"
#include "support/temporary_folder.h"

namespace {

using dgen::Graph;
using dgen::OpDef;
using dgen::ir::Scalar;
using dgen::test::Channels;
using dgen::test::CrossProgram;
using dgen::test::CrossRun;
using Graphs = std::vector<std::unique_ptr<Graph>>;
using Points = std::vector<std::vector<double>>;

constexpr int neon_lanes = 4;
constexpr int export_lanes = 8;  // of `dgen export`: two registers a vector here

/// Graphs in one translation unit, built for AArch64.
class Aarch64 : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = dgen::test::missing_for_aarch64(); !missing.empty()) GTEST_SKIP() << missing;
  }

  CrossProgram build(const Graphs& graphs, int lanes) const {
    std::vector<dgen::runtime::Compiled> compiled;
    for (std::size_t k = 0; k < graphs.size(); ++k) {
      compiled.push_back(dgen::runtime::compile_graph(*graphs[k], {.vector_width = lanes}, "p" + std::to_string(k)));
    }
    std::vector<dgen::render::Unit> units;
    std::vector<dgen::test::Descriptor> descriptors;
    for (const dgen::runtime::Compiled& one : compiled) {
      units.push_back({&one.lowered.module, &one.interface});
      descriptors.push_back({.symbol = "dgen_" + one.interface.name + "_descriptor", .outputs = one.lowered.module.outputs});
    }
    return CrossProgram(dgen::render::render_c(units, lanes), descriptors, folder_.path());
  }

 private:
  TemporaryFolder folder_;
};

/// A channel for each input of the op.
Channels channels_of(const Points& points, std::size_t inputs) {
  Channels channels(inputs);
  for (const std::vector<double>& point : points) {
    for (std::size_t k = 0; k < inputs; ++k) channels[k].push_back(static_cast<float>(point[k]));
  }
  return channels;
}

std::unique_ptr<Graph> graph_of(const OpDef& op) {
  auto g = std::make_unique<Graph>();
  std::vector<dgen::Operand> inputs;
  for (std::size_t k = 0; k < dgen::testing::arity(op); ++k) inputs.emplace_back(g->input(static_cast<int>(k)));
  g->output(g->n(op, inputs, {}));
  return g;
}

Points points_of(const OpDef& op) {
  Points points = dgen::testing::special_points(op, Scalar::f32);
  const Points drawn = dgen::testing::domain_points(op, 5000, 3);
  points.insert(points.end(), drawn.begin(), drawn.end());
  for (std::vector<double>& point : points) {
    for (double& x : point) x = dgen::testing::stored(Scalar::f32, x);
  }
  return points;
}

/// Of one op, over all points.
void expect_accurate(const OpDef& op, const Points& points, const std::vector<float>& actual) {
  double worst = 0;
  std::size_t at = 0;
  for (std::size_t n = 0; n < points.size(); ++n) {
    if (dgen::testing::accuracy_exception(op, points[n])) continue;
    const double units = dgen::testing::error_in_units(op, Scalar::f32, points[n], static_cast<double>(actual[n]));
    if (units > worst) worst = units, at = n;
  }
  EXPECT_LE(worst, op.ulp) << op.name << " at " << testing::PrintToString(points[at]) << ": " << actual[at] << ", exact is "
                           << op.meaning(points[at]);
}

TEST_F(Aarch64, EveryPointwiseOpIsAccurate) {
  const std::vector<const OpDef*> ops = dgen::testing::pointwise_ops();
  Graphs graphs;
  std::vector<Points> points;
  std::vector<CrossRun> runs;
  for (const OpDef* op : ops) {
    graphs.push_back(graph_of(*op));
    points.push_back(points_of(*op));
    runs.push_back({.program = static_cast<int>(runs.size()),
                    .in = channels_of(points.back(), dgen::testing::arity(*op)),
                    .frames = static_cast<std::int64_t>(points.back().size())});
  }
  for (const int lanes : {neon_lanes, export_lanes}) {
    SCOPED_TRACE(lanes);
    const std::vector<Channels> results = build(graphs, lanes).run(runs, 4096);
    for (std::size_t k = 0; k < ops.size(); ++k) expect_accurate(*ops[k], points[k], results[k][0]);
  }
}

TEST_F(Aarch64, RandomGraphsWithFeedbackAgreeWithTheInterpreter) {
  constexpr std::int64_t frames = 300;
  Graphs graphs;
  std::vector<Channels> expected;
  std::vector<CrossRun> runs;
  for (std::uint64_t seed = 1; graphs.size() < 40; ++seed) {
    dgen::testing::RandomGraph random = dgen::testing::random_graph(seed);
    const auto input = dgen::testing::random_input(seed, random.graph->inputs(), frames);
    if (dgen::testing::sensitivity(*random.graph, input, frames) > 1e-4) continue;
    CrossRun run{.program = static_cast<int>(runs.size()), .frames = frames};
    for (const auto& channel : input) run.in.emplace_back(channel.begin(), channel.end());
    for (const int param : random.graph->params()) {
      run.params.push_back(static_cast<float>((*random.graph)[param].attributes.param->initial));
    }
    std::vector<std::vector<double>> out(random.graph->outputs().size(), std::vector<double>(frames));
    dgen::Interpreter(*random.graph, 48000).process(input, out, frames);
    Channels wanted;
    for (const auto& channel : out) wanted.emplace_back(channel.begin(), channel.end());
    runs.push_back(std::move(run));
    expected.push_back(std::move(wanted));
    graphs.push_back(std::move(random.graph));
  }
  const CrossProgram program = build(graphs, neon_lanes);
  const std::vector<Channels> whole = program.run(runs, frames);
  EXPECT_EQ(program.run(runs, 7), whole) << "calls of another size give other bits";
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    for (std::size_t c = 0; c < expected[k].size(); ++c) {
      for (std::size_t n = 0; n < expected[k][c].size(); ++n) {
        // A change of 1e-6 moves these graphs by at most 1e-4; rounding to float32, of 6e-8 each, adds up over the nodes.
        const double tolerance = 1e-3 * std::max(1.0, std::fabs(static_cast<double>(expected[k][c][n])));
        ASSERT_NEAR(whole[k][c][n], expected[k][c][n], tolerance) << "graph " << k << ", output " << c << ", frame " << n;
      }
    }
  }
}

TEST_F(Aarch64, ParallelKernelsUsePackedNeon) {
  Graphs graphs;
  graphs.push_back(std::make_unique<Graph>());
  dgen::test::add_oscillator_bank(*graphs[0], 16);
  dgen::test::InstructionCount all;
  bool multiplies_packed = false;
  for (const dgen::test::Disassembly& function : dgen::test::read_disassembly(build(graphs, neon_lanes).disassembly())) {
    if (function.name.find("_stage_") == std::string::npos) continue;
    const dgen::test::InstructionCount count = dgen::test::count_instructions(function);
    EXPECT_EQ(count.calls, 0) << function.name;
    if (function.name.find("_parallel") == std::string::npos) continue;
    all.packed += count.packed, all.scalar += count.scalar;
    for (const std::string& text : function.instructions)
      multiplies_packed |= text.starts_with("fml") && text.find(".4s") != std::string::npos;
  }
  EXPECT_GT(all.packed, 4 * 16);  // a rotation for each takes four
  EXPECT_GT(all.packed, 9 * all.scalar) << all.packed << " packed, " << all.scalar << " scalar";
  EXPECT_TRUE(multiplies_packed) << "no fmla of four floats";
}

}  // namespace
