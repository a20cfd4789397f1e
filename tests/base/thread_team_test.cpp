#include "base/thread_team.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dgen::base {
namespace {

TEST(ThreadTeam, DoesEachPieceOnceForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadTeam team(threads);
    EXPECT_EQ(team.threads(), threads);
    for (const int count : {0, 1, 2, 5, 100}) {
      std::vector<int> done(static_cast<std::size_t>(count));
      for (int round = 0; round < 50; ++round) team.run(count, [&](int k) { ++done[static_cast<std::size_t>(k)]; });
      EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](int times) { return times == 50; })) << threads << ", " << count;
    }
  }
}

TEST(ThreadTeam, ReturnsWhenAllIsDone) {
  ThreadTeam team(3);
  for (int round = 0; round < 2000; ++round) {
    std::vector<int> made(4);
    team.run(4, [&](int k) { made[static_cast<std::size_t>(k)] = k + round; });
    for (int k = 0; k < 4; ++k) ASSERT_EQ(made[static_cast<std::size_t>(k)], k + round);
  }
}

TEST(ThreadTeam, HasTheMachinesThreadsForZero) { EXPECT_GE(ThreadTeam(0).threads(), 1); }

}  // namespace
}  // namespace dgen::base
