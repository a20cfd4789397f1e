#pragma once
// The runs over a segment as rows of a wavefront.

#include <vector>

#include "base/wavefront.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

/// Each run is a row of one cell that begins it (states, parameters, control values), rows of its parts over the frames, and a
/// row of one cell that ends it (sums). A part that takes a signal of another run in the same direction of time follows it at a
/// distance of a few cells; in the other direction, and for sums, it waits for all of it.
struct SegmentFront {
  explicit SegmentFront(const SegmentData& data);
  struct Place {
    int run = -1;
    int part = -1;  ///< begins, ends: the run
  };
  static constexpr int begins = -1, ends = -2;

  std::vector<base::Wavefront::Row> rows;
  std::vector<Place> places;  ///< by row
  std::vector<int> first;     ///< by run: the row that begins it; those of its parts follow

  /// Most threads that ever have something to do, at least 1.
  int useful_threads(int threads) const;

 private:
  void add_run(const SegmentData& data, int run);
  std::vector<base::Wavefront::Need> needs_of_part(const SegmentData& data, int run, const schedule::Part& part) const;
  int giver(const SegmentData& data, int run, int signal) const;
  int end_of(int run) const;
};

}  // namespace dgen::runtime
