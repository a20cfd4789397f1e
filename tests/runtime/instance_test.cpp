#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

#include "dgen/error.h"
#include "dgen/program.h"
#include "runtime/sample_program.h"

namespace {

using dgen::Error;
using dgen::ErrorCode;
using dgen::Instance;
using dgen::Program;
using dgen::SavedState;

std::vector<float> run(Instance& instance, int frames, int block = 1 << 20) {
  std::vector<float> in(static_cast<std::size_t>(frames)), out(in.size());
  std::iota(in.begin(), in.end(), 1.0f);
  for (int at = 0; at < frames; at += block) {
    const float* const inputs[] = {in.data() + at};
    float* const outputs[] = {out.data() + at};
    instance.process(inputs, outputs, std::min(block, frames - at));
  }
  return out;
}

template <typename Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::syntax, ""};
}

TEST(Program, TellsItsChannelsParametersAndStates) {
  const Program program = dgen::sample_patch::load();
  EXPECT_EQ(program.name(), "sample");
  EXPECT_EQ(program.inputs(), 1);
  EXPECT_EQ(program.outputs(), 1);
  ASSERT_EQ(program.params().size(), 2u);
  EXPECT_EQ(program.params()[0].name, "speed");
  EXPECT_EQ(program.params()[1].max, std::numeric_limits<double>::infinity());
  EXPECT_NE(program.source().find("dgen_sample_descriptor"), std::string::npos);
  ASSERT_EQ(program.states().size(), 6u);
  EXPECT_EQ(program.states()[2].elements, 2) << "a 64-bit integer is saved as its two halves";
}

TEST(Program, ManyComeFromOneRunOfTheCompiler) {
  const std::vector<Program> programs = dgen::sample_patch::load({"first", "second"});
  EXPECT_EQ(programs[0].name(), "first");
  EXPECT_EQ(programs[1].name(), "second");
  EXPECT_EQ(programs[0].data().library, programs[1].data().library);
  EXPECT_EQ(&programs[0].source(), &programs[1].source());
}

TEST(Instance, RefusesSampleRatesThatAreNone) {
  const Program program = dgen::sample_patch::load();
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const double rate : {0.0, 0.5, -48000.0, 1.1e7, nan, inf}) {
    EXPECT_EQ(error_of([&] { Instance(program, rate); }).code(), ErrorCode::bad_value) << rate;
  }
  EXPECT_EQ(Instance(program, 1).sample_rate(), 1);
}

TEST(Instance, GivesTheSameForAnyBlockSize) {
  const Program program = dgen::sample_patch::load();
  Instance whole(program, 48000), parts(program, 48000);
  EXPECT_EQ(run(whole, 100), run(parts, 100, 7));
}

TEST(Instance, DoesNothingForNoFrames) {
  Instance instance(dgen::sample_patch::load(), 48000);
  const SavedState before = instance.save();
  instance.process(nullptr, nullptr, 0);
  instance.process(nullptr, nullptr, -5);
  EXPECT_EQ(instance.save(), before);
}

TEST(Instance, TakesSilenceForMissingInputs) {
  const Program program = dgen::sample_patch::load();
  Instance no_channel(program, 48000), no_list(program, 48000);
  std::vector<float> a(16), b(16);
  float* out_a[] = {a.data()};
  float* out_b[] = {b.data()};
  const float* const nothing[] = {nullptr};
  no_channel.process(nothing, out_a, 16);
  no_list.process(nullptr, out_b, 16);
  EXPECT_EQ(a, b);
}

TEST(Instance, RunsInPlace) {
  const Program program = dgen::sample_patch::load();
  Instance apart(program, 48000), in_place(program, 48000);
  const std::vector<float> expected = run(apart, 64);
  std::vector<float> buffer(64);
  std::iota(buffer.begin(), buffer.end(), 1.0f);
  float* const channels[] = {buffer.data()};
  in_place.process(channels, channels, 64);
  EXPECT_EQ(buffer, expected);
}

