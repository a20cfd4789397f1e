#include "graph/feedback.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/describe.h"

namespace {

using dgen::ErrorCode;
using dgen::Graph;
using dgen::Signal;

Signal line(Graph& g, std::int64_t size) { return g.add(dgen::ops::line, {}, {.size = size}); }

bool is_feedback_read(const Graph& g, Signal read) { return dgen::feedback_reads(g)[static_cast<std::size_t>(read.id)]; }

TEST(FeedbackReads, AReadInALoopIsOne) {
  Graph g;
  const Signal past = line(g, 9), read = dgen::ops::line_read(past, 3);
  g.close(past, g.input() + read);
  EXPECT_TRUE(is_feedback_read(g, read));
  EXPECT_NO_THROW(dgen::check_loops(g));
}

TEST(FeedbackReads, AReadAfterALoopIsNone) {
  Graph g;
  const Signal past = line(g, 9), inside = dgen::ops::line_read(past, 3);
  g.close(past, g.input() + inside);
  const Signal outside = dgen::ops::line_read(past, 0);
  EXPECT_TRUE(is_feedback_read(g, inside));
  EXPECT_FALSE(is_feedback_read(g, outside));
}

TEST(FeedbackReads, APlainDelayIsNone) {
  Graph g;
  const Signal past = line(g, 9), read = dgen::ops::line_read(past, 3);
  g.close(past, g.input());
  EXPECT_FALSE(is_feedback_read(g, read));
}

TEST(FeedbackReads, ALoopThroughACellOnlyIsNone) {
  Graph g;
  const Signal past = line(g, 9), read = dgen::ops::line_read(past, 3);
  const Signal before = dgen::ops::cell(g.constant(0));
  g.close(before, read);
  g.close(past, g.input() + before);
  EXPECT_FALSE(is_feedback_read(g, read)) << "the history is what takes a frame";
  EXPECT_NO_THROW(dgen::check_loops(g));
}

TEST(FeedbackReads, ALoopThroughAHandleIsOne) {
  Graph g;
  const Signal later = g.feedback(), past = line(g, 9);
  g.close(past, g.input() + later);
  const Signal read = dgen::ops::line_read(past, 3);
  g.close(later, dgen::tanh(read));
  EXPECT_TRUE(is_feedback_read(g, read));
  EXPECT_NO_THROW(dgen::check_loops(g));
}

TEST(FeedbackReads, BothLinesOfOneLoopAre) {
  Graph g;
  const Signal a = line(g, 9), b = line(g, 9);
  const Signal read_a = dgen::ops::line_read(a, 0), read_b = dgen::ops::line_read(b, 0);
  g.close(a, g.input() + read_b);
  g.close(b, read_a);
  EXPECT_TRUE(is_feedback_read(g, read_a));
  EXPECT_TRUE(is_feedback_read(g, read_b));
}

TEST(FeedbackReads, ALineThatTakesItsOwnReadIsOne) {
  Graph g;
  const Signal past = line(g, 9), read = dgen::ops::line_read(past, 0);
  g.close(past, read);
  EXPECT_TRUE(is_feedback_read(g, read));
  EXPECT_NO_THROW(dgen::check_loops(g));
}

TEST(FeedbackReads, ATimeThatDependsOnTheReadMakesALoop) {
  Graph g;
  const Signal past = line(g, 9), first = dgen::ops::line_read(past, 4);
  g.close(past, g.input() + dgen::ops::line_read(past, first));
  EXPECT_TRUE(is_feedback_read(g, first));
}

/// Two tables, each written before the other's sequence reads it: `first` goes into one, `second` comes out of the other.
struct CrossedSequences {
  Signal write_a, read_a, write_b, read_b;
  CrossedSequences(Graph& g, Signal first) {
    const Signal a = g.add(dgen::ops::table, {}, {.size = 4}), b = g.add(dgen::ops::table, {}, {.size = 4});
    write_a = g.n(dgen::ops::table_write, {a, 0, first}), read_a = g.n(dgen::ops::table_read, {a, 0});
    write_b = g.n(dgen::ops::table_write, {b, 0, read_a}), read_b = g.n(dgen::ops::table_read, {b, 0});
    g.close(a, write_a);
    g.close(b, write_b);
    g.output(dgen::seq(write_a, read_a));
    g.output(dgen::seq(write_b, read_b));
  }
};

TEST(FeedbackReads, ALoopThatSequencesCloseIsOne) {
  Graph g;
  const Signal past = line(g, 9), read = dgen::ops::line_read(past, 0);
  const CrossedSequences tables(g, read);
  g.close(past, g.input() + tables.read_b);
  EXPECT_TRUE(is_feedback_read(g, read)) << "what is written this frame is read this frame";
  EXPECT_NO_THROW(dgen::check_loops(g));
}

TEST(FeedbackReads, AReadThatItsOwnWriteNeedsIsOfTheFrameBefore) {
  Graph g;
  const Signal later = g.feedback();
  const Signal table = g.add(dgen::ops::table, {}, {.size = 4});
  const Signal write = dgen::ops::table_write(table, 0, later), read = dgen::ops::table_read(table, 0);
  g.close(table, write);
  g.output(dgen::seq(write, read));
  g.close(later, read + 1.0);
  EXPECT_NO_THROW(dgen::check_loops(g));
}

TEST(EvaluationOrder, PutsNodesAfterWhatTheyNeed) {
  Graph g;
  const Signal later = g.feedback();
  const Signal sum = later + 1.0;
  const Signal value = dgen::sin(g.input());
  g.close(later, value);
  const std::vector<int> order = dgen::evaluation_order(g);
  const auto place = [&](Signal s) { return std::find(order.begin(), order.end(), s.id) - order.begin(); };
  EXPECT_EQ(order.size(), static_cast<std::size_t>(g.size()));
  EXPECT_LT(place(value), place(later));
  EXPECT_LT(place(later), place(sum));
}

struct Mistake {
  const char* name;
  ErrorCode code;
  std::function<std::vector<Signal>(Graph&)> build;  ///< returns the nodes the message must name
  const char* text;
};

class LoopMistake : public testing::TestWithParam<Mistake> {};

TEST_P(LoopMistake, IsNamedWithItsNodes) {
  Graph g;
  const std::vector<Signal> named = GetParam().build(g);
  try {
    dgen::check_loops(g);
    FAIL() << "accepted:\n" << dgen::to_text(g);
  } catch (const dgen::Error& e) {
    EXPECT_EQ(e.code(), GetParam().code) << e.what();
    const std::string text = e.what();
    for (const Signal s : named) EXPECT_NE(text.find(dgen::describe(g, s.id)), std::string::npos) << text;
    EXPECT_NE(text.find("feedback_test.cpp:"), std::string::npos) << text;
    EXPECT_NE(text.find(GetParam().text), std::string::npos) << text;
  }
}

constexpr const char* put_delay = "put a history or a delay into the loop";

INSTANTIATE_TEST_SUITE_P(
    Graphs, LoopMistake,
    testing::Values(
        Mistake{
            "HandleWithoutDelay", ErrorCode::loop_without_delay,
            [](Graph& g) {
              const Signal later = g.feedback(), sum = g.n(dgen::ops::add, {later, g.input()}), wave = g.n(dgen::ops::sin, {sum});
              g.close(later, wave);
              return std::vector{later, sum, wave};
            },
            put_delay},
        Mistake{"HandleOfItself", ErrorCode::loop_without_delay,
                [](Graph& g) {
                  const Signal later = g.feedback();
                  g.close(later, later);
                  return std::vector{later};
                },
                put_delay},
        Mistake{"TwoHandles", ErrorCode::loop_without_delay,
                [](Graph& g) {
                  const Signal a = g.feedback(), b = g.feedback(), c = g.n(dgen::ops::neg, {b});
                  g.close(a, c);
                  g.close(b, a);
                  return std::vector{a, b, c};
                },
                put_delay},
        Mistake{"LoopBesideAGoodOne", ErrorCode::loop_without_delay,
                [](Graph& g) {
                  const Signal past = line(g, 4);
                  g.close(past, g.n(dgen::ops::add, {g.input(), dgen::ops::line_read(past, 1)}));
                  const Signal later = g.feedback(), product = g.n(dgen::ops::mul, {later, dgen::ops::line_read(past, 0)});
                  g.close(later, product);
                  return std::vector{later, product};
                },
                put_delay},
        Mistake{"InitialValueOfItself", ErrorCode::loop_without_delay,
                [](Graph& g) {
                  const Signal later = g.feedback(), before = g.n(dgen::ops::cell, {later});
                  g.close(before, g.input());
                  g.close(later, before);
                  return std::vector{later, before};
                },
                put_delay},
        Mistake{"SequencesInACircle", ErrorCode::loop_without_delay,
                [](Graph& g) {
                  const Signal later = g.feedback();
                  const CrossedSequences tables(g, later);
                  g.close(later, tables.read_b);
                  return std::vector{later, tables.write_a, tables.read_a, tables.write_b, tables.read_b};
                },
                put_delay},
        Mistake{"OpenHandle", ErrorCode::bad_feedback, [](Graph& g) { return std::vector{g.feedback()}; },
                "was never given the signal it takes; close it"},
        Mistake{"OpenHistoryThatIsRead", ErrorCode::bad_feedback,
                [](Graph& g) {
                  const Signal before = g.n(dgen::ops::cell, {0});
                  g.output(before);
                  return std::vector{before};
                },
                "was never given the signal it takes; write it"},
        Mistake{"OpenLineThatIsRead", ErrorCode::bad_feedback,
                [](Graph& g) {
                  const Signal past = g.add(dgen::ops::line, {}, {.size = 4}, {__FILE__, __LINE__, 0});
                  g.output(dgen::ops::line_read(past, 1));
                  return std::vector{past};
                },
                "was never given the signal it takes; write it"},
        Mistake{"TableOfAnother", ErrorCode::bad_feedback,
                [](Graph& g) {
                  const Signal a = g.add(dgen::ops::table, {}, {.size = 4}, {__FILE__, __LINE__, 0});
                  const Signal b = g.add(dgen::ops::table, {}, {.size = 4}, {__FILE__, __LINE__, 0});
                  g.close(a, dgen::ops::table_write(b, 0, 1));
                  return std::vector{a, b};
                },
                "close it with its own writes"}),
    [](const auto& made) { return std::string(made.param.name); });

TEST(CheckLoops, AcceptsOpenCellsAndLinesThatNobodyReads) {
  Graph g;
  g.n(dgen::ops::cell, {0});
  line(g, 4);
  EXPECT_NO_THROW(dgen::check_loops(g));
}

}  // namespace
