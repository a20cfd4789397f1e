// Losses and gradients of tensor graphs as generated code over segments against the interpreter in double.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>

#include "dgen/gradient.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/segment.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/expect_error.h"
#include "support/random_tensors.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;

constexpr std::int64_t frames = 700;
constexpr double sample_rate = 44100;

/// The loss and its gradients by every parameter and by input 0.
std::vector<Signal> with_gradients(Graph& g, Signal loss) {
  std::vector<Signal> by, wanted{loss};
  for (const int id : g.params()) by.push_back({&g, id});
  if (g.inputs() > 0) by.push_back(g.input(0));
  for (const Signal d : gradient(loss, by).of) {
    if (d) wanted.push_back(d);
  }
  return wanted;
}

struct Case {
  std::unique_ptr<Graph> graph;
  std::vector<Signal> wanted;
  std::string text;
};

void expect_parity(const std::vector<Case>& cases, const SegmentOptions& options) {
  std::vector<std::vector<Signal>> wanted;
  for (const Case& one : cases) wanted.push_back(one.wanted);
  const std::vector<SegmentProgram> programs = compile_segments(wanted, options);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    const auto in = dgen::testing::random_input(k, cases[k].graph->inputs(), frames);
    SegmentInterpreter reference(*cases[k].graph, cases[k].wanted, sample_rate);
    const auto expected = reference.evaluate(in, frames);
    Segment segment(programs[k], sample_rate, frames);
    std::vector<std::vector<float>> floats;
    std::vector<const float*> pointers;
    for (const auto& channel : in) floats.emplace_back(channel.begin(), channel.end());
    for (const auto& channel : floats) pointers.push_back(channel.data());
    for (const bool again : {false, true}) {  // the second time what depends on no parameter is not computed again
      segment.run(pointers.data(), frames, From::reset, again);
      for (std::size_t w = 0; w < expected.size(); ++w) {
        double largest = 1;
        for (const double x : expected[w]) largest = std::fmax(largest, std::fabs(x));
        if (!programs[k].is_frames(static_cast<int>(w))) {
          const std::span<const double> value = segment.values(static_cast<int>(w));
          ASSERT_EQ(value.size(), expected[w].size());
          for (std::size_t e = 0; e < value.size(); ++e)
            ASSERT_NEAR(value[e], expected[w][e], 1e-3 * largest) << w << ", element " << e << "\n" << cases[k].text;
          continue;
        }
        for (std::size_t n = 0; n < expected[w].size(); ++n)
          ASSERT_NEAR(segment.frames(static_cast<int>(w))[n], expected[w][n], 1e-3 * largest) << w << " " << n << "\n"
                                                                                              << cases[k].text;
      }
    }
  }
}

TEST(CompiledTensorGradients, OfRandomGraphsAgreeWithTheInterpreter) {
  std::uint64_t seed = 0;
  for (const int width : {4, 8, 16}) {
    std::vector<Case> cases;
    for (int k = 0; k < 5; ++k) {
      auto random = dgen::testing::random_tensors(seed++, true);
      const std::string text = to_text(random);
      const Signal loss = dgen::testing::weighted_loss(*random.graph);
      std::vector<Signal> wanted = with_gradients(*random.graph, loss);
      cases.push_back({std::move(random.graph), std::move(wanted), text});
    }
    expect_parity(cases, {.compile = {.vector_width = width}});
  }
}

Case spectral_case(const SpectralLoss& options) {
  auto graph = std::make_unique<Graph>();
  Graph& g = *graph;
  const Signal tone = sin(frame_index(g) * g.param("rate", 0.11)) * g.param("gain", 0.8) + 0.1 * g.input(0);
  const Signal loss = 100.0 * spectral_loss(tone, g.input(1), options) + 0.003 * mse(tone, g.input(1));
  std::vector<Signal> wanted = with_gradients(g, loss);
  return {std::move(graph), std::move(wanted), "spectral loss"};
}

TEST(CompiledTensorGradients, OfSpectralLossesAgreeWithTheInterpreter) {
  std::vector<Case> cases;
  cases.push_back(spectral_case({}));
  cases.push_back(spectral_case({.window = 128, .hop = 32, .window_function = WindowFunction::hann, .padding = Padding::none}));
  cases.push_back(spectral_case({.window = 48, .hop = 7, .norm = Norm::l1, .reduction = Reduction::sum}));
  cases.push_back(spectral_case({.window = 256, .hop = 300}));
  expect_parity(cases, {});
}

TEST(CompiledTensorGradients, RunFromCheckpointsWhereTheTapeIsTooLong) {
  const Case one = spectral_case({.window = 32, .hop = 5});
  constexpr std::int64_t many = 20000;
  const auto in = dgen::testing::random_input(5, 2, many);
  std::vector<std::vector<float>> floats;
  for (const auto& channel : in) floats.emplace_back(channel.begin(), channel.end());
  const std::vector<const float*> pointers{floats[0].data(), floats[1].data()};
  std::vector<double> results[2];
  std::int64_t tape[2] = {};
  for (const int cut : {0, 1}) {
    const SegmentProgram program =
        compile_segment(one.wanted, {.memory_budget = cut ? std::int64_t{400} << 10 : std::int64_t{1} << 30});
    Segment segment(program, sample_rate, many);
    segment.run(pointers.data(), many);
    tape[cut] = segment.tape_bytes();
    for (int w = 0; w < program.wanted(); ++w) {
      if (!program.is_frames(w)) results[cut].push_back(segment.value(w));
    }
  }
  EXPECT_LT(tape[1], tape[0] / 2);
  EXPECT_EQ(results[1], results[0]);
}

