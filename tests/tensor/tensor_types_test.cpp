// Shapes and clocks of values, and what does not fit.

#include <gtest/gtest.h>

#include "dgen/delays.h"
#include "dgen/math.h"
#include "dgen/spectral.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

std::string type_of(Signal s) { return to_string((*s.graph)[s.id].type); }

TEST(TensorTypes, FollowShapesAndClocks) {
  Graph g;
  const Signal frames = window(g.input(), 8, 3);
  EXPECT_EQ(type_of(frames), "hop(3) [8]");
  EXPECT_EQ(type_of(sum(frames)), "hop(3)");
  EXPECT_EQ(type_of(mean(frames) * g.param("gain", 1)), "hop(3)");
  EXPECT_EQ(type_of(frames * tensor(g, std::vector<double>(16, 1.0), extents({2, 8}))), "hop(3) [2, 8]");
  EXPECT_EQ(type_of(linear(frames, tensor(g, std::vector<double>(40, 1.0), extents({5, 8})))), "hop(3) [5]");
  EXPECT_EQ(type_of(overlap_add(frames)), "frame");
  EXPECT_EQ(type_of(hold(sum(frames))), "frame");
  EXPECT_EQ(type_of(reshape(frames, extents({4, 2}))), "hop(3) [4, 2]");
  EXPECT_EQ(type_of(sum(reshape(frames, extents({4, 2})))), "hop(3) [4]");
  EXPECT_EQ(type_of(g.input() * tensor(g, {1, 2, 3})), "frame [3]");
  EXPECT_EQ(type_of(ops::time_sum(frames)), "control [8]");
  EXPECT_EQ(type_of(tick_frame(g, 4)), "hop(4)");
}

TEST(TensorTypes, AHopValueThatMeetsFramesIsHeldVisibly) {
  Graph g;
  const Signal level = sum(window(g.input(), 8, 4));
  const Signal y = level * g.input();
  EXPECT_EQ(type_of(y), "frame");
  EXPECT_EQ(g[g[y.id].inputs[0]].op->kind, Kind::hold);
  g.output(level);
  EXPECT_EQ(g[g.outputs()[0].node].op->kind, Kind::hold);
  const Signal delayed = delay(level, 3.0, 8.0);
  EXPECT_EQ(type_of(delayed), "frame");
}

TEST(TensorTypes, TwoHopsNeverJoinSilently) {
  Graph g;
  const Signal a = sum(window(g.input(), 8, 4)), b = sum(window(g.input(), 8, 3));
  expect_error(ErrorCode::bad_type, "joins hops of 4 and 3 frames", [&] { a + b; });
  EXPECT_EQ(type_of(hold(a) + hold(b)), "frame");
}

TEST(TensorTypes, ErrorsNameShapesOpAndNode) {
  Graph g;
  const Signal frames = window(g.name(g.input(), "voice"), 8, 3);
  expect_error(ErrorCode::bad_type, "add (tensor_types_test.cpp:57): tensor: shapes", [&] { frames + tensor(g, {1, 2, 3}); });
  expect_error(ErrorCode::bad_type, "[8] and [3] do not broadcast", [&] { frames + tensor(g, {1, 2, 3}); });
  expect_error(ErrorCode::bad_type, "takes", [&] { linear(frames, tensor(g, std::vector<double>(6, 1.0), extents({2, 3}))); });
  expect_error(ErrorCode::bad_type, "an audio output takes one signal", [&] { g.output(frames); });
  expect_error(ErrorCode::bad_type, "takes frames on a hop clock", [&] { overlap_add(g.input()); });
  expect_error(ErrorCode::limit_exceeded, "it may be read for 1024", [&] { delay(window(g.input(), 1025, 4), 1.0, 8.0); });
  expect_error(ErrorCode::bad_type, "without an axis", [&] { sum(g.input()); });
  expect_error(ErrorCode::bad_type, "cannot be reshaped to [3]", [&] { reshape(frames, extents({3})); });
  expect_error(ErrorCode::bad_type, "does not broadcast to [3]", [&] { expand(frames, extents({3})); });
  expect_error(ErrorCode::bad_type, "[3] does not broadcast to it", [&] { sum_to(frames, extents({3})); });
  expect_error(ErrorCode::limit_exceeded, "it must be 1 … 1048576", [&] { window(g.input(), (1 << 20) + 1); });
  expect_error(ErrorCode::bad_value, "the hop is 0 frames", [&] { window(g.input(), 4, 0); });
  expect_error(ErrorCode::bad_value, "3 numbers for the shape [2, 2]", [&] {
    tensor(g, std::vector<double>{1, 2, 3}, extents({2, 2}));
  });
  const Signal state = ops::cell(0.0 * g.input());
  expect_error(ErrorCode::bad_type, "give the history an initial value of that shape", [&] {
    g.close(state, g.input() * tensor(g, {1, 2}));
  });
  expect_error(ErrorCode::bad_value, "it must be even", [&] { spectral_loss(g.input(), 0.0, {.window = 63}); });
  expect_error(ErrorCode::bad_value, "spectral_loss: window", [&] { spectral_loss(g.input(), 0.0, {.window = 16384}); });
}

}  // namespace
