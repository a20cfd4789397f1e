#include <gtest/gtest.h>

#include <memory>

#include "dgen/dgen.h"

namespace {

using namespace dgen;

/// y[n] = x[n] + gain y[n-1], as a program that does not depend on the graph it came from.
Program echo() {
  Graph graph;
  const Signal before = graph.name(graph.n(ops::cell, {0.25}), "memory");
  const Signal y = graph.input() + graph.param("gain", 0.5, {.min = 0, .max = 1}) * before;
  graph.close(before, y);
  graph.output(y);
  return compile(graph, {.backend = Backend::interpreter, .name = "echo"});
}

std::vector<float> run(Instance& instance, std::vector<float> x) {
  std::vector<float> y(x.size());
  const float* const in[] = {x.data()};
  float* const out[] = {y.data()};
  instance.process(in, out, static_cast<std::int64_t>(x.size()));
  return y;
}

TEST(InterpretedProgram, RunsAfterItsGraphIsGone) {
  const Program program = echo();
  EXPECT_EQ(program.inputs(), 1);
  EXPECT_EQ(program.outputs(), 1);
  EXPECT_EQ(program.source(), "");
  Instance instance(program, 48000);
  EXPECT_EQ(run(instance, {1, 0, 0}), (std::vector<float>{1.125f, 0.5625f, 0.28125f}));
  instance.set("gain", 7);
  EXPECT_EQ(run(instance, {0, 0}), (std::vector<float>{0.28125f, 0.28125f})) << "clamped to 1";
}

TEST(InterpretedProgram, ResetsSavesAndRestores) {
  const Program program = echo();
  Instance instance(program, 48000), copy(program, 48000);
  const std::vector<float> first = run(instance, {1, 2, 3});
  const SavedState saved = instance.save();
  EXPECT_EQ(saved.at("frame"), std::vector<double>{3});
  copy.restore(saved);
  EXPECT_EQ(run(copy, {4, 5}), run(instance, {4, 5}));
  instance.reset();
  EXPECT_EQ(run(instance, {1, 2, 3}), first);
}

TEST(InterpretedProgram, TakesSilenceForMissingInputs) {
  Instance instance(echo(), 48000);
  float y = 0;
  float* const out[] = {&y};
  instance.process(nullptr, out, 1);
  EXPECT_EQ(y, 0.125f);
}

}  // namespace
