#include "dgen/loss_history.h"

#include <algorithm>

namespace dgen {

LossHistory::LossHistory(std::int64_t values, std::int64_t rows)
    : width_(static_cast<std::size_t>(values) + 1), capacity_(std::max<std::int64_t>(rows, 2)),
      data_(static_cast<std::size_t>(capacity_) * width_) {}

void LossHistory::add(double loss, std::span<const double> values) noexcept {
  const std::int64_t step = steps_++;
  if (step % stride_ != 0) return;
  if (rows_ == capacity_) thin();
  if (step % stride_ != 0) return;
  const auto row = data_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(rows_++) * width_);
  *row = loss;
  std::copy_n(values.begin(), width_ - 1, row + 1);
}

void LossHistory::thin() noexcept {
  const auto width = static_cast<std::ptrdiff_t>(width_);
  const std::int64_t kept = (rows_ + 1) / 2;
  for (std::ptrdiff_t row = 1; row < kept; ++row)
    std::copy_n(data_.begin() + 2 * row * width, width, data_.begin() + row * width);
  rows_ = kept;
  stride_ *= 2;
}

bool LossHistory::restore(std::span<const double> data, std::int64_t steps, std::int64_t stride) {
  if (steps < 0 || stride < 1 || data.size() > data_.size() || data.size() % width_ != 0) return false;
  const auto rows = static_cast<std::int64_t>(data.size() / width_);
  if (rows != (steps + stride - 1) / stride) return false;
  std::ranges::copy(data, data_.begin());
  steps_ = steps;
  stride_ = stride;
  rows_ = rows;
  return true;
}

}  // namespace dgen
