// Fourier transforms and complex numbers in the interpreter: against the sum that defines them, and their gradients.

#include "dgen/fourier.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "dgen/complex.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "graph/fourier.h"
#include "support/differences.h"
#include "support/expect_error.h"
#include "support/random_graph.h"

namespace {

using namespace dgen;
using Numbers = std::vector<double>;

Numbers random_numbers(std::size_t count) { return dgen::testing::random_input(11, 1, static_cast<std::int64_t>(count))[0]; }

/// The definition: sum over t of x[t] exp(sign 2 pi i k t / n), of rows [real, imaginary].
Numbers by_definition(const Numbers& z, double sign) {
  const std::size_t n = z.size() / 2;
  Numbers y(2 * n);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t t = 0; t < n; ++t) {
      const double angle = sign * 2 * std::numbers::pi * static_cast<double>(k * t % n) / static_cast<double>(n);
      const std::complex<double> term = std::complex(z[t], z[n + t]) * std::polar(1.0, angle);
      y[k] += term.real(), y[n + k] += term.imag();
    }
  }
  return y;
}

double distance(const Numbers& a, const Numbers& b) {
  double error = 0, size = 0;
  for (std::size_t k = 0; k < a.size(); ++k) error += (a[k] - b[k]) * (a[k] - b[k]), size += b[k] * b[k];
  return a.size() == b.size() ? std::sqrt(error / size) : 1;
}

Numbers value_of(Signal y) { return SegmentInterpreter(*y.graph, std::span(&y, 1), 48000).evaluate({}, 1)[0]; }

Signal rows(Graph& g, const Numbers& z) { return tensor(g, z, extents({2, static_cast<std::int32_t>(z.size() / 2)})); }

TEST(Fourier, IsTheSumThatDefinesIt) {
  for (const std::size_t n : {2u, 3u, 4u, 5u, 6u, 8u, 9u, 15u, 16u, 30u, 50u, 64u, 120u, 243u}) {
    Graph g;
    const Numbers z = random_numbers(2 * n);
    EXPECT_LT(distance(value_of(fft(rows(g, z))), by_definition(z, -1)), 1e-14) << n;
    Numbers back = by_definition(z, 1);
    for (double& x : back) x /= static_cast<double>(n);
    EXPECT_LT(distance(value_of(ifft(rows(g, z))), back), 1e-14) << n;
    EXPECT_LT(distance(value_of(ifft(fft(rows(g, z)))), z), 1e-14) << n;
  }
}

TEST(Fourier, OfRealNumbersIsHalfOfIt) {
  for (const std::size_t n : {2u, 4u, 6u, 10u, 16u, 60u, 90u, 128u}) {
    Graph g;
    Numbers z = random_numbers(n);
    const Signal x = tensor(g, z, extents({static_cast<std::int32_t>(n)}));
    EXPECT_LT(distance(value_of(irfft(rfft(x))), z), 1e-14) << n;
    z.resize(2 * n, 0.0);
    const Numbers all = by_definition(z, -1);
    Numbers half(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n / 2 + 1));
    half.insert(half.end(), all.begin() + static_cast<std::ptrdiff_t>(n),
                all.begin() + static_cast<std::ptrdiff_t>(n + n / 2 + 1));
    EXPECT_LT(distance(value_of(rfft(x)), half), 1e-14) << n;
  }
}

TEST(Fourier, IgnoresWhatNoRealSignalHas) {
  Graph g;
  EXPECT_EQ(value_of(irfft(rows(g, {4, 0, 0, 7, 0, 9}), 4)), (Numbers{1, 1, 1, 1}));
}

TEST(Fourier, TransformsEveryRow) {
  Graph g;
  const Signal y = rfft(tensor(g, Numbers{1, 0, 0, 0, 1, 1, 1, 1}, extents({2, 4})));
  EXPECT_EQ(value_of(y), (Numbers{1, 1, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0}));
  EXPECT_EQ(value_of(irfft(y)), (Numbers{1, 0, 0, 0, 1, 1, 1, 1}));
}

TEST(Fourier, RootsOfUnityAreExactWhereTheyCanBe) {
  using fourier::root_of_unity;
  EXPECT_EQ(root_of_unity(3, 4), (std::complex<double>{-0.0, -1}));
  EXPECT_EQ(root_of_unity(7, 14), (std::complex<double>{-1, 0}));
  EXPECT_EQ(root_of_unity(1, 8).real(), root_of_unity(1, 8).imag());
  for (std::int64_t k = 0; k < 45; ++k) {
    const std::complex<double> wanted = std::polar(1.0, 2 * std::numbers::pi * static_cast<double>(k) / 45);
    EXPECT_LT(std::abs(root_of_unity(k, 45) - wanted), 2e-15);
  }
}

