#pragma once
// What training keeps of its steps: losses and values, in bounded memory.

#include <cstdint>
#include <span>
#include <vector>

namespace dgen {

/// The loss and the values of every `stride`-th step from step 0 on. When it is full, every other row goes and the stride
/// doubles, so that adding never allocates.
class LossHistory {
 public:
  /// `values`: numbers of a row besides the loss. `rows`: the most it holds, at least 2.
  explicit LossHistory(std::int64_t values = 0, std::int64_t rows = 8192);

  /// Takes note of step `steps()`.
  void add(double loss, std::span<const double> values) noexcept;

  std::int64_t steps() const { return steps_; }    ///< noted so far
  std::int64_t stride() const { return stride_; }  ///< steps from row to row
  std::int64_t rows() const { return rows_; }
  std::int64_t capacity() const { return capacity_; }
  double loss(std::int64_t row) const { return this->row(row)[0]; }
  /// The values at the beginning of step row * stride().
  std::span<const double> values(std::int64_t row) const { return this->row(row).subspan(1); }

  /// All rows, one after the other: loss, values.
  std::span<const double> data() const { return std::span(data_).first(static_cast<std::size_t>(rows_) * width_); }
  /// Puts back what `data`, `steps` and `stride` gave; false, and nothing changes, where they do not fit.
  bool restore(std::span<const double> data, std::int64_t steps, std::int64_t stride);

 private:
  std::span<const double> row(std::int64_t k) const {
    return std::span(data_).subspan(static_cast<std::size_t>(k) * width_, width_);
  }
  void thin() noexcept;

  std::size_t width_;
  std::int64_t capacity_;
  std::vector<double> data_;
  std::int64_t steps_ = 0, stride_ = 1, rows_ = 0;
};

}  // namespace dgen