/// Layers of one element at the control clock, whose rows lie beside each other.
Case bottleneck_case(std::int32_t inputs, std::int32_t hidden, std::int32_t outputs) {
  auto graph = std::make_unique<Graph>();
  Graph& g = *graph;
  const Signal x = tanh(g.param("x", extents({inputs}), initial::Uniform{.seed = 7}));
  const Signal first = g.param("first", extents({hidden, inputs}), initial::Normal{.seed = 1});
  const Signal second = g.param("second", extents({outputs, hidden}), initial::Normal{.seed = 2});
  const Signal h = tanh(linear(x, first)), y = tanh(linear(h, second));
  std::vector<Signal> wanted = with_gradients(g, mse(sum(y) * g.input(0), g.input(1)));
  return {std::move(graph), std::move(wanted), "bottleneck"};
}

TEST(CompiledTensorGradients, OfSingleElementsLeaveTheirNeighboursAlone) {
  for (const int width : {4, 8, 16}) {
    std::vector<Case> cases;
    cases.push_back(bottleneck_case(1, 1, 1));
    cases.push_back(bottleneck_case(3, 1, 2));
    expect_parity(cases, {.compile = {.vector_width = width}});
  }
}

/// Layers with learnt matrices over ticks of a hop, with an axis in front; control values with shapes; gradients that are sums,
/// made of sums, parameters and constants.
Case network_case(std::int64_t hop) {
  auto graph = std::make_unique<Graph>();
  Graph& g = *graph;
  const Signal x = reshape(window(g.input(0) + g.param("offset", 0.1), 6, hop), extents({2, 3}));
  const Signal first = g.param("first", extents({33, 3}), initial::XavierNormal{.seed = 1});
  const Signal bias = g.param("bias", extents({33}), initial::Normal{.deviation = 0.3});
  const Signal second = g.param("second", extents({5, 33}), initial::Orthogonal{.seed = 2}) * g.param("scale", 0.9);
  const Signal square = g.param("square", extents({20, 20}), initial::Normal{.deviation = 0.2});
  const Signal plain = g.param("plain", extents({3}), initial::Values{{1, 2, 3}});
  const Signal y = linear(tanh(linear(x, first) + bias), second);
  const Signal sums = linear(reshape(expand(g.param("one", 0.7), extents({20})), extents({1, 20})), square);
  const Signal still = sum(sum(square * linear(square, tanh(square)))) + sum(sum(outer(bias, bias * sum_to(sums, {}))));
  const Signal loss = time_mean(sum(sum(y * y))) + 0.01 * still + 0.5 * sum(plain * plain) + time_mean(sum(sum(x))) * sum(plain);
  std::vector<Signal> wanted = with_gradients(g, loss + sum(g.param("straight", extents({2}), initial::Constant{})));
  return {std::move(graph), std::move(wanted), "network every " + std::to_string(hop)};
}

TEST(CompiledTensorGradients, OfLearntMatricesAgreeWithTheInterpreter) {
  std::vector<Case> cases;
  for (const std::int64_t hop : {1, 7, 40, 100}) cases.push_back(network_case(hop));
  for (const int width : {4, 8, 16}) expect_parity(cases, {.compile = {.vector_width = width}});
}

/// Constant matrices that are mostly 0, kept by runs: bands that rise, fall, are empty or a single element.
Case banded_case(std::int64_t hop) {
  auto graph = std::make_unique<Graph>();
  Graph& g = *graph;
  constexpr std::int32_t inputs = 70, outputs = 40;
  const auto filled = [&](const std::function<double(int o, int i)>& weight) {
    std::vector<double> matrix;
    for (int o = 0; o < outputs; ++o) {
      for (int i = 0; i < inputs; ++i) matrix.push_back(weight(o, i));
    }
    return tensor(g, matrix, extents({outputs, inputs}));
  };
  const Signal rising = filled([](int o, int i) { return std::fmax(0, 1 - std::fabs(i - 1.7 * o) / 2.5); });
  const Signal falling = filled([](int o, int i) { return o % 7 != 3 && std::abs(60 - o - i) < 3 ? 0.1 * o - 1 : 0; });
  const Signal lonely = filled([](int o, int i) { return o == 33 && i == 69 ? 2 : 0; });
  const Signal x = g.param("gain", 0.8) * reshape(window(g.input(), 2 * inputs, hop), extents({2, inputs}));
  Signal loss{};
  for (const Signal matrix : {rising, falling, lonely, filled([](int, int) { return 0; })}) {
    const Signal y = tanh(linear(x, matrix)), term = time_mean(sum(sum(y * y)));
    loss = loss ? loss + term : term;
  }
  std::vector<Signal> wanted = with_gradients(g, loss);
  return {std::move(graph), std::move(wanted), "banded every " + std::to_string(hop)};
}

TEST(CompiledTensorGradients, OfBandedMatricesAgreeWithTheInterpreter) {
  std::vector<Case> cases;
  for (const std::int64_t hop : {1, 5, 100}) cases.push_back(banded_case(hop));
  for (const int width : {4, 8, 16}) expect_parity(cases, {.compile = {.vector_width = width}});
}

TEST(CompiledTensorGradients, KeepNoMatrixPerTick) {
  const Case one = network_case(7);
  const SegmentProgram program = compile_segment(one.wanted);
  EXPECT_LT(Segment(program, sample_rate, 70000).tape_bytes(), 70000 / 7 * 4 * (2 * 33 + 2 * 5 + 64));
}

TEST(CompiledTensorGradients, SaysThatHopValuesAreNotGiven) {
  Graph g;
  const Signal level = sum(window(g.input(), 4, 4));
  expect_error(ErrorCode::bad_type, "hold it, or sum it", [&] { compile_segment(std::span(&level, 1)); });
}

}  // namespace
