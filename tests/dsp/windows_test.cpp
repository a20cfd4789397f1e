// Window functions against those of SciPy (scipy.signal.windows).

#include "dgen/windows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/expect_error.h"

namespace {

using namespace dgen;

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(actual[k], expected[k], 1e-15) << k;
}

TEST(WindowFunction, OfKaiserIsSciPys) {
  expect_near(window_function(Kaiser{}, 5, true),
              {0.0013325139979024198, 0.34039362244018856, 1.0, 0.34039362244018856, 0.0013325139979024198});
  expect_near(window_function(Kaiser{.beta = 5}, 6),
              {0.036710892271286676, 0.3282019573723212, 0.7753221044454067, 1.0, 0.7753221044454067, 0.3282019573723212});
  expect_near(window_function(Kaiser{.beta = 0}, 3), {1, 1, 1});
  expect_near(window_function(Kaiser{}, 1, true), {1});
}

TEST(WindowFunction, RefusesWhatKaiserHasNot) {
  expect_error(ErrorCode::bad_value, "beta is -1", [] { window_function(Kaiser{.beta = -1}, 4); });
  expect_error(ErrorCode::bad_value, "beta is nan", [] { window_function(Kaiser{.beta = std::nan("")}, 4); });
  expect_error(ErrorCode::bad_value, "the size is 0 frames", [] { window_function(Kaiser{}, 0); });
}

}  // namespace
