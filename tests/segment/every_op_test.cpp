// The gradients of every pointwise op and of every composite as generated C, against the reference in double.

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/compare.h"
#include "dgen/delays.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/memory.h"
#include "ops/pointwise.h"
#include "schedule/check_supported.h"
#include "support/composite_gradient.h"
#include "support/op_inputs.h"
#include "support/play.h"
#include "support/segment_parity.h"
#include "support/weighted_loss.h"

namespace {

using namespace dgen;
using dgen::testing::Composite;
using dgen::testing::composite_patch;
using Channels = std::vector<std::vector<double>>;

constexpr std::size_t ops_a_patch = 12;

enum class Place { parallel, sequential, control };

/// Many ops in one patch, each on signals (or parameters) of its own, and the gradients of a loss by all of them.
struct Patch {
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  std::vector<Signal> sources, wanted;
  std::vector<std::string> names;  ///< by wanted
  Channels points;                 ///< by source
};

constexpr std::size_t points_of_an_op = 300;

/// Points of an op's domain away from kinks, exact in float32; the last one is repeated where there are few.
std::vector<std::vector<double>> smooth_points(const OpDef& op) {
  std::vector<std::vector<double>> found;
  for (std::vector<double>& point : dgen::testing::domain_points(op, 4 * points_of_an_op, 11)) {
    for (double& x : point) x = static_cast<double>(static_cast<float>(x));
    if (!op.kink || op.kink(point) > 1e-3) found.push_back(point);
  }
  if (!found.empty()) found.resize(points_of_an_op, found.back());
  return found;
}

Signal source(Patch& patch, Place place) {
  Graph& g = *patch.graph;
  const auto number = static_cast<int>(patch.sources.size());
  const Signal made = place == Place::control ? g.param("p" + std::to_string(number), 1) : g.input(number);
  patch.sources.push_back(made);
  return made;
}

Signal add_op(Patch& patch, const OpDef& op, Place place) {
  Graph& g = *patch.graph;
  // The loop's state is always 0, which the compiler cannot know: it chooses the input.
  const Signal never = place == Place::sequential ? ops::cell(g.constant(0)) : Signal{};
  std::vector<Operand> x;
  for (std::size_t k = 0; k < dgen::testing::arity(op); ++k) {
    const Signal input = source(patch, place);
    x.emplace_back(never ? select(never, 1.0, input) : input);
    patch.points.emplace_back();
  }
  const auto points = smooth_points(op);
  for (const std::vector<double>& point : points) {
    for (std::size_t k = 0; k < point.size(); ++k) patch.points[patch.points.size() - point.size() + k].push_back(point[k]);
  }
  const Signal y = g.n(op, x, {});
  if (never) g.close(never, lt(y, -std::numeric_limits<double>::infinity()));
  return y;
}

std::vector<Patch> patches_of(Place place) {
  std::vector<Patch> made;
  std::size_t in_patch = ops_a_patch;
  std::vector<std::pair<std::string, std::size_t>> owners;
  Signal loss{};
  const auto finish = [&] {
    if (made.empty()) return;
    Patch& patch = made.back();
    const Gradient d = gradient(loss, patch.sources);
    for (std::size_t k = 0; k < d.of.size(); ++k) {
      if (!d.of[k]) continue;
      patch.wanted.push_back(d.of[k]);
      patch.names.push_back(owners[k].first + ", input " + std::to_string(owners[k].second));
    }
    if (patch.wanted.empty()) made.pop_back();  // of ops that pass no gradient on
    owners.clear();
    loss = {};
  };
  for (const OpDef* op : dgen::testing::pointwise_ops()) {
    if (smooth_points(*op).empty() || op->zero_derivative) continue;
    if (in_patch == ops_a_patch) {
      finish();
      made.emplace_back();
      in_patch = 0;
    }
    Graph& g = *made.back().graph;
    const Signal part = ops::time_sum(add_op(made.back(), *op, place) * noise(g, static_cast<int>(in_patch++)));
    for (std::size_t k = 0; k < dgen::testing::arity(*op); ++k) owners.emplace_back(op->name, k);
    loss = loss ? loss + part : part;
  }
  finish();
  return made;
}

void expect_near(const Patch& patch, const Channels& expected, const Channels& actual) {
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const Channels one{expected[k]}, other{actual[k]};
    EXPECT_LE(dgen::testing::difference(one, other, 1e-3), 1e-4) << patch.names[k];
  }
}

class EveryOp : public ::testing::TestWithParam<Place> {};

TEST_P(EveryOp, HasTheGradientOfTheReference) {
  std::vector<Patch> patches = patches_of(GetParam());
  std::vector<std::vector<Signal>> wanted;
  std::size_t gradients = 0;
  for (const Patch& patch : patches) {
    wanted.push_back(patch.wanted);
    gradients += patch.wanted.size();
  }
  EXPECT_GE(gradients, 40u);
  const std::vector<SegmentProgram> programs = compile_segments(wanted);
  for (std::size_t k = 0; k < patches.size(); ++k) {
    const Patch& patch = patches[k];
    SegmentInterpreter reference(*patch.graph, patch.wanted, 48000);
    Segment segment(programs[k], 48000, points_of_an_op);
    if (GetParam() != Place::control) {
      expect_near(patch, reference.evaluate(patch.points, points_of_an_op),
                  dgen::testing::results(programs[k], segment, patch.points, points_of_an_op));
      continue;
    }
    for (std::size_t n = 0; n < 20; ++n) {
      for (std::size_t p = 0; p < patch.points.size(); ++p) {
        segment.set(static_cast<int>(p), patch.points[p][n]);
        reference.set("p" + std::to_string(p), patch.points[p][n]);
      }
      expect_near(patch, reference.evaluate({}, 40), dgen::testing::results(programs[k], segment, {}, 40));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Places, EveryOp, ::testing::Values(Place::parallel, Place::sequential, Place::control), [](const auto& test) {
      return std::string(test.param == Place::parallel ? "parallel" : test.param == Place::sequential ? "sequential" : "control");
    });

/// Whether there is code for all of it yet: the interpreter takes more.
bool is_compiled(const Graph& g) {
  try {
    schedule::check_supported(g);
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(EveryComposite, HasTheGradientOfTheReference) {
  constexpr std::int64_t frames = 600;
  std::vector<Composite> patches;
  std::vector<std::vector<Signal>> wanted;
  for (const OpDef* op : all_ops()) {
    if (op->kind != Kind::composite) continue;
    Composite patch = composite_patch(*op);
    if (!is_compiled(*patch.graph)) continue;
    patches.push_back(std::move(patch));
    wanted.push_back(patches.back().wanted);
  }
  const std::vector<SegmentProgram> programs = compile_segments(wanted);
  for (std::size_t k = 0; k < patches.size(); ++k) {
    Channels in;
    for (int c = 0; c < patches[k].graph->inputs(); ++c) {
      in.push_back(dgen_test::white_noise(frames, static_cast<std::uint32_t>(c + 7)));
      for (double& x : in.back()) x = static_cast<double>(static_cast<float>(std::fabs(x) + 0.01));  // levels, frequencies
    }
    SegmentInterpreter reference(*patches[k].graph, patches[k].wanted, 48000);
    const Channels expected = reference.evaluate(in, frames), actual = dgen::testing::results(programs[k], in, frames);
    EXPECT_LE(dgen::testing::difference(expected, actual, 1e-3), 1e-3) << patches[k].op->name;
  }
}

}  // namespace
