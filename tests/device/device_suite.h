#pragma once
// What every back end of a device must compute: ops, composites and random graphs, merged into few programs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "dgen/compare.h"
#include "dgen/delays.h"
#include "dgen/math.h"
#include "dgen/memory.h"
#include "dgen/time.h"
#include "ops/pointwise.h"
#include "support/end_of_call.h"
#include "support/engines.h"
#include "support/merge_graphs.h"
#include "support/op_accuracy.h"
#include "support/op_inputs.h"
#include "support/play.h"
#include "support/random_graph.h"

namespace device_suite {

using namespace dgen;
using dgen_test::Channels;
using Points = std::vector<std::vector<double>>;
using Compile = std::function<Program(const Graph&)>;
using Accepts = std::function<bool(const Graph&)>;          ///< whether the back end takes a graph at all
using Chosen = std::function<bool(std::string_view name)>;  ///< whether a case is run

constexpr double rate = 48000;

inline std::unique_ptr<Graph> graph_of_op(const OpDef& op, bool in_loop) {
  auto g = std::make_unique<Graph>();
  std::vector<Operand> x;
  for (std::size_t k = 0; k < dgen::testing::arity(op); ++k) x.emplace_back(g->input(static_cast<int>(k)));
  Signal never{};
  if (in_loop) {  // its state is always 0, which the compiler cannot know
    never = ops::cell(g->constant(0));
    for (Operand& input : x) input = select(never, 1.0, input.signal);
  }
  const Signal y = g->n(op, x, {});
  if (in_loop) g->close(never, lt(y, -std::numeric_limits<double>::infinity()));
  g->output(y);
  return g;
}

/// Channels of the points; those that the op has not are silent.
inline Channels columns_of(const Points& points, int channels) {
  Channels in(static_cast<std::size_t>(channels), std::vector<double>(points.size()));
  for (std::size_t n = 0; n < points.size(); ++n) {
    for (std::size_t k = 0; k < points[n].size(); ++k) in[k][n] = points[n][k];
  }
  return in;
}

/// Every pointwise op, by a work item a frame and in a loop, on its domain and at special numbers.
inline void check_ops(const Compile& compile, const Accepts& accepts) {
  Graph merged;
  std::vector<const OpDef*> tested;
  for (const OpDef* op : dgen::testing::pointwise_ops()) {
    if (!accepts(*graph_of_op(*op, false))) continue;
    tested.push_back(op);
    for (const bool in_loop : {false, true})
      dgen::testing::merge(merged, *graph_of_op(*op, in_loop), std::string(op->name) + (in_loop ? "_loop_" : "_"));
  }
  EXPECT_GE(tested.size(), 30u);
  const Program program = compile(merged);
  for (std::size_t k = 0; k < tested.size(); ++k) {
    const OpDef& op = *tested[k];
    Points points = dgen::testing::domain_points(op, 500, 2);
    for (const std::vector<double>& special : dgen::testing::special_points(op, ir::Scalar::f32)) points.push_back(special);
    for (std::vector<double>& point : points) {
      for (double& x : point) x = dgen::testing::stored(ir::Scalar::f32, x);
    }
    std::erase_if(points, [&](const auto& x) { return dgen::testing::accuracy_exception(op, x) != nullptr; });
    const auto frames = static_cast<std::int64_t>(points.size());
    const Channels y = dgen_test::run(program, columns_of(points, merged.inputs()), frames, frames, rate);
    for (const std::size_t output : {2 * k, 2 * k + 1}) {
      for (std::size_t n = 0; n < points.size(); ++n) {
        ASSERT_LE(dgen::testing::error_in_units(op, ir::Scalar::f32, points[n], y[output][n]), op.ulp)
            << op.name << (output % 2 ? " in a loop" : "") << " at " << ::testing::PrintToString(points[n]) << ": "
            << y[output][n] << ", exact is " << op.meaning(points[n]);
      }
    }
  }
}

/// Outputs of a program in several block sizes against the interpreter, to `tolerance` of the peak of each.
inline void expect_parity(const Graph& g, const Program& program, const Channels& in, std::int64_t frames, double tolerance,
                          std::vector<std::int64_t> blocks = {64, 7}) {
  const Channels expected = dgen_test::run(g, dgen_test::Engine::float64, in, frames, rate);
  blocks.push_back(frames);
  for (const std::int64_t block : blocks) {
    const Channels actual = dgen_test::run(program, in, frames, block, rate);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      double peak = 1e-3;
      for (const double x : expected[c]) peak = std::isfinite(x) ? std::max(peak, std::fabs(x)) : peak;
      for (std::size_t n = 0; n < expected[c].size(); ++n) {
        const double a = actual[c][n], e = expected[c][n];
        const bool near = std::fabs(a - e) <= tolerance * peak || a == e || (std::isnan(a) && std::isnan(e));
        ASSERT_TRUE(near) << g.outputs()[c].name << " at frame " << n << " in blocks of " << block << " is " << a << ", exact "
                          << e;
      }
    }
  }
}

