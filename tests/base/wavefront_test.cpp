// Cells of a wavefront: each once, after what it needs, whatever the number of threads.

#include "base/wavefront.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dgen/error.h"

namespace dgen::base {
namespace {

using Row = Wavefront::Row;

/// Row 0 writes, rows 1 and 2 read it, row 3 needs all of row 2. Returns whether every cell found what it needs.
class Traced {
 public:
  explicit Traced(int threads) : team_(threads), front_(rows(), 3), ends_(cells), seen_(front_.rows() * cells) {
    for (int k = 0; k < cells; ++k) ends_[static_cast<std::size_t>(k)] = 10 * (k + 1);
    for (int row = 0; row < front_.rows(); ++row) front_.set_cells(row, ends_);
  }

  bool run() {
    for (auto& count : seen_) count = 0;
    std::atomic<bool> right{true};
    front_.run(team_, [&](int row, int cell) noexcept {
      if (row == 1 || row == 2) right = right && count(0, cell) == 1;
      if (row == 3) right = right && count(2, cells - 1) == 1;
      if (row != 2 && cell > 0) right = right && count(row, cell - 1) == 1;
      if (row == 0 && cell >= 3) right = right && count(1, cell - 3) == 1;
      ++count(row, cell);
    });
    for (const auto& count : seen_) right = right && count == 1;
    return right;
  }

 private:
  static constexpr int cells = 200;
  static std::vector<Row> rows() {
    return {
        {.memory = 0}, {.needs = {{0}}, .memory = 0}, {.needs = {{0}}, .in_order = false}, {.needs = {{.row = 2, .all = true}}}};
  }
  std::atomic<int>& count(int row, int cell) { return seen_[static_cast<std::size_t>(row * cells + cell)]; }

  ThreadTeam team_;
  Wavefront front_;
  std::vector<std::int64_t> ends_;
  std::vector<std::atomic<int>> seen_;
};

TEST(Wavefront, FillsEachCellAfterWhatItNeeds) {
  for (const int threads : {1, 2, 3, 8}) {
    Traced traced(threads);
    for (int k = 0; k < 50; ++k) ASSERT_TRUE(traced.run()) << threads << " threads, run " << k;
  }
}

TEST(Wavefront, TakesRowsWithoutCellsForDone) {
  ThreadTeam team(2);
  Wavefront front({{}, {.needs = {{.row = 0, .all = true}}}}, 1);
  const std::vector<std::int64_t> ends{5, 9};
  front.set_cells(1, ends);
  std::atomic<int> filled{0};
  front.run(team, [&](int row, int) noexcept { filled += row; });
  EXPECT_EQ(filled, 2);
}

TEST(Wavefront, ComparesEndsWhereCellsDiffer) {
  ThreadTeam team(3);
  Wavefront front({{}, {.needs = {{0}}}}, 1);
  const std::vector<std::int64_t> fine{1, 2, 3, 4, 5, 6}, coarse{4, 6};
  front.set_cells(0, fine);
  front.set_cells(1, coarse);
  std::atomic<int> written{0};
  std::atomic<bool> right{true};
  front.run(team, [&](int row, int cell) noexcept {
    if (row == 0) ++written;
    if (row == 1) right = right && written >= (cell == 0 ? 4 : 6);
  });
  EXPECT_TRUE(right);
}

TEST(Wavefront, RefusesRowsThatNeedLaterOnes) { EXPECT_THROW(Wavefront({{.needs = {{0}}}}, 1), InternalError); }

}  // namespace
}  // namespace dgen::base
