#pragma once
// Rows of cells that threads fill at the same time, each cell as soon as what it needs is there: a wavefront.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "base/thread_team.h"

namespace dgen::base {

/// Rows are steps of a computation, cells are stretches of its frames. Which thread fills a cell, and when, changes nothing in
/// what is computed: a cell sees what the cells it needs left. Ours, as a flow graph of oneTBB would allocate for each cell, and
/// a loop of OpenMP ends with a barrier after each row; this is a table and a lock that is held for tens of nanoseconds.
class Wavefront {
 public:
  /// What a row needs of an earlier one: all its cells, or those up to the end of its own cell.
  struct Need {
    int row = -1;
    bool all = false;
  };
  struct Row {
    std::vector<Need> needs{};
    bool in_order = true;  ///< a cell needs the one before it; else several go at once
    int memory = -1;       ///< rows that share this memory are less than `ahead` cells apart; -1: no such bound
  };

  /// Throws InternalError where a row needs itself or a later one. ahead: 1 … 32.
  Wavefront(std::vector<Row> rows, int ahead);

  int rows() const { return static_cast<int>(rows_.size()); }
  /// Before a run: the ends of a row's cells, ascending, in a unit that is the same for all rows that need each other but for
  /// `all`. Kept as a reference. None: the row is done.
  void set_cells(int row, std::span<const std::int64_t> ends) noexcept { at(row).ends = ends, at(row).known = true; }
  /// Before a run: the cells of a row are known only when a cell of an earlier row, which it needs, calls `give_cells`.
  void await_cells(int row) noexcept { at(row).ends = {}, at(row).known = false; }
  void give_cells(int row, std::span<const std::int64_t> ends) noexcept;

  /// Calls work(row, cell) for every cell, on the threads of `team`, and returns when all are done. Allocates nothing.
  template <class Work>
  void run(ThreadTeam& team, const Work& work) noexcept {
    begin();
    team.run(team.threads(), [&](int) noexcept {
      for (Cell cell = first(); cell.row >= 0; cell = next(cell)) work(cell.row, cell.number);
    });
  }

 private:
  struct Cell {
    int row = -1, number = -1;
  };
  struct State {
    std::span<const std::int64_t> ends{};
    bool known = true;        ///< `ends` is what it is going to be
    int taken = 0;            ///< cells that somebody fills or has filled
    int done = 0;             ///< cells that are filled, and all before them
    std::uint32_t later = 0;  ///< bit k: cell `done` + 1 + k is filled
    int count() const { return static_cast<int>(ends.size()); }
    bool finished() const { return known && done == count(); }
  };

  State& at(int row) { return states_[static_cast<std::size_t>(row)]; }
  const State& at(int row) const { return states_[static_cast<std::size_t>(row)]; }
  void begin() noexcept;
  Cell first() noexcept;
  Cell next(const Cell& filled) noexcept;
  Cell take(std::unique_lock<std::mutex>& lock) noexcept;
  void fill(const Cell& cell) noexcept;
  bool ready(int row) const noexcept;
  int slowest(int memory) const noexcept;
  void wait(std::unique_lock<std::mutex>& lock) noexcept;

  const std::vector<Row> rows_;
  const int ahead_;
  std::vector<State> states_;
  std::mutex mutex_;  ///< of everything above and of `left_`
  std::condition_variable filled_;
  int left_ = 0;                           ///< rows that are not done
  int asleep_ = 0;                         ///< threads that wait for `filled_`
  std::atomic<std::uint32_t> changes_{0};  ///< counts filled cells
};

}  // namespace dgen::base