/// Two coupled states that run away until they are reset.
inline void check_reset(const Compile& compile) {
  Graph g;
  const Signal x = g.input(), reset = ops::gt(g.input(1), 0.0);
  const Signal a = ops::cell(g.constant(0)), b = ops::cell(g.constant(0));
  g.close(a, select(reset, 0.0, 4.0 * b + x));
  g.close(b, select(reset, 0.0, 4.1 * a + x));
  g.output(select(gt(frame_index(g), 150.5), a, 0.0));
  Channels in{std::vector<double>(170, 1.0), std::vector<double>(170)};
  in[1][150] = 1;
  expect_parity(g, compile(g), in, 170, 1e-6);
}

/// A loop whose matrix changes in every frame.
inline void check_moving_loop(const Compile& compile) {
  Graph g;
  const Signal x = g.input();
  std::vector<Signal> states, next;
  for (int k = 0; k < 3; ++k) states.push_back(ops::cell(g.constant(0)));
  for (int row = 0; row < 3; ++row) {
    next.push_back(x);
    for (int k = 0; k < 3; ++k)
      next.back() = next.back() + sin(x * (1.0 + 3 * row + k)) * 0.3 * states[static_cast<std::size_t>(k)];
  }
  for (std::size_t k = 0; k < 3; ++k) g.close(states[k], next[k]);
  g.output(next[0] - next[2]);
  Channels in{std::vector<double>(300)};
  for (std::size_t n = 0; n < in[0].size(); ++n) in[0][n] = std::cos(0.37 * static_cast<double>(n));
  expect_parity(g, compile(g), in, 300, 1e-5);
}

inline bool has_scalars_only(const Graph& g) {
  return std::ranges::all_of(g.nodes(), [](const Node& node) {
    return node.type.dtype != DType::signal || (node.type.shape.rank == 0 && node.type.clock != Clock::hop);
  });
}

/// A composite of host inputs, its optional inputs at their defaults; null where it is no stream of scalars.
inline std::unique_ptr<Graph> graph_of_composite(const OpDef& op) {
  auto g = std::make_unique<Graph>();
  std::vector<Operand> inputs;
  for (const InputDef& input : signature(op).inputs) {
    if (input.optional) break;
    if (input.name == "table")
      inputs.emplace_back(table(*g, {1, 2, 3}));
    else if (input.name == "history")
      inputs.emplace_back(history_cell(*g));
    else
      inputs.emplace_back(dgen::testing::shaped(input.name, g->input(static_cast<int>(inputs.size()))));
  }
  Signal y = g->n(op, inputs, {});
  if ((*g)[y.id].op->kind == Kind::cell && (*g)[y.id].feedback < 0) g->close(y, y);
  if ((*g)[y.id].type.dtype == DType::table) y = memory_read(inputs[0].signal, 0.0);
  if (dgen::testing::known_at_the_end(*g, y) || !has_scalars_only(*g)) return nullptr;
  g->output(y);
  return g;
}

/// Every composite, and frames of more than one chunk of a scan.
inline void check_composites(const Compile& compile, const Accepts& accepts) {
  Graph merged;
  std::size_t count = 0;
  for (const OpDef* op : all_ops()) {
    if (op->kind != Kind::composite) continue;
    const auto g = graph_of_composite(*op);
    if (!g || !accepts(*g)) continue;
    dgen::testing::merge(merged, *g, std::string(op->name) + "_");
    ++count;
  }
  EXPECT_GE(count, 25u);
  constexpr std::int64_t frames = 600;
  Channels in;
  for (int c = 0; c < merged.inputs(); ++c) {
    in.push_back(dgen_test::white_noise(frames, static_cast<std::uint32_t>(c + 7)));
    for (double& x : in.back()) x = static_cast<double>(static_cast<float>(std::fabs(x) + 0.01));
  }
  expect_parity(merged, compile(merged), in, frames, 4e-6);  // as C: a pole of 0.9997 is rounded
}

/// Random graphs that amplify no rounding. Those with loops through long delays run in short blocks, so they are apart.
inline void check_random_graphs(const Compile& compile, int wanted, std::uint64_t seed, const Accepts& accepts) {
  constexpr std::int64_t frames = 300;
  constexpr double tolerance = 1e-4;
  if (const char* asked = std::getenv("DGEN_RANDOM_GRAPHS")) wanted = std::atoi(asked);
  Graph merged[2];
  const Channels in = dgen::testing::random_input(seed, 4, frames);
  for (int drawn = 0; drawn < wanted; ++seed) {
    const auto random = dgen::testing::random_graph(seed);
    if (!accepts(*random.graph)) continue;
    if (!(dgen::testing::sensitivity(*random.graph, in, frames, rate) < tolerance)) continue;
    if (!(dgen::testing::rounding_sensitivity(*random.graph, in, frames, rate) < tolerance)) continue;
    const bool lines = std::ranges::any_of(random.graph->nodes(), [](const Node& n) { return n.op->kind == Kind::line; });
    dgen::testing::merge(merged[lines ? 1 : 0], *random.graph, "g" + std::to_string(seed) + "_");
    ++drawn;
  }
  for (const Graph& g : merged) {
    if (!g.outputs().empty()) expect_parity(g, compile(g), in, frames, tolerance);
  }
}

}  // namespace device_suite
