#include "lower/scan_powers.h"

#include <limits>
#include <string>

#include "lower/access.h"
#include "lower/affine_map.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

std::int64_t scan_block_elements(std::size_t states) {
  return static_cast<std::int64_t>(states * states) * (scan_steps + most_lanes);
}

std::int64_t step_element(std::size_t entries, int step, std::size_t entry) {
  return static_cast<std::int64_t>(entries) * step + static_cast<std::int64_t>(entry);
}

std::int64_t lane_element(std::size_t entries, std::size_t entry) {
  return static_cast<std::int64_t>(entries) * scan_steps + most_lanes * static_cast<std::int64_t>(entry);
}

Value step_power(ir::Builder& b, int powers, std::size_t entries, int step, std::size_t entry) {
  return b.broadcast(b.load(powers, whole(b, step_element(entries, step, entry)), false));
}

Value lane_power(ir::Builder& b, int powers, std::size_t entries, std::size_t entry) {
  return b.load(powers, whole(b, lane_element(entries, entry)), true);
}

ScanPowers read_powers(ir::Builder& b, int powers, std::size_t entries) {
  ScanPowers read;
  for (int step = 0; step < scan_steps; ++step) {
    for (std::size_t e = 0; e < entries; ++e) read.steps.push_back(step_power(b, powers, entries, step, e));
  }
  for (std::size_t e = 0; e < entries; ++e) read.lanes.push_back(lane_power(b, powers, entries, e));
  return read;
}

void write_powers(ir::Builder& b, int powers, const std::vector<Value>& matrix) {
  const std::size_t entries = matrix.size(), n = entries == 1 ? 1 : 2;
  std::vector<Value> power = matrix;
  for (int step = 0; step < scan_steps; ++step) {
    for (std::size_t e = 0; e < entries; ++e)
      b.store(powers, whole(b, step_element(entries, step, e)), convert(Scalar::f32, finite(power[e])));
    power = product(power, power, n);
  }
  std::vector<ir::Local> up;
  for (std::size_t e = 0; e < entries; ++e) up.push_back(b.local("power" + std::to_string(e), matrix[e]));
  b.loop(whole(b, 0), whole(b, most_lanes), false, [&](Value lane) {
    std::vector<Value> now;
    for (std::size_t e = 0; e < entries; ++e) {
      now.push_back(up[e].get());
      b.store(powers, lane + whole(b, lane_element(entries, e)), convert(Scalar::f32, finite(now[e])));
    }
    const std::vector<Value> next = product(now, matrix, n);
    for (std::size_t e = 0; e < entries; ++e) up[e].set(next[e]);
  });
}

Value used_state(Value state, const std::vector<Value>& matrix, std::size_t k, std::size_t n) {
  Value used = matrix[k] != 0.0;
  for (std::size_t row = 1; row < n; ++row) used = used | (matrix[row * n + k] != 0.0);
  return select(used | (abs(state) <= like(state, std::numeric_limits<double>::max())), state, 0.0);
}

std::vector<Value> turned(const std::vector<Value>& turn, const std::vector<Value>& x, bool back) {
  const Value c = turn[0], s = turn[1];
  if (back) return {c * x[0] - s * x[1], s * x[0] + c * x[1]};
  return {c * x[0] + s * x[1], c * x[1] - s * x[0]};
}

std::vector<Value> turned_matrix(const std::vector<Value>& turn, const std::vector<Value>& matrix) {
  const std::vector<Value> q{turn[0], -turn[1], turn[1], turn[0]}, transposed{turn[0], turn[1], -turn[1], turn[0]};
  return product(product(transposed, matrix, 2), q, 2);
}

}  // namespace dgen::lower
