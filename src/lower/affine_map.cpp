#include "lower/affine_map.h"

#include <limits>

namespace dgen::lower {

using ir::Value;

std::vector<Value> product(const std::vector<Value>& x, const std::vector<Value>& y, std::size_t n) {
  std::vector<Value> made;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column < n; ++column) {
      Value sum = x[row * n] * y[column];
      for (std::size_t k = 1; k < n; ++k) sum = sum + x[row * n + k] * y[k * n + column];
      made.push_back(sum);
    }
  }
  return made;
}

std::vector<Value> advanced(const std::vector<Value>& matrix, const std::vector<Value>& x, const std::vector<Value>& offset,
                            bool resets) {
  std::vector<Value> after;
  for (std::size_t k = 0; k < x.size(); ++k) {
    Value sum = offset[k];
    for (std::size_t j = 0; j < x.size(); ++j) {
      const Value entry = matrix[k * x.size() + j], term = entry * x[j];
      sum = sum + (resets ? select(entry == 0.0, 0.0, term) : term);
    }
    after.push_back(sum);
  }
  return after;
}

std::vector<Value> values_of(const std::vector<ir::Local>& locals) {
  std::vector<Value> values;
  for (const ir::Local& local : locals) values.push_back(local.get());
  return values;
}

void set_all(const std::vector<ir::Local>& locals, const std::vector<Value>& values) {
  for (std::size_t k = 0; k < locals.size(); ++k) locals[k].set(values[k]);
}

Value finite(Value x) {
  constexpr double most = std::numeric_limits<float>::max();
  return min(max(x, like(x, -most)), like(x, most));
}

std::vector<Value> equal_diagonal(const std::vector<Value>& m) {
  const Value p = (m[0] - m[3]) * 0.5, q = (m[1] + m[2]) * 0.5;
  const Value size = sqrt(p * p + q * q);
  const Value known = size > 0.0;  // else any turn will do; NaN comes out as no turn
  const Value double_cosine = select(known, abs(q) / size, 1.0);
  const Value double_sine = select(known, select(q < 0.0, p, -p) / size, 0.0);
  const Value cosine = sqrt((double_cosine + 1.0) * 0.5);
  return {cosine, double_sine * 0.5 / cosine};
}

}  // namespace dgen::lower
