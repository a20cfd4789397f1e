// The generated C on AArch64: cross-compiled, and run under qemu on the numbers that the ops are tested with here.

#include <gtest/gtest.h>

#include "ops/pointwise.h"
#include "render/render.h"
#include "runtime/pipeline.h"
#include "support/cross_aarch64.h"
#include "support/disassembly.h"
#include "support/op_accuracy.h"
#include "support/oscillator_bank.h"
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

/// Graphs in one translation unit, built for AArch64.
class Aarch64 : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = dgen::test::missing_for_aarch64(); !missing.empty()) GTEST_SKIP() << missing;
  }

  CrossProgram build(const Graphs& graphs) const {
    std::vector<dgen::runtime::Compiled> compiled;
    for (std::size_t k = 0; k < graphs.size(); ++k) {
      compiled.push_back(dgen::runtime::compile_graph(*graphs[k], {.vector_width = neon_lanes}, "p" + std::to_string(k)));
    }
    std::vector<dgen::render::Unit> units;
    std::vector<dgen::test::Descriptor> descriptors;
    for (const dgen::runtime::Compiled& one : compiled) {
      units.push_back({&one.lowered.module, &one.interface});
      descriptors.push_back({.symbol = "dgen_" + one.interface.name + "_descriptor", .outputs = one.lowered.module.outputs});
    }
    return CrossProgram(dgen::render::render_c(units, neon_lanes), descriptors, folder_.path());
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
  const std::vector<Channels> results = build(graphs).run(runs, 4096);
  for (std::size_t k = 0; k < ops.size(); ++k) {
    double worst = 0;
    std::size_t at = 0;
    for (std::size_t n = 0; n < points[k].size(); ++n) {
      if (dgen::testing::accuracy_exception(*ops[k], points[k][n])) continue;
      const double units =
          dgen::testing::error_in_units(*ops[k], Scalar::f32, points[k][n], static_cast<double>(results[k][0][n]));
      if (units > worst) worst = units, at = n;
    }
    EXPECT_LE(worst, ops[k]->ulp) << ops[k]->name << " at " << testing::PrintToString(points[k][at]) << ": " << results[k][0][at]
                                  << ", exact is " << ops[k]->meaning(points[k][at]);
  }
}

TEST_F(Aarch64, ParallelKernelsUsePackedNeon) {
  Graphs graphs;
  graphs.push_back(std::make_unique<Graph>());
  dgen::test::add_oscillator_bank(*graphs[0], 16);
  dgen::test::InstructionCount all;
  bool multiplies_packed = false;
  for (const dgen::test::Disassembly& function : dgen::test::read_disassembly(build(graphs).disassembly())) {
    if (function.name.find("_stage_") == std::string::npos) continue;
    const dgen::test::InstructionCount count = dgen::test::count_instructions(function);
    EXPECT_EQ(count.calls, 0) << function.name;
    if (function.name.find("_parallel") == std::string::npos) continue;
    all.packed += count.packed, all.scalar += count.scalar;
    for (const std::string& text : function.instructions)
      multiplies_packed |= text.starts_with("fml") && text.find(".4s") != std::string::npos;
  }
  EXPECT_GT(all.packed, 100);
  EXPECT_GT(all.packed, 9 * all.scalar) << all.packed << " packed, " << all.scalar << " scalar";
  EXPECT_TRUE(multiplies_packed) << "no fmla of four floats";
}

}  // namespace
