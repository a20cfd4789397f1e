#include "dgen/loss_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace {

using dgen::LossHistory;

TEST(LossHistory, KeepsEveryStepWhileThereIsRoom) {
  LossHistory h(2, 8);
  for (int k = 0; k < 8; ++k) h.add(k, std::array{10.0 * k, 100.0 * k});
  EXPECT_EQ(h.rows(), 8);
  EXPECT_EQ(h.stride(), 1);
  EXPECT_EQ(h.loss(7), 7);
  EXPECT_EQ(h.values(7)[1], 700);
}

TEST(LossHistory, ThinsOutWhenItIsFull) {
  LossHistory h(1, 8);
  for (int k = 0; k < 1000; ++k) {
    h.add(k, std::array{-1.0 * k});
    ASSERT_LE(h.rows(), 8);
    ASSERT_EQ(h.rows(), (h.steps() + h.stride() - 1) / h.stride());
    for (std::int64_t row = 0; row < h.rows(); ++row) {
      ASSERT_EQ(h.loss(row), static_cast<double>(row * h.stride()));
      ASSERT_EQ(h.values(row)[0], -static_cast<double>(row * h.stride()));
    }
  }
  EXPECT_EQ(h.stride(), 128);
}

TEST(LossHistory, ComesBackFromItsData) {
  LossHistory h(0, 8), copy(0, 8);
  for (int k = 0; k < 21; ++k) h.add(k, {});
  ASSERT_TRUE(copy.restore(h.data(), h.steps(), h.stride()));
  for (int k = 21; k < 40; ++k) h.add(k, {}), copy.add(k, {});
  EXPECT_TRUE(std::ranges::equal(copy.data(), h.data()));
  EXPECT_FALSE(copy.restore(h.data(), 3, 1));
  EXPECT_FALSE(copy.restore(h.data(), 40, 0));
}

}  // namespace
