#include "dgen/conversions.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/play.h"

namespace {

using namespace dgen_test;

TEST(Mtof, DoublesEveryTwelveNotes) {
  dgen::Graph g;
  expect_near(play(mtof(g.input()), 4, {{69, 81, 57, 60}}), {440, 880, 220, 261.6255653005986}, 1e-9);
  expect_near(play(mtof(g.input(), 442.0), 1, {{69}}), {442}, 1e-9);
}

TEST(Ftom, UndoesMtof) {
  dgen::Graph g;
  const auto notes = sequence(128, [](double n) { return n; });
  expect_near(play(ftom(mtof(g.input(), 432.0), 432.0), 128, {notes}), notes, 1e-10);
}

TEST(Dbtoa, IsTenToTheTwentiethOfTheLevel) {
  dgen::Graph g;
  const auto levels = sequence(200, [](double n) { return n - 150; });
  expect_near(play(dbtoa(g.input()), 200, {levels}), sequence(200, [](double n) { return std::pow(10, (n - 150) / 20); }), 1e-11);
}

TEST(Atodb, UndoesDbtoaAndIsMinusInfinityAtZero) {
  dgen::Graph g;
  const auto levels = sequence(200, [](double n) { return n - 150; });
  expect_near(play(atodb(dbtoa(g.input())), 200, {levels}), levels, 1e-11);
  EXPECT_EQ(play(atodb(g.input()), 1, {{0}})[0], -std::numeric_limits<double>::infinity());
}

}  // namespace
