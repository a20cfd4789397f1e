#pragma once
// Writes an affine recurrence as a scan: a vector of frames at a time, each lane's state from those of the lanes below.

#include <functional>
#include <vector>

#include "graph/affine_loop.h"
#include "ir/builder.h"

namespace dgen::lower {

/// Where a scan keeps what it needs. -1: none. Vectors of a scan begin at multiples of the lanes since its coefficients
/// changed, wherever a call begins, so that its sums are taken in the same order in blocks of any size.
struct ScanBuffers {
  std::vector<int> state;    ///< f64, by state: after the last frame
  std::vector<int> base;     ///< f64, by state: before the first frame of the vector that is not complete
  std::vector<int> pending;  ///< f32, two vectors, by offset, then by entry of a matrix that varies: of that vector
  int done = -1;             ///< i32: its frames so far, in 0 … lanes - 1
  int realigned = -1;        ///< f32, scratch for two vectors
  int blocks = -1;           ///< f32, of a time-invariant loop: see `write_scan_blocks`
  int rotation = -1;         ///< f64: cosine and sine, of a time-invariant loop of two states
};

/// Elements of ScanBuffers::blocks.
std::int64_t scan_block_elements(std::size_t states);

/// Of a time-invariant loop, when a coefficient changed, in double: the coordinates in which it runs, and the powers of its
/// matrix there. With two states the coordinates are turned so that both diagonal elements are equal: poles near 1 then are
/// a value and a small difference, which a float holds, not two large values that nearly cancel.
/// matrix: by entry, f64. Source: Golub and Van Loan, Matrix Computations, 7.4.1 (the standard form of a 2 by 2 block).
void write_scan_blocks(ir::Builder& builder, const ScanBuffers& buffers, const std::vector<ir::Value>& matrix);

class ScanWriter {
 public:
  ScanWriter(const AffineLoop& loop, bool time_invariant, const ScanBuffers& buffers, ir::Builder& builder);

  /// Before `begin`, where registers are free: holds the powers of a time-invariant matrix over the whole loop. The stores in
  /// it keep the C compiler from seeing that they do not change.
  void keep_powers();
  /// Before the loop over `frames` (i32) frames. initial(k): of state k, f64; of no builder where it is 0.
  void begin(ir::Value position, ir::Value frames, const std::function<ir::Value(std::size_t k)>& initial);
  /// The vector of frames from `index` on. of(node): its value as wide f32. is_zero(node): whether it is the constant 0.
  /// Returns the values of the results.
  std::vector<ir::Value> frame(ir::Value index, const std::function<ir::Value(int node)>& of,
                               const std::function<bool(int node)>& is_zero);
  /// After the loop.
  void end();

 private:
  using Values = std::vector<ir::Value>;
  Values turned(const Values& x, bool back) const;
  Values invariant_offsets(const std::function<ir::Value(int)>& of, const std::function<bool(int)>& is_zero) const;
  ir::Value step_power(int step, std::size_t entry) const;
  ir::Value lane_power(std::size_t entry) const;
  /// One aligned vector: from `in_` and the carry to the states after each of its frames.
  Values scan_invariant();
  Values scan_varying();
  /// Runs `body` for every power of two below the number of lanes.
  void each_step(const std::function<void(int step, int by)>& body);
  void begin_second_part();
  ir::Value kept_at(std::size_t state, bool after, ir::Value part);
  void keep_part(ir::Value part);
  void take_parts();

  const AffineLoop loop_;
  const bool invariant_;
  const ScanBuffers buffers_;
  ir::Builder& b_;
  ir::Value frames_{}, done_{}, aligned_{}, zero_{};
  std::vector<ir::Local> carry_;           ///< wide, by state: after the aligned vector before, in every lane
  std::vector<ir::Local> in_;              ///< wide: offsets, then the entries of a matrix that varies
  std::vector<ir::Local> before_, after_;  ///< wide, by state
  Values wide_rotation_, rotation_;
  Values step_powers_, lane_powers_;  ///< where they are kept
};

}  // namespace dgen::lower
