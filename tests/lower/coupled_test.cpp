// Equal parts of one loop that feed each other, in generated code against the interpreter.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "dgen/gradient.h"
#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "dgen/time.h"
#include "passes/simplify.h"
#include "support/engines.h"
#include "support/random.h"
#include "support/random_tensors.h"
#include "support/segment_parity.h"

namespace {

using namespace dgen;

std::string reasons(const Graph& g) {
  std::string text;
  for (const StageReport& stage : explain(g).stages) text += stage.why + "\n";
  return text;
}

void expect_parity(const Graph& g, double tolerance, const std::vector<int>& widths, std::int64_t frames = 300) {
  const auto in = dgen::testing::random_input(3, g.inputs(), frames);
  const auto expected = dgen_test::run(g, dgen_test::Engine::float64, in, frames, 48000);
  const Rewritten vectors = passes::find_vectors(*passes::find_scans(*passes::simplify(g).graph).graph);
  const auto rewritten = dgen_test::run(*vectors.graph, dgen_test::Engine::float64, in, frames, 48000);
  for (std::size_t c = 0; c < expected.size(); ++c) {
    for (std::size_t n = 0; n < expected[c].size(); ++n)
      ASSERT_NEAR(rewritten[c][n], expected[c][n], 1e-9) << "frame " << n << "\n" << to_text(g) << to_text(*vectors.graph);
  }
  for (const int width : widths) {
    const Program program = compile(g, {.vector_width = width});
    const auto whole = dgen_test::run(program, in, frames, frames, 48000);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      double largest = 1;
      for (const double y : expected[c]) largest = std::fmax(largest, std::fabs(y));
      for (std::size_t n = 0; n < expected[c].size(); ++n)
        ASSERT_NEAR(whole[c][n], expected[c][n], tolerance * largest)
            << "channel " << c << ", frame " << n << ", width " << width << "\n"
            << to_text(*vectors.graph);
    }
    for (const std::int64_t block : {1, 37})
      ASSERT_EQ(dgen_test::run(program, in, frames, block, 48000), whole) << "blocks of " << block << ", width " << width;
  }
}

constexpr const char* in_lanes = "in lanes";

/// Waves into each junction from its neighbours, of a rim that reflects; the first junction is struck.
std::vector<Signal> mesh(Signal x, Signal reflection, int rows, int columns) {
  Graph& g = *x.graph;
  const auto number = [columns](int row, int column) { return static_cast<std::size_t>(row * columns + column); };
  std::vector<std::vector<Signal>> wave(static_cast<std::size_t>(rows * columns)), in(wave.size()), out(wave.size());
  for (auto& junction : wave) {
    for (int port = 0; port < 4; ++port) junction.push_back(ops::cell(g.constant(0)));
  }
  const auto neighbour = [&](int row, int column, int port) {
    const int r = row + (port == 0 ? -1 : port == 1 ? 1 : 0), c = column + (port == 2 ? -1 : port == 3 ? 1 : 0);
    return r < 0 || r >= rows || c < 0 || c >= columns ? -1 : static_cast<int>(number(r, c));
  };
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const std::size_t k = number(row, column);
      for (int port = 0; port < 4; ++port) {
        const Signal came = wave[k][static_cast<std::size_t>(port)];
        in[k].push_back(neighbour(row, column, port) < 0 ? reflection * came : came);
      }
      if (k == 0) in[k][0] = in[k][0] + x;
      const Signal pressure = 0.5 * (in[k][0] + in[k][1] + in[k][2] + in[k][3]);
      for (int port = 0; port < 4; ++port) out[k].push_back(pressure - in[k][static_cast<std::size_t>(port)]);
    }
  }
  std::vector<Signal> rim;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const std::size_t k = number(row, column);
      for (std::size_t port = 0; port < 4; ++port) {
        const int next = neighbour(row, column, static_cast<int>(port));
        if (next < 0) rim.push_back(out[k][port]);
        g.close(wave[k][port], next < 0 ? out[k][port] : out[static_cast<std::size_t>(next)][port ^ 1]);
      }
    }
  }
  return rim;
}

Signal sum_of(const std::vector<Signal>& terms) {
  Signal total = terms[0];
  for (std::size_t k = 1; k < terms.size(); ++k) total = total + terms[k];
  return total;
}

