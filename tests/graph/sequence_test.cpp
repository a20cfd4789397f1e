#include "graph/sequence.h"

#include <gtest/gtest.h>

#include "dgen/math.h"
#include "dgen/time.h"

namespace {

using dgen::Graph;
using dgen::Signal;

/// A table with two writes, the second after the first.
struct Written {
  Graph g;
  Signal table = g.add(dgen::ops::table, {}, {.size = 4});
  Signal first = dgen::ops::table_write(table, 0, g.input());
  Signal second = dgen::ops::table_write(first, 1, g.input());
  Written() { g.close(table, second); }
  Signal read() { return dgen::ops::table_read(table, 0); }
  int version(Signal read) const { return dgen::table_versions(g)[static_cast<std::size_t>(read.id)]; }
};

TEST(TableVersions, AReadSeesTheFrameBefore) {
  Written w;
  EXPECT_EQ(w.version(w.read()), w.table.id);
}

TEST(TableVersions, OtherNodesHaveNone) {
  Written w;
  EXPECT_EQ(w.version(w.table), -1);
  EXPECT_EQ(w.version(w.first), -1);
}

TEST(TableVersions, AReadOfAWriteSeesIt) {
  Written w;
  EXPECT_EQ(w.version(dgen::ops::table_read(w.first, 0)), w.first.id);
}

TEST(TableVersions, SeqOrdersReadsAfterWrites) {
  Written w;
  const Signal before = w.read(), between = w.read(), after = w.read(), apart = w.read();
  dgen::seq(before, w.first, between, w.second, after);
  EXPECT_EQ(w.version(before), w.table.id);
  EXPECT_EQ(w.version(between), w.first.id);
  EXPECT_EQ(w.version(after), w.second.id);
  EXPECT_EQ(w.version(apart), w.table.id);
}

TEST(TableVersions, TheLastWriteCountsInWhateverOrderTheyAreListed) {
  Written w;
  const Signal after = w.read();
  dgen::seq(w.second, w.first, after);
  EXPECT_EQ(w.version(after), w.second.id) << "the second write was made after the first";
}

TEST(TableVersions, SeqReachesIntoExpressions) {
  Written w;
  const Signal read = w.read(), inside = dgen::sin(read) + 1.0;
  dgen::seq(w.first, inside * 2.0);
  EXPECT_EQ(w.version(read), w.first.id);
}

TEST(TableVersions, SeqReachesThroughADelayButNotIntoALoop) {
  Written w;
  const Signal delayed = w.read(), looped = w.read();
  const Signal plain = w.g.add(dgen::ops::line, {}, {.size = 4}), ring = w.g.add(dgen::ops::line, {}, {.size = 4});
  w.g.close(plain, delayed);
  const Signal echo = dgen::ops::line_read(ring, 1);
  w.g.close(ring, looped + echo);
  dgen::seq(w.first, dgen::ops::line_read(plain, 0) + echo);
  EXPECT_EQ(w.version(delayed), w.first.id);
  EXPECT_EQ(w.version(looped), w.table.id) << "what the loop's line remembers was evaluated a frame ago";
}

TEST(TableVersions, AReadThatAnEarlierArgumentHoldsStaysBefore) {
  Written w;
  const Signal read = w.read();
  const Signal write = dgen::ops::table_write(w.second, 2, read);
  w.g.close(w.table, write);
  dgen::seq(write, read);
  EXPECT_EQ(w.version(read), w.table.id) << "the write's value was read before the write";
}

TEST(TableVersions, SequencesNestAndShare) {
  Written w;
  const Signal inner = w.read(), outer = w.read();
  const Signal nested = dgen::seq(w.first, inner);
  dgen::seq(nested, w.second, outer);
  EXPECT_EQ(w.version(inner), w.first.id);
  EXPECT_EQ(w.version(outer), w.second.id);
  dgen::seq(w.second, inner);
  EXPECT_EQ(w.version(inner), w.second.id) << "after both writes";
}

TEST(TableVersions, ASequenceOfTablesIsItsLast) {
  Written w;
  EXPECT_EQ(w.version(dgen::ops::table_read(dgen::seq(w.g.input(), w.first), 0)), w.first.id);
  EXPECT_EQ(w.version(dgen::ops::table_read(dgen::seq(w.g.input(), w.table), 0)), w.table.id);
  EXPECT_EQ(dgen::table_of(w.g, dgen::ops::table_write(dgen::seq(w.g.input(), w.first), 0, 1).id), w.table.id);
}

TEST(TableVersions, TablesDoNotMix) {
  Written w;
  const Signal other = w.g.add(dgen::ops::table, {}, {.size = 4});
  const Signal read = dgen::ops::table_read(other, 0);
  dgen::seq(w.second, read);
  EXPECT_EQ(w.version(read), other.id);
}

}  // namespace
