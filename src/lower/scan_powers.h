#pragma once
// Powers of the matrices of time-invariant loops, for scans over the lanes of a vector.

#include <vector>

#include "ir/builder.h"

namespace dgen::lower {

/// Steps of a scan: by 1, 2, 4 and 8 lanes.
inline constexpr int scan_steps = 4;
inline constexpr int most_lanes = 1 << scan_steps;
static_assert(most_lanes == ir::padding);

/// Elements of a buffer of powers.
std::int64_t scan_block_elements(std::size_t states);

/// Where in it the power n + 1 of lane n is, lane after lane, of each entry, and among these the power 2^step.
std::int64_t step_element(int step, std::size_t entry);
std::int64_t lane_element(std::size_t entry);

/// Powers as vectors.
struct ScanPowers {
  std::vector<ir::Value> steps;  ///< by step, entry after entry: in every lane
  std::vector<ir::Value> lanes;  ///< by entry: of the lane's number, from 1
};

/// One of them, and all.
ir::Value step_power(ir::Builder& b, int powers, int step, std::size_t entry);
ir::Value lane_power(ir::Builder& b, int powers, std::size_t entry);
ScanPowers read_powers(ir::Builder& b, int powers, std::size_t entries);

/// Fills a buffer of powers. matrix: by entry, f64.
void write_powers(ir::Builder& b, int powers, const std::vector<ir::Value>& matrix);

/// A state that no coefficient takes is 0 where it is not finite: 0 times it must be 0. matrix: of n rows.
ir::Value used_state(ir::Value state, const std::vector<ir::Value>& matrix, std::size_t k, std::size_t n);

/// Two states into coordinates turned by `turn` (cosine and sine), or back. Values of one type.
std::vector<ir::Value> turned(const std::vector<ir::Value>& turn, const std::vector<ir::Value>& x, bool back);

/// A matrix, 2 by 2, in those coordinates.
std::vector<ir::Value> turned_matrix(const std::vector<ir::Value>& turn, const std::vector<ir::Value>& matrix);

/// Runs `body` for every step of a scan that the target's lanes have.
template <class Body>
void each_step(ir::Builder& b, Body body) {
  for (int step = 0; step < scan_steps; ++step) {
    const int by = 1 << step;
    if (step < 2) {
      body(step, by);  // every target has four lanes
    } else {
      b.branch(b.lanes() > b.integer({ir::Scalar::i32, false}, by), [&] { body(step, by); });
    }
  }
}

}  // namespace dgen::lower