TEST(Coupled, JunctionsOfAMeshAreLanes) {
  const std::vector<std::tuple<int, int, std::vector<int>>> cases{{5, 5, {4, 8, 16}}, {4, 8, {16}}, {3, 7, {8}}};
  for (const auto& [rows, columns, widths] : cases) {
    Graph g;
    const Signal reflection = g.param("reflection", -0.98);
    const std::vector<Signal> rim = mesh(g.input() * 0.1, reflection, rows, columns);
    g.output(sum_of(rim) / static_cast<double>(rim.size()) + 0.5 * g.input(1));
    g.output(rim.back());
    EXPECT_NE(reasons(g).find(in_lanes), std::string::npos) << reasons(g);
    expect_parity(g, 1e-5, widths);
  }
}

TEST(Coupled, GradientsOfAMeshAreThoseOfTheInterpreter) {
  constexpr std::int64_t frames = 120;
  Graph g;
  const Signal reflection = g.param("reflection", -0.9), level = g.param("level", 0.3);
  const Signal heard = sum_of(mesh(g.input() * level, reflection, 4, 4));
  const Signal loss = time_mean(heard * heard);
  const Gradient d = gradient(loss, std::array{reflection, level});
  const std::array<Signal, 3> wanted{loss, d.of[0], d.of[1]};
  const auto in = dgen::testing::random_input(4, 1, frames);
  const auto expected = SegmentInterpreter(g, wanted, 48000).evaluate(in, frames);
  for (const int width : {4, 16}) {
    const SegmentProgram program = compile_segment(wanted, {.compile = {.vector_width = width}});
    EXPECT_LT(dgen::testing::difference(expected, dgen::testing::results(program, in, frames), 1e-6), 1e-5) << width;
  }
}

/// Finite differences of a stiff-less string: its ends do not move, so that they have one neighbour.
TEST(Coupled, FiniteDifferencesOfAStringAreLanes) {
  constexpr int points = 37;
  Graph g;
  const Signal x = g.input() * 0.05, speed = g.param("speed", 0.4), loss = g.param("loss", 0.999);
  std::vector<Signal> now, before;
  for (int k = 0; k < points; ++k) now.push_back(ops::cell(g.constant(0))), before.push_back(ops::cell(g.constant(0)));
  std::vector<Signal> next;
  for (std::size_t k = 0; k < points; ++k) {
    const Signal pull = k == 0 ? now[1] : k + 1 == points ? now[points - 2] : now[k - 1] + now[k + 1];
    Signal y = loss * (speed * pull + (2 - 2 * speed) * now[k]) - loss * before[k];
    if (k == 11) y = y + x;
    next.push_back(y);
  }
  for (std::size_t k = 0; k < points; ++k) g.close(before[k], now[k]), g.close(now[k], next[k]);
  g.output(next[20]);
  g.output(next[3] - next[30]);
  EXPECT_NE(reasons(g).find(in_lanes), std::string::npos) << reasons(g);
  expect_parity(g, 1e-4, {4, 8, 16});
}

/// Each pulls on its neighbours' phases, and bends.
TEST(Coupled, OscillatorsThatPullOnEachOtherAreLanes) {
  constexpr std::size_t count = 19;
  Graph g;
  const Signal pull = g.param("pull", 0.03), pitch = g.param("pitch", 0.02);
  std::vector<Signal> phase, next;
  for (std::size_t k = 0; k < count; ++k) phase.push_back(ops::cell(g.constant(0.1 * static_cast<double>(k))));
  for (std::size_t k = 0; k < count; ++k) {
    Signal force{};
    for (const std::size_t from : {k - 1, k + 1}) {
      if (from >= count) continue;
      const Signal one = sin(phase[from] - phase[k]);
      force = force ? force + one : one;
    }
    next.push_back(phase[k] + (pitch * (1 + 0.1 * static_cast<double>(k)) + pull * force));
    g.close(phase[k], next[k]);
  }
  std::vector<Signal> tones;
  for (const Signal y : next) tones.push_back(sin(y));
  g.output(sum_of(tones) / static_cast<double>(count));
  EXPECT_NE(reasons(g).find(in_lanes), std::string::npos) << reasons(g);
  expect_parity(g, 1e-4, {8, 16});
}

