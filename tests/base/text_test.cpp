#include "base/text.h"

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace dgen::base;

TEST(FirstLines, KeepsShortTextsAndCountsWhatItLeavesOut) {
  EXPECT_EQ(first_lines("a\nb\n", 2), "a\nb");
  EXPECT_EQ(first_lines("a\nb\nc\nd\n", 2), "a\nb\n… and 2 more lines");
  EXPECT_EQ(first_lines("a\nb\nc", 2), "a\nb\n… and 1 more line");
  EXPECT_EQ(first_lines("", 3), "");
}

TEST(EditDistance, CountsInsertionsDeletionsAndSubstitutions) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("same", "same"), 0);
  EXPECT_EQ(edit_distance("gian", "gain"), 1);
  EXPECT_EQ(edit_distance("ca", "abc"), 3);
}

TEST(Suggestion, NamesTheNearestOrNothing) {
  const std::array<std::string_view, 3> names{"cutoff", "resonance", "mix"};
  EXPECT_EQ(suggestion("cutof", names), " (did you mean 'cutoff'?)");
  EXPECT_EQ(suggestion("frequency", names), "");
}

TEST(Numbers, ReadBackAsTheyWere) {
  for (const double x : {0.0, 0.1, -2.0, 1e300, 5e-324, 44100.0}) EXPECT_EQ(number_of(number_text(x)), x);
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_of("1e-3"), 1e-3);
  for (const char* text : {"", "x", "1x", " 1", "1,5", "--1"}) EXPECT_FALSE(number_of(text)) << text;
}

TEST(Split, GivesThePartsBetweenSeparators) {
  EXPECT_EQ(split("a,b", ','), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(split("a", ','), (std::vector<std::string_view>{"a"}));
  EXPECT_EQ(split(",", ','), (std::vector<std::string_view>{"", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

}  // namespace
