// Every pointwise op as compiled C, against its exact meaning: as a vector of frames, frame by frame inside a feedback
// loop, and at control rate, at widths 4, 8 and 16. All of them are compiled in one run of the C compiler a width.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>

#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/time.h"
#include "ops/pointwise.h"
#include "support/op_accuracy.h"

namespace {

using namespace dgen;
using Points = std::vector<std::vector<double>>;

enum class Place { parallel, sequential, control };

const char* name_of(Place place) {
  switch (place) {
    case Place::parallel: return "parallel";
    case Place::sequential: return "sequential";
    case Place::control: return "control";
  }
  return "";
}

/// A patch that computes `op` of its inputs (control: of its parameters) in the given kind of stage.
std::unique_ptr<Graph> patch_of(const OpDef& op, Place place) {
  auto g = std::make_unique<Graph>();
  const std::size_t arity = dgen::testing::arity(op);
  std::vector<Operand> x;
  for (std::size_t k = 0; k < arity; ++k) {
    x.emplace_back(place == Place::control ? g->param("x" + std::to_string(k), 1) : g->input(static_cast<int>(k)));
  }
  if (place != Place::sequential) {
    g->output(g->n(op, x, {}));
    return g;
  }
  // The loop's state is always 0, which the compiler cannot know: it chooses the input.
  const Signal never = ops::cell(g->constant(0));
  for (Operand& input : x) input = select(never, 1.0, input.signal);
  const Signal y = g->n(op, x, {});
  g->close(never, lt(y, -std::numeric_limits<double>::infinity()));
  g->output(y);
  return g;
}

/// The programs of all ops in all places at one width.
struct Suite {
  std::map<std::pair<const OpDef*, Place>, Program> programs;

  explicit Suite(int width) {
    std::vector<std::pair<const OpDef*, Place>> keys;
    std::vector<std::unique_ptr<Graph>> graphs;
    std::vector<const Graph*> pointers;
    for (const OpDef* op : dgen::testing::pointwise_ops()) {
      for (const Place place : {Place::parallel, Place::sequential, Place::control}) {
        keys.emplace_back(op, place);
        graphs.push_back(patch_of(*op, place));
        pointers.push_back(graphs.back().get());
      }
    }
    const std::vector<Program> compiled = compile(pointers, {.vector_width = width});
    for (std::size_t k = 0; k < keys.size(); ++k) programs.emplace(keys[k], compiled[k]);
  }

  static const Suite& at(int width) {
    static const std::map<int, Suite> suites = [] {
      std::map<int, Suite> made;
      for (const int w : {4, 8, 16}) made.emplace(w, Suite(w));
      return made;
    }();
    return suites.at(width);
  }
};

std::vector<float> run_frames(const Program& program, const Points& points, std::size_t arity) {
  std::vector<std::vector<float>> columns(arity);
  std::vector<const float*> in;
  for (std::size_t k = 0; k < arity; ++k) {
    for (const std::vector<double>& point : points) columns[k].push_back(static_cast<float>(point[k]));
    in.push_back(columns[k].data());
  }
  std::vector<float> y(points.size());
  float* out[] = {y.data()};
  Instance(program, 48000).process(in.data(), out, static_cast<std::int64_t>(points.size()));
  return y;
}

/// One call a point, with the point as parameters, which are finite.
std::vector<float> run_controls(const Program& program, const Points& points, std::size_t arity) {
  std::vector<float> y;
  Instance instance(program, 48000);
  for (const std::vector<double>& point : points) {
    for (std::size_t k = 0; k < arity; ++k) instance.set(static_cast<int>(k), point[k]);
    float value = 0;
    float* out[] = {&value};
    instance.process(nullptr, out, 1);
    y.push_back(value);
  }
  return y;
}

class EveryPointwiseOp : public ::testing::TestWithParam<std::tuple<const OpDef*, int>> {};

void expect_accurate(const OpDef& op, int width, Place place, Points points) {
  for (std::vector<double>& point : points) {
    for (double& x : point) x = dgen::testing::stored(ir::Scalar::f32, x);
  }
  std::erase_if(points, [&](const std::vector<double>& x) {
    const bool finite = std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
    return dgen::testing::accuracy_exception(op, x) != nullptr || (!finite && place == Place::control);
  });
  const Program& program = Suite::at(width).programs.at({&op, place});
  const std::vector<float> y = place == Place::control ? run_controls(program, points, dgen::testing::arity(op))
                                                       : run_frames(program, points, dgen::testing::arity(op));
  for (std::size_t n = 0; n < points.size(); ++n) {
    ASSERT_LE(dgen::testing::error_in_units(op, ir::Scalar::f32, points[n], y[n]), op.ulp)
        << name_of(place) << " at " << ::testing::PrintToString(points[n]) << ": " << y[n] << ", exact is "
        << op.meaning(points[n]);
  }
}

TEST_P(EveryPointwiseOp, IsAccurateOnItsDomain) {
  const auto& [op, width] = GetParam();
  expect_accurate(*op, width, Place::parallel, dgen::testing::domain_points(*op, 5000, 2));
  expect_accurate(*op, width, Place::sequential, dgen::testing::domain_points(*op, 5000, 3));
  expect_accurate(*op, width, Place::control, dgen::testing::domain_points(*op, 300, 4));
}

TEST_P(EveryPointwiseOp, IsAccurateAtSpecialNumbers) {
  const auto& [op, width] = GetParam();
  for (const Place place : {Place::parallel, Place::sequential, Place::control}) {
    expect_accurate(*op, width, place, dgen::testing::special_points(*op, ir::Scalar::f32));
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryPointwiseOp,
                         ::testing::Combine(::testing::ValuesIn(dgen::testing::pointwise_ops()), ::testing::Values(4, 8, 16)),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param)->name) + "_width" + std::to_string(std::get<1>(test.param));
                         });

}  // namespace
