#include "runtime/choose_backend.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dgen/dgen.h"
#include "runtime/device_program.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

const DeviceInfo gpu{.backend = Backend::opencl, .name = "A GPU", .gpu = true};

/// What automatic would choose if there were a GPU.
runtime::Choice choice_of(const Graph& g, std::int64_t frames) {
  const Graph* const graphs[] = {&g};
  const std::string names[] = {"patch"};
  const auto programs = runtime::device_programs(Backend::opencl, graphs, names, render::opencl_dialect(),
                                                 [](const std::string&) { return nullptr; });
  const lower::DeviceLowered* const lowered[] = {&programs[0]->device->lowered};
  return runtime::choose_backend(gpu, runtime::estimate(lowered, frames));
}

void add_partials(Graph& g) {
  Signal sum = g.constant(0);
  for (int k = 1; k <= 100; ++k) sum = sum + exp(sin(k * g.input())) * cos(0.3 * k * g.input());
  g.output(sum);
}

TEST(ChooseBackend, TakesAGpuForMuchThatIsParallel) {
  Graph g;
  add_partials(g);
  const runtime::Choice choice = choice_of(g, 4096);
  EXPECT_EQ(choice.backend, Backend::opencl) << choice.why;
  EXPECT_NE(choice.why.find("opencl: a call of 4096 frames takes about "), std::string::npos) << choice.why;
  EXPECT_NE(choice.why.find("1 kernel of up to 4096 threads"), std::string::npos) << choice.why;
}

TEST(ChooseBackend, TakesTheCpuForShortCalls) {
  Graph g;
  add_partials(g);
  EXPECT_EQ(choice_of(g, 64).backend, Backend::cpu);
}

TEST(ChooseBackend, TakesTheCpuForANonlinearLoop) {
  Graph g;
  const Signal state = ops::cell(g.constant(0));
  g.close(state, tanh(0.5 * state + g.input()));
  g.output(state);
  for (const std::int64_t frames : {4096, 16384}) {
    const runtime::Choice choice = choice_of(g, frames);
    EXPECT_EQ(choice.backend, Backend::cpu);
    EXPECT_NE(choice.why.find("loops, 1 thread"), std::string::npos) << choice.why;
  }
}

TEST(ChooseBackend, ResolvesAutomatic) {
  Graph g;
  add_partials(g);
  const Program program = compile(g, {.backend = Backend::automatic});
  EXPECT_NE(program.backend(), Backend::automatic);
  EXPECT_EQ(program.choice().rfind(to_string(program.backend()), 0), 0u) << program.choice();
  EXPECT_EQ(explain(g, {.backend = Backend::automatic}).choice, program.choice());
  const Signal wanted[] = {ops::time_sum(g.input())};
  const SegmentProgram segment = compile_segment(wanted, {.compile = {.backend = Backend::automatic}});
  EXPECT_EQ(segment.explain().rfind(segment.choice() + "\n", 0), 0u);
  const std::vector<DeviceInfo> all = devices();
  const bool gpus = std::any_of(all.begin(), all.end(), [](const DeviceInfo& one) { return one.gpu; });
  EXPECT_TRUE(gpus || program.backend() == Backend::cpu) << "PoCL is no GPU";
}

TEST(Polyphony, RefusesThreadsOutOfRange) {
  Graph g;
  g.output(g.param("gate", 0, {.min = 0, .max = 1}) * sin(phasor(g.param("freq", 440))));
  const VoiceProgram program = compile_voices(g, 2, VoiceLayout::copies);
  for (const int threads : {-1, 1025})
    expect_error(ErrorCode::bad_value, "it must be 0 … 1024", [&] { Polyphony(program, 48000, threads); });
  EXPECT_EQ(compile_voices(g, 2, VoiceLayout::copies, {.backend = Backend::automatic}).program.backend(), Backend::cpu);
}

}  // namespace