TEST(InstanceSet, ClampsToTheRangeAndIgnoresNan) {
  Instance instance(dgen::sample_patch::load(), 48000);
  EXPECT_EQ(instance.get("speed"), 0.25);
  instance.set("speed", 7);
  EXPECT_EQ(instance.get("speed"), 1);
  instance.set("speed", -7);
  EXPECT_EQ(instance.get("speed"), 0);
  instance.set("speed", std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(instance.get("speed"), 0);
  instance.set("start", 1e300);
  EXPECT_EQ(instance.get("start"), static_cast<double>(std::numeric_limits<float>::max())) << "finite, whatever is set";
  instance.set(0, 0.75);
  EXPECT_EQ(instance.get("speed"), 0.75);
  instance.set(2, 1.0), instance.set(-1, 1.0);
}

TEST(InstanceSet, SuggestsANameForAnUnknownOne) {
  Instance instance(dgen::sample_patch::load(), 48000);
  const Error error = error_of([&] { instance.set("sped", 1); });
  EXPECT_EQ(error.code(), ErrorCode::unknown_name);
  EXPECT_STREQ(error.what(), "patch 'sample' has no parameter 'sped' (did you mean 'speed'?)");
  EXPECT_EQ(error_of([&] { instance.get("volume"); }).code(), ErrorCode::unknown_name);
}

TEST(InstanceReset, StartsOverAndKeepsParameters) {
  const Program program = dgen::sample_patch::load();
  Instance instance(program, 48000);
  instance.set("speed", 0.5);
  const std::vector<float> first = run(instance, 50);
  EXPECT_NE(run(instance, 50), first);
  instance.reset();
  EXPECT_EQ(instance.get("speed"), 0.5);
  EXPECT_EQ(run(instance, 50), first);
}

TEST(InstanceRestore, ContinuesWithTheSameBits) {
  const Program program = dgen::sample_patch::load();
  Instance original(program, 48000), copy(program, 48000);
  run(original, 333);
  const SavedState saved = original.save();
  EXPECT_EQ(saved.at("visits"), std::vector<double>{-333});
  EXPECT_EQ(saved.at("frame"), std::vector<double>{333});
  copy.restore(saved);
  EXPECT_EQ(copy.save(), saved);
  EXPECT_EQ(run(copy, 100), run(original, 100));
}

TEST(InstanceRestore, GivesInitialStatesBeforeTheFirstFrame) {
  const Program program = dgen::sample_patch::load();
  Instance instance(program, 48000), copy(program, 48000);
  SavedState saved = instance.save();
  EXPECT_EQ(saved.at("smooth"), std::vector{0.5});
  saved["smooth"] = {8};
  copy.restore(saved);
  EXPECT_EQ(copy.save(), saved);
  EXPECT_NE(run(copy, 4), run(instance, 4));
}

TEST(InstanceRestore, ChangesNothingWhereTheStateDoesNotFit) {
  const Program program = dgen::sample_patch::load();
  Instance instance(program, 48000);
  run(instance, 10);
  const SavedState before = instance.save();
  const auto rejected = [&](auto change, const char* text) {
    SavedState state = before;
    change(state);
    const Error error = error_of([&] { instance.restore(state); });
    EXPECT_EQ(error.code(), ErrorCode::state_mismatch);
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    EXPECT_EQ(instance.save(), before);
  };
  rejected([](SavedState& s) { s.erase("table"); }, "state 'table' is missing");
  rejected([](SavedState& s) { s["tables"] = {1}; }, "has a state 'tables'");
  rejected([](SavedState& s) { s["table"].pop_back(); }, "'table' has 4 elements, what was saved has 3");
}

TEST(InstanceRestore, SurvivesNumbersThatAreNone) {
  Instance instance(dgen::sample_patch::load(), 48000);
  SavedState state = instance.save();
  for (auto& [name, values] : state) values.assign(values.size(), std::numeric_limits<double>::quiet_NaN());
  instance.restore(state);
  EXPECT_EQ(instance.save().at("visits"), std::vector{0.0});
}

TEST(Instance, MovesWithItsState) {
  const Program program = dgen::sample_patch::load();
  Instance stays(program, 48000), moves(program, 48000);
  run(stays, 10), run(moves, 10);
  Instance moved(std::move(moves));
  Instance assigned(program, 44100);
  assigned = std::move(moved);
  EXPECT_EQ(assigned.sample_rate(), 48000);
  EXPECT_EQ(run(assigned, 10), run(stays, 10));
}

TEST(Instance, KeepsTheCodeLoaded) {
  std::unique_ptr<Instance> instance;
  {
    const Program program = dgen::sample_patch::load();
    instance = std::make_unique<Instance>(program, 48000);
  }
  EXPECT_EQ(run(*instance, 4).size(), 4u);
}

TEST(Instance, ManyRunOnManyThreadsAlike) {
  const Program program = dgen::sample_patch::load();
  Instance reference(program, 48000);
  const std::vector<float> expected = run(reference, 5000, 64);
  std::vector<std::vector<float>> got(16);
  std::vector<std::thread> threads;
  for (std::vector<float>& result : got) {
    threads.emplace_back([&result, &program] {
      Instance instance(program, 48000);
      result = run(instance, 5000, 64);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& result : got) EXPECT_EQ(result, expected);
}

TEST(InstanceSet, ComesFromAnyThreadWhileTheInstanceRuns) {
  Instance instance(dgen::sample_patch::load(), 48000);
  std::thread host([&instance] {
    for (int k = 0; k < 20000; ++k) instance.set(0, k % 2 == 0 ? 0.25 : 0.75);
  });
  const std::vector<float> out = run(instance, 20000, 16);
  host.join();
  for (const float y : out) ASSERT_TRUE(std::isfinite(y));
}

}  // namespace
