// Every composite on a batch: each lane is what it is alone, and none knows of the others, forward and backward. Found by
// walking the op table: a new one is tested by existing. One compiled program each; singles run in the interpreter.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "dgen/batch.h"
#include "dgen/delays.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/memory.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "support/end_of_call.h"
#include "support/op_inputs.h"
#include "support/random_graph.h"
#include "support/segment_parity.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 80;
constexpr int lanes = 3;

/// An op with a lane for each of `count` examples, or one number where that is 0.
struct Patch {
  Graph g;
  std::vector<Signal> wanted;  ///< results by lane, then the derivatives by every host channel

  Patch(const OpDef& op, int count) {
    const Shape shape = count == 0 ? Shape{} : extents({count});
    std::vector<Operand> inputs;
    int number = 0;
    for (const InputDef& input : signature(op).inputs) {
      if (input.optional) break;
      if (input.name == "table")
        inputs.emplace_back(table(g, {1, -2, 3, 0.5}));
      else if (input.name == "history")
        inputs.emplace_back(ops::history_read(expand(g.constant(0), shape)));
      else
        inputs.emplace_back(dgen::testing::shaped(input.name, host_input(number++, count)));
    }
    Signal y = g.n(op, inputs, {});
    if (g[y.id].op->kind == Kind::cell && g[y.id].feedback < 0) g.close(y, y);  // of a loop that history_write closes
    if (g[y.id].type.dtype == DType::table) y = memory_read(inputs[0].signal, 0.0);
    y = dgen::testing::one_number(y, shape);
    if (g[y.id].type.clock == Clock::hop) y = hold(y);
    for (int lane = 0; lane < std::max(1, count); ++lane) wanted.push_back(count == 0 ? y : element(y, 0, lane));
    const Signal loss = dgen::testing::known_at_the_end(g, y) ? y : ops::time_sum(y * noise(g, 77));
    std::vector<Signal> channels;
    for (int c = 0; c < g.inputs(); ++c) channels.push_back(g.input(c));
    for (const Signal d : gradient(sum_to(loss, {}), channels).of) wanted.push_back(d ? d : 0.0 * channels[0]);
  }

 private:
  Signal host_input(int number, int count) { return count == 0 ? g.input(number) : batch(g, count).input(number); }
};

/// Levels, frequencies, indices and times of every lane.
Channels stimulus(int channels) {
  Channels in = dgen::testing::random_input(5, channels, frames);
  for (auto& channel : in) {
    for (double& x : channel) x = static_cast<double>(static_cast<float>(0.6 + 0.4 * x));
  }
  return in;
}

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// The channels, or the results, of one lane.
Channels of_lane(const Channels& all, int lane) {
  Channels own;
  for (std::size_t c = at(lane); c < all.size(); c += lanes) own.push_back(all[c]);
  return own;
}

struct Case {
  const OpDef* op;
  std::unique_ptr<Patch> single, together;
};

/// Whether an op is compiled here: those that remember something, one of each family of equal loops.
bool is_compiled(const Case& one) {
  const auto nodes = one.together->g.nodes();
  const bool remembers = std::any_of(nodes.begin(), nodes.end(),
                                     [](const Node& node) { return node.op->kind == Kind::cell || node.op->kind == Kind::line; });
  return remembers && !one.op->name.starts_with("svf_") && !one.op->name.starts_with("biquad_");
}

/// A table that is written is one for all lanes.
std::vector<Case> cases() {
  std::vector<Case> made;
  for (const OpDef* op : all_ops()) {
    if (op->kind != Kind::composite || signature(*op).required() == 0) continue;
    if (op->name == "history_read" || op->name == "memory_write") continue;
    SCOPED_TRACE(op->name);
    made.push_back({op, std::make_unique<Patch>(*op, 0), std::make_unique<Patch>(*op, lanes)});
  }
  return made;
}

TEST(BatchedComposites, AreWhatEachLaneIsAlone) {
  std::vector<std::vector<Signal>> wanted;
  const std::vector<Case> all = cases();
  for (const Case& one : all) {
    if (is_compiled(one)) wanted.push_back(one.together->wanted);
  }
  const std::vector<SegmentProgram> programs = compile_segments(wanted);
  auto program = programs.begin();
  for (const Case& one : all) {
    SCOPED_TRACE(one.op->name);
    Channels in = stimulus(one.together->g.inputs());
    std::vector<Channels> alone;
    for (int lane = 0; lane < lanes; ++lane)
      alone.push_back(SegmentInterpreter(one.single->g, one.single->wanted, 48000).evaluate(of_lane(in, lane), frames));
    const Channels interpreted = SegmentInterpreter(one.together->g, one.together->wanted, 48000).evaluate(in, frames);
    for (int lane = 0; lane < lanes; ++lane)
      EXPECT_LT(dgen::testing::difference(alone[at(lane)], of_lane(interpreted, lane), 1e-3), 1e-9) << "lane " << lane;
    if (!is_compiled(one)) continue;
    const Channels compiled = dgen::testing::results(*program, in, frames);
    for (int lane = 0; lane < lanes; ++lane)
      EXPECT_LT(dgen::testing::difference(alone[at(lane)], of_lane(compiled, lane), 1e-3), 1e-5) << "compiled, lane " << lane;
    for (std::size_t c = 1; c < in.size(); c += lanes) {
      for (double& x : in[c]) x = 1.3 - x;
    }
    const Channels changed = dgen::testing::results(*program++, in, frames);
    for (const int lane : {0, 2}) EXPECT_EQ(of_lane(changed, lane), of_lane(compiled, lane)) << "lane " << lane;
  }
  EXPECT_EQ(program, programs.end());
}

}  // namespace
