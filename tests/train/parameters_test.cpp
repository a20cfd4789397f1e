#include "dgen/parameters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/expect_error.h"

namespace {

using namespace dgen;

TEST(Parameters, AreThoseOfTheGraph) {
  Graph g;
  g.param("cutoff", 1000, {.min = 20, .max = 20000, .mapping = Mapping::log});
  g.param("mix", 0.25);
  Parameters p(g);
  ASSERT_EQ(p.count(), 2);
  EXPECT_EQ(p[0].name, "cutoff");
  EXPECT_EQ(p[0].max, 20000);
  EXPECT_EQ(p[0].mapping, Mapping::log);
  EXPECT_EQ(p.value("cutoff"), 1000);
  EXPECT_EQ(p.value("mix"), 0.25);
  p.set("cutoff", 1e6);
  EXPECT_EQ(p.value("cutoff"), 20000);
  p.gradients()[1] = 5;
  p.zero_grad();
  EXPECT_EQ(p.gradients()[1], 0);
  p.values()[0] = 1;
  p.project();
  EXPECT_EQ(p.value("cutoff"), 20);
}

TEST(Parameters, CopiesAreApart) {
  Parameters p({{.name = "a", .initial = 1}});
  Parameters q = p;
  q.set("a", 2);
  EXPECT_EQ(p.value("a"), 1);
}

TEST(Parameters, RefuseWhatCannotBe) {
  expect_error(ErrorCode::bad_value, "starts at 0, and its mapping is decibel",
               [] { Parameters({{.name = "gain", .mapping = Mapping::decibel}}); });
  expect_error(ErrorCode::bad_value, "has no elements", [] { Parameters({{.name = "w", .elements = 0}}); });
  expect_error(ErrorCode::bad_value, "outside its range", [] { Parameters({{.name = "w", .initial = 3, .max = 2}}); });
  expect_error(ErrorCode::duplicate_name, "two parameters 'w'", [] { Parameters({{.name = "w"}, {.name = "w"}}); });
  Parameters p({{.name = "cutoff", .initial = 100, .mapping = Mapping::log}});
  expect_error(ErrorCode::unknown_name, "there is no parameter 'cutof' (did you mean 'cutoff'?)", [&] { p.set("cutof", 1); });
  expect_error(ErrorCode::unknown_name, "no parameter 'x'", [&] { p.freeze("x"); });
  expect_error(ErrorCode::bad_value, "cannot be set to inf", [&] { p.set("cutoff", std::numeric_limits<double>::infinity()); });
  expect_error(ErrorCode::bad_value, "needs numbers above 0", [&] { p.set("cutoff", 0); });
  expect_error(ErrorCode::bad_value, "cannot be scaled by -1", [&] { p.set_learning_rate("cutoff", -1); });
}

TEST(Coordinates, AreInverseToMoves) {
  for (const Mapping mapping : {Mapping::linear, Mapping::log, Mapping::decibel}) {
    const double x = 0.7, h = 1e-6;
    EXPECT_NEAR(to_coordinate(mapping, moved(mapping, x, 0.3)), to_coordinate(mapping, x) + 0.3, 1e-14);
    EXPECT_NEAR(coordinate_slope(mapping, x), (moved(mapping, x, h) - moved(mapping, x, -h)) / (2 * h), 1e-9);
  }
  EXPECT_NEAR(to_coordinate(Mapping::decibel, 0.5), -6.0205999132796239, 1e-14);  // 20 log10(1/2)
}

}  // namespace
