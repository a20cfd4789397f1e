// Parameters with shapes, from the graph to a trained value and a checkpoint.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/train.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen;

class TensorTraining : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(BackEnds, TensorTraining, ::testing::Values(Backend::cpu, Backend::interpreter),
                         [](const auto& of) { return of.param == Backend::cpu ? "cpu" : "interpreter"; });

/// A network 1-5-1 on ticks of 4 frames learns half a sine over 160 frames.
struct Network {
  Graph g;
  Signal hidden = tanh(linear(reshape(tick_frame(g, 4) * (1.0 / 80) - 1.0, extents({1})),
                              g.param("weight-1", extents({5, 1}), initial::Normal{.seed = 1})) +
                       g.param("bias-1", extents({5}), initial::Uniform{.seed = 2}));
  Signal y = linear(hidden, g.param("weight-2", extents({1, 5}), initial::XavierUniform{.seed = 3})) +
             g.param("bias-2", extents({1}), initial::Constant{});
  Signal target = sin(tick_frame(g, 4) * (3.14159 / 160));
  Signal loss = time_mean(sum((y - target) * (y - target)));

  Trainer trainer(Backend backend) {
    return {g, loss, Adam{.learning_rate = 0.05}, {.frames = 160, .compile = {.backend = backend, .name = "training"}}};
  }
};

TEST_P(TensorTraining, LearnsACurve) {
  Network p;
  Trainer trainer = p.trainer(GetParam());
  EXPECT_EQ(trainer.parameters().values().size(), 16u);
  EXPECT_TRUE(trainer.unreached().empty());
  const double first = trainer.step().loss;
  for (int k = 0; k < 150; ++k) trainer.step();
  EXPECT_LT(trainer.step().loss, 0.02 * first);
}

TEST_P(TensorTraining, GoesOnFromACheckpoint) {
  const TemporaryFolder folder;
  const std::string path = folder / "state";
  Network first, second;
  Trainer whole = first.trainer(GetParam()), later = second.trainer(GetParam());
  for (int k = 0; k < 5; ++k) whole.step();
  whole.save_checkpoint(path);
  for (int k = 0; k < 5; ++k) whole.step();
  later.resume(path);
  for (int k = 0; k < 5; ++k) later.step();
  EXPECT_EQ(later.parameters().values()[7], whole.parameters().values()[7]);
  Graph other;
  const Signal w = other.param("weight-1", extents({1, 5}), initial::Constant{1});
  Trainer another(other, time_mean(sum(sum(w * w * tick_frame(other, 4)))), Adam{},
                  {.frames = 160, .compile = {.backend = GetParam()}});
  expect_error(ErrorCode::state_mismatch, "parameter 'bias-1'", [&] { another.resume(path); });
}

/// Steps of both back ends stay together: float32 against double, through Adam.
TEST(TensorTrainingCheckpoint, IsOfTheShapesThatItsPatchHas) {
  const auto trainer = [](Graph& g, const Shape& shape) {
    const Signal w = g.param("w", shape, initial::Normal{.seed = 1});
    return Trainer(g, sum(sum(w * w)) * time_mean(1.0 + 0.0 * frame_index(g)), Sgd{.learning_rate = 0.1},
                   {.frames = 8, .compile = {.backend = Backend::interpreter}});
  };
  const TemporaryFolder folder;
  Graph wide, tall;
  Trainer saved = trainer(wide, extents({2, 3})), other = trainer(tall, extents({3, 2}));
  saved.step();
  saved.save_checkpoint(folder / "c");
  expect_error(ErrorCode::state_mismatch, "of the shape [2, 3], in this patch in -inf … inf, of the shape [3, 2]",
               [&] { other.resume(folder / "c"); });
  EXPECT_EQ(other.steps(), 0);
}

TEST(TensorParameters, TrainCompiledAsInterpreted) {
  Network first, second;
  Trainer compiled = first.trainer(Backend::cpu), interpreted = second.trainer(Backend::interpreter);
  for (int k = 0; k < 40; ++k) {
    const double expected = interpreted.step().loss;
    EXPECT_NEAR(compiled.step().loss, expected, 1e-4 * std::fmax(expected, 0.01)) << k;
  }
}

TEST(TensorParameters, LieBehindEachOtherAtTheirInitialValues) {
  Graph g;
  g.param("a", 0.5);
  g.param("w", extents({2, 2}), initial::Values{{1, 2, 3, 4}}, {.max = 4});
  g.param("b", 7);
  Parameters parameters(g);
  EXPECT_EQ(std::vector<double>(parameters.values().begin(), parameters.values().end()),
            (std::vector<double>{0.5, 1, 2, 3, 4, 7}));
  parameters.set("w", std::array<double, 4>{9, 8, 1, 0});
  EXPECT_EQ(parameters.values(1)[0], 4);
  EXPECT_EQ(parameters.values(1)[2], 1);
  expect_error(ErrorCode::bad_value, "has 4 elements and cannot take 2 values", [&] {
    parameters.set("w", std::array<double, 2>{1, 2});
  });
}

TEST(TensorParameters, CheckEveryElementOfAMapping) {
  Graph g;
  g.param("w", extents({2}), initial::Values{{1, 0}}, {.mapping = Mapping::log});
  expect_error(ErrorCode::bad_value, "infinitely far away", [&] { Parameters parameters(g); });
}

}  // namespace