/// A full matrix between frames, with a curve: each lane takes all of them.
TEST(Coupled, FeedbackMatrixMixesLanes) {
  constexpr std::size_t count = 16;
  dgen::testing::Random random(5);
  Graph g;
  const Signal decay = g.param("decay", 0.9);
  std::vector<Signal> past, curve;
  for (std::size_t k = 0; k < count; ++k) past.push_back(ops::cell(g.constant(0)));
  for (const Signal y : past) curve.push_back(tanh(y));
  for (std::size_t k = 0; k < count; ++k) {
    Signal total{};
    for (std::size_t j = 0; j < count; ++j) {
      const Signal term = random.uniform(-0.25, 0.25) * curve[j];
      total = total ? total + term : term;
    }
    g.close(past[k], decay * total + (0.1 + 0.01 * static_cast<double>(k)) * g.input());
  }
  g.output(sum_of(curve) * 0.1);
  g.output(curve[3]);
  EXPECT_NE(reasons(g).find(in_lanes), std::string::npos) << reasons(g);
  expect_parity(g, 1e-5, {4, 16});
}

/// Each part waits for the one before it, within the frame: no lanes.
TEST(Coupled, PartsInARowAreNoLanes) {
  Graph g;
  Signal x = g.input() * 0.5;
  const Signal ends = ops::cell(g.constant(0)), amount = g.param("amount", 0.3);
  x = x - 0.2 * ends;
  for (int k = 0; k < 12; ++k) {
    const Signal past = ops::cell(g.constant(0));
    x = past + amount * (tanh(x) - tanh(past));
    g.close(past, x);
  }
  g.close(ends, x);
  g.output(x);
  EXPECT_EQ(reasons(g).find(in_lanes), std::string::npos) << reasons(g);
  expect_parity(g, 1e-5, {16});
}

/// Parts of one random form, coupled by random permutations, of which some have a factor, an offset or an input of their own.
Signal random_part(const std::vector<Signal>& from, Signal own, Signal knob, int form) {
  Signal y = own;
  for (std::size_t k = 0; k < from.size(); ++k) {
    const int op = (form >> (2 * k)) & 3;
    y = op == 0   ? y + 0.3 * from[k]
        : op == 1 ? 0.5 * (y - from[k])
        : op == 2 ? y + knob * tanh(from[k])
                  : 0.7 * from[k] - 0.2 * y;
  }
  return 0.6 * y;
}

TEST(Coupled, RandomPartsKeepTheirMeaning) {
  int laned = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    dgen::testing::Random random(seed);
    Graph g;
    const auto count = static_cast<std::size_t>(random.between(9, 41));
    const auto couplings = static_cast<std::size_t>(random.between(1, 4));
    const int form = static_cast<int>(random.between(0, 255));
    const Signal knob = g.param("knob", 0.4), in = g.input() * 0.2;
    std::vector<Signal> past, next;
    for (std::size_t k = 0; k < count; ++k) past.push_back(ops::cell(g.constant(random.between(0, 3) == 0 ? 0.25 : 0)));
    std::vector<std::vector<std::size_t>> order(couplings);
    for (auto& each : order) {
      for (std::size_t k = 0; k < count; ++k) each.push_back(k);
      for (std::size_t k = count; k-- > 1;)
        std::swap(each[k], each[static_cast<std::size_t>(random.between(0, static_cast<int>(k)))]);
    }
    for (std::size_t k = 0; k < count; ++k) {
      std::vector<Signal> from;
      for (const auto& each : order) {
        Signal x = past[each[k]];
        const auto rim = random.between(0, 9);
        if (rim == 0) x = -knob * x;
        if (rim == 1) x = x + in;
        if (rim == 2) x = -x;
        if (rim == 3) x = 0.9 * x + in;
        from.push_back(x);
      }
      next.push_back(random_part(from, past[k], knob, form));
    }
    for (std::size_t k = 0; k < count; ++k) g.close(past[k], next[k]);
    g.output(sum_of(next));
    g.output(next[count / 2] + next[0] * past[count - 1]);
    laned += reasons(g).find(in_lanes) != std::string::npos ? 1 : 0;
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_parity(g, 1e-4, {4 << (seed % 3)}, 120);
  }
  EXPECT_GE(laned, 4);
}

}  // namespace