TEST(Fourier, ErrorsNameTheOpThePlaceAndTheNextSize) {
  Graph g;
  const Signal x = g.name(g.input(), "voice");
  expect_error(ErrorCode::bad_type, "rfft: window is hop(4) [1001]", [&] { rfft(window(x, 1001, 4)); });
  expect_error(ErrorCode::bad_type, "is 1001; sizes are 2^a 3^b 5^c, even, 2 … 1048576; the next is 1024",
               [&] { rfft(window(x, 1001, 4)); });
  expect_error(ErrorCode::bad_type, "the next is 80", [&] { rfft(window(x, 75, 4)); });
  expect_error(ErrorCode::bad_type, "the next is 15", [&] { fft(reshape(window(x, 26, 4), extents({2, 13}))); });
  expect_error(ErrorCode::bad_type, "two rows", [&] { fft(window(x, 8, 4)); });
  expect_error(ErrorCode::bad_type, "its last axis has 9 elements; the transform of size 20 takes 11",
               [&] { irfft(rfft(window(x, 16, 4)), 20); });
  expect_error(ErrorCode::bad_type, "a transform takes the elements of the last axis", [&] { rfft(x); });
  expect_error(ErrorCode::bad_value, "rfft: the signal is empty", [&] { rfft({}); });
  expect_error(ErrorCode::bad_type, "real: window", [&] { real(window(x, 8, 4)); });
}

TEST(ComplexNumbers, AreMultipliedAndTakenApart) {
  Graph g;
  const Signal a = rows(g, {1, 0, 3, 2, 0, -1}), b = rows(g, {2, 5, 1, -1, 0, 1});
  EXPECT_EQ(value_of(real(a)), (Numbers{1, 0, 3}));
  EXPECT_EQ(value_of(imag(a)), (Numbers{2, 0, -1}));
  EXPECT_EQ(value_of(complex(real(a), imag(a))), (Numbers{1, 0, 3, 2, 0, -1}));
  EXPECT_EQ(value_of(conjugate(a)), (Numbers{1, 0, 3, -2, 0, 1}));
  EXPECT_EQ(value_of(complex_multiply(a, b)), (Numbers{4, 0, 4, 3, 0, 2}));
  EXPECT_EQ(value_of(spectral_power(a)), (Numbers{5, 0, 10}));
  EXPECT_EQ(value_of(spectral_magnitude(a)), (Numbers{std::sqrt(5), 0, std::sqrt(10)}));
  EXPECT_EQ(value_of(spectral_phase(a)), (Numbers{std::atan2(2, 1), 0, std::atan2(-1, 3)}));
}

// ---- gradients, in magnitude ----

constexpr std::int64_t frames = 47;

Signal source(Graph& g) { return g.input() * g.param("gain", 0.7) + sin(frame_index(g) * g.param("rate", 0.3)); }

/// Different weights for every tick and element.
Signal weigh(Signal x, std::int64_t hop) {
  Graph& g = *x.graph;
  const Shape shape = g[x.id].type.shape;
  Numbers each;
  for (std::int64_t k = 0; k < shape.elements(); ++k) each.push_back(std::cos(0.7 * static_cast<double>(k)));
  return ops::time_sum(sum_to(x * x * tensor(g, each, shape) * sin(1.3 * tick_frame(g, hop)), {}) + sum_to(x, {}));
}

void expect_gradient(Graph& g, Signal loss) {
  const auto in = dgen::testing::random_input(7, g.inputs(), frames);
  const std::vector<int> params(g.params().begin(), g.params().end());
  for (const int param : params) {
    const dgen::testing::Comparison c = dgen::testing::compare_gradient(g, loss, param, in, frames);
    EXPECT_NEAR(c.exact, c.difference, 2e-8 * std::fmax(1, std::fabs(c.difference))) << g[param].attributes.param->name;
    EXPECT_GT(std::fabs(c.difference), 1e-3) << "a gradient of nothing shows nothing";
  }
}

TEST(FourierGradients, AreThoseOfTheirDifferences) {
  for (const std::int32_t n : {2, 6, 8, 20}) {
    {
      Graph g;
      expect_gradient(g, weigh(rfft(window(source(g), n, 3)), 3));
    }
    {
      Graph g;
      expect_gradient(g, weigh(irfft(reshape(window(source(g), n + 2, 3), extents({2, n / 2 + 1}))), 3));
    }
    {
      Graph g;
      expect_gradient(g, weigh(fft(reshape(window(source(g), 2 * n, 3), extents({2, n}))), 3));
    }
    {
      Graph g;
      expect_gradient(g, weigh(ifft(reshape(window(source(g), 2 * n, 3), extents({2, n}))), 3));
    }
  }
}

TEST(FourierGradients, OfMagnitudesAndPhases) {
  Graph g;
  const Signal z = rfft(window(source(g), 12, 5));
  expect_gradient(g, weigh(spectral_magnitude(z), 5) + weigh(cos(spectral_phase(z)), 5));
}

TEST(FourierGradients, OfTheSecondOrder) {
  Graph g;
  const Signal y = overlap_add(irfft(tanh(rfft(window(source(g), 8, 2)))));
  const Signal loss = ops::time_sum(y * y * noise(g, 3));
  const std::array<Signal, 1> by{Signal{&g, g.params()[0]}};
  expect_gradient(g, gradient(loss, by).of[0] + 0.0);
}

TEST(FourierGradients, AreZeroOnSilence) {
  Graph g;
  const Signal gain = g.param("gain", 0.0);
  const Signal loss = ops::time_sum(sum(spectral_magnitude(rfft(window(gain * g.input(), 8, 2)))));
  const Gradient d = gradient(loss, std::array{gain});
  const std::vector<Numbers> silence{Numbers(20, 0.0)};
  EXPECT_EQ(SegmentInterpreter(g, d.of, 48000).evaluate(silence, 20)[0], Numbers{0});
}

}  // namespace
