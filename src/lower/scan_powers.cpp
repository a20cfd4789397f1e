#include "lower/scan_powers.h"

#include <limits>
#include <string>

#include "lower/access.h"
#include "lower/affine_map.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

std::int64_t scan_block_elements(std::size_t states) { return static_cast<std::int64_t>(states * states) * most_lanes; }

std::int64_t step_element(int step, std::size_t entry) { return lane_element(entry) + (1 << step) - 1; }

std::int64_t lane_element(std::size_t entry) { return most_lanes * static_cast<std::int64_t>(entry); }

Value step_power(ir::Builder& b, int powers, int step, std::size_t entry) {
  return b.broadcast(b.load(powers, whole(b, step_element(step, entry)), false));
}

Value lane_power(ir::Builder& b, int powers, std::size_t entry) { return b.load(powers, whole(b, lane_element(entry)), true); }

ScanPowers read_powers(ir::Builder& b, int powers, std::size_t entries) {
  ScanPowers read;
  for (int step = 0; step < scan_steps; ++step) {
    for (std::size_t e = 0; e < entries; ++e) read.steps.push_back(step_power(b, powers, step, e));
  }
  for (std::size_t e = 0; e < entries; ++e) read.lanes.push_back(lane_power(b, powers, e));
  return read;
}

namespace {

/// Numbers 0 … most_lanes of a sequence, in a row of their own: f64.
int write_sequence(ir::Builder& b, const std::vector<Value>& numbers) {
  const int row = static_cast<int>(b.module().buffers.size());
  b.module().buffers.push_back({.name = "sequence",
                                .space = ir::Space::scratch,
                                .scalar = Scalar::f64,
                                .size = static_cast<std::int64_t>(numbers.size())});
  for (std::size_t n = 0; n < numbers.size(); ++n) b.store(row, whole(b, static_cast<std::int64_t>(n)), numbers[n]);
  return row;
}

std::vector<Value> powers_of(Value x) {
  std::vector<Value> power{like(x, 1), x};
  for (std::size_t n = 2; n <= most_lanes; ++n) power.push_back(power[n / 2] * power[n - n / 2]);
  return power;
}

/// p[n] with M^n = p[n] M - det p[n - 1] (Cayley and Hamilton): p[n + 1] = trace p[n] - det p[n - 1].
std::vector<Value> multiples_of(Value trace, Value determinant) {
  std::vector<Value> p{like(trace, 0), like(trace, 1), trace};
  while (p.size() <= most_lanes) p.push_back(trace * p[p.size() - 1] - determinant * p[p.size() - 2]);
  return p;
}

}  // namespace

void write_powers(ir::Builder& b, int powers, const std::vector<Value>& matrix) {
  const bool one = matrix.size() == 1;
  const Value determinant = one ? Value{} : matrix[0] * matrix[3] - matrix[1] * matrix[2];
  const int row = write_sequence(b, one ? powers_of(matrix[0]) : multiples_of(matrix[0] + matrix[3], determinant));
  b.loop(whole(b, 0), whole(b, most_lanes), true, [&](Value lane) {
    const auto put = [&](std::size_t entry, Value x) {
      b.store(powers, lane + whole(b, lane_element(entry)), convert(Scalar::f32, finite(x)));
    };
    const Value p = b.load(row, lane + whole(b, 1), true);
    if (one) {
      put(0, p);
      return;
    }
    const Value less = b.broadcast(determinant) * b.load(row, lane, true);
    for (std::size_t e = 0; e < matrix.size(); ++e) {
      const Value multiple = p * b.broadcast(matrix[e]);
      put(e, e % 3 == 0 ? multiple - less : multiple);
    }
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
