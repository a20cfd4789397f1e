#pragma once
// Writes an affine recurrence as a scan: a vector of frames at a time, each lane's state from those of the lanes below.

#include <functional>
#include <optional>
#include <vector>

#include "graph/affine_loop.h"
#include "ir/builder.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

/// Where a scan keeps what it needs. -1: none. Vectors of a scan end at multiples of the lanes since reset, wherever a call
/// begins, so that its sums are taken in the same order in blocks of any size (see ir::Module::whole_vectors); where a
/// coefficient of a time-invariant loop changes within one, the rest of it is a vector of its own.
struct ScanBuffers {
  std::vector<int> state;    ///< f64, by state: after the last frame
  std::vector<int> base;     ///< f64, by state, in the scan's coordinates: before the first frame of the vector that goes on
  std::vector<int> pending;  ///< f32, by offset, then by entry of a matrix that varies: of that vector
  int done = -1;             ///< i32: its frames so far, in 0 … lanes - 1; no more than since the last multiple of the lanes
  int realigned = -1;        ///< f32, scratch for two vectors
  int blocks = -1;           ///< f32, of a time-invariant loop: see `write_powers`; one for all that have the same matrix
  int rotation = -1;         ///< f64: cosine and sine, of a time-invariant loop of two states
};

/// Of a time-invariant loop, when a coefficient changed, in double: the coordinates in which it runs, and the powers of its
/// matrix there. With two states the coordinates are turned so that both diagonal elements are equal: poles near 1 then are
/// a value and a small difference, which a float holds, not two large values that nearly cancel.
/// matrix: by entry, f64. has_powers: of a loop with this matrix they were written before. Source: Golub and Van Loan, Matrix
/// Computations, 7.4.1 (the standard form of a 2 by 2 block).
void write_scan_blocks(ir::Builder& builder, const ScanBuffers& buffers, const std::vector<ir::Value>& matrix, bool has_powers);

class ScanWriter {
 public:
  /// may_reset: see there; of a loop that varies.
  ScanWriter(const AffineLoop& loop, bool time_invariant, std::vector<bool> may_reset, const ScanBuffers& buffers,
             ir::Builder& builder);

  /// Before `begin`: powers of a time-invariant matrix that are held over the whole loop. The stores in it keep the C compiler
  /// from seeing that they do not change.
  void keep_powers(const ScanPowers& powers) { kept_ = powers; }
  /// Before `begin`, of a time-invariant loop: the state comes in with the first lane and rises with the others.
  void join_carry() { joins_carry_ = true; }
  /// Before the loop over `frames` (i32) frames. initial(k): of state k, f64; of no builder where it is 0.
  void begin(ir::Value position, ir::Value frames, const std::function<ir::Value(std::size_t k)>& initial);
  /// Whether a call before left a vector unfinished, which this sub-block goes on with: not 0. i32.
  ir::Value unfinished() const { return done_; }
  /// The vector of frames from `index` on. rest: a scalar mask, whether these are the last frames of the sub-block and fewer
  /// than a vector, or go on with an unfinished one. of(node): its value as wide f32. is_zero(node): whether it is the
  /// constant 0. Returns the values of the results.
  std::vector<ir::Value> frame(ir::Value index, ir::Value rest, const std::function<ir::Value(int node)>& of,
                               const std::function<bool(int node)>& is_zero);
  /// After a loop over whole vectors only.
  void end_whole_vectors();

 private:
  using Values = std::vector<ir::Value>;
  Values turned(const Values& x, bool back) const;
  Values invariant_offsets(const std::function<ir::Value(int)>& of, const std::function<bool(int)>& is_zero) const;
  ir::Value step_power(int step, std::size_t entry) const;
  ir::Value lane_power(std::size_t entry) const;
  /// One aligned vector: from `in_` and the carry to the states after each of its frames.
  Values scan_invariant();
  Values scan_varying();
  ir::Value term(std::size_t entry, ir::Value coefficient, ir::Value state) const;
  void leave_longer_vector();
  Values given(const std::function<ir::Value(int)>& of, const std::function<bool(int)>& is_zero) const;
  std::vector<ir::Value> results(const Values& before, const Values& after) const;
  void join_unfinished();
  void end_within_vector(ir::Value index);
  ir::Value last_lane(ir::Value wide);

  const AffineLoop loop_;
  const bool invariant_, backward_;
  const std::vector<bool> may_reset_;
  const ScanBuffers buffers_;
  ir::Builder& b_;
  ir::Value position_{}, frames_{}, done_{}, zero_{};
  ir::Value last_lane_{};                  ///< wide mask
  std::vector<ir::Local> carry_;           ///< wide, by state: after the vector before, in every lane; if it joins, in the last
  std::vector<ir::Local> before_, after_;  ///< wide, by state: of each frame of this vector
  std::vector<ir::Local> in_;              ///< wide: offsets, then the entries of a matrix that varies
  Values wide_rotation_, rotation_;
  std::optional<ScanPowers> kept_;
  bool joins_carry_ = false;
};

}  // namespace dgen::lower
