#include "lower/butterflies.h"

#include <cmath>
#include <complex>
#include <string>

#include "dgen/error.h"
#include "graph/fourier.h"

namespace dgen::lower {

using ir::Value;
using Complexes = std::vector<Complex>;

Complex operator+(const Complex& a, const Complex& b) { return {a.re + b.re, a.im + b.im}; }
Complex operator-(const Complex& a, const Complex& b) { return {a.re - b.re, a.im - b.im}; }
Complex operator*(const Complex& a, const Complex& b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }

namespace {

Complex conjugate(const Complex& z) { return {z.re, -z.im}; }

/// -i z.
Complex turned(const Complex& z) { return {z.im, -z.re}; }

/// exp(-2 pi i k / n) z, with less work at multiples of an eighth of a turn.
Complex rotated(const Complex& z, int k, int n) {
  if (k % n == 0) return z;
  if (4 * k % n == 0) return 4 * k / n % 4 == 1 ? turned(z) : 4 * k / n % 4 == 2 ? Complex{-z.re, -z.im} : Complex{-z.im, z.re};
  if (8 * k == n) return {(z.re + z.im) * std::sqrt(0.5), (z.im - z.re) * std::sqrt(0.5)};
  if (8 * k == 3 * n) return {(z.im - z.re) * std::sqrt(0.5), (z.re + z.im) * -std::sqrt(0.5)};
  const std::complex<double> w = std::conj(fourier::root_of_unity(k, n));
  return {z.re * w.real() - z.im * w.imag(), z.re * w.imag() + z.im * w.real()};
}

Complexes butterfly_3(const Complexes& x) {
  const Complex sum = x[1] + x[2], difference = turned(x[1] - x[2]);
  const double half = std::sqrt(0.75);
  const Complex middle{x[0].re - sum.re * 0.5, x[0].im - sum.im * 0.5}, side{difference.re * half, difference.im * half};
  return {x[0] + sum, middle + side, middle - side};
}

Complexes butterfly_4(const Complex& a, const Complex& b, const Complex& c, const Complex& d) {
  const Complex even = a + c, odd = b + d, even_difference = a - c, odd_difference = turned(b - d);
  return {even + odd, even_difference + odd_difference, even - odd, even_difference - odd_difference};
}

/// Sums and differences of what lies symmetrically about x[0].
Complexes butterfly_5(const Complexes& x) {
  const Complex near = x[1] + x[4], far = x[2] + x[3], near_side = turned(x[1] - x[4]), far_side = turned(x[2] - x[3]);
  const std::complex<double> first = fourier::root_of_unity(1, 5), second = fourier::root_of_unity(2, 5);
  const auto real_part = [&](double a, double b) {
    return Complex{x[0].re + near.re * a + far.re * b, x[0].im + near.im * a + far.im * b};
  };
  const auto side_part = [&](double a, double b) {
    return Complex{near_side.re * a + far_side.re * b, near_side.im * a + far_side.im * b};
  };
  const Complex middle_1 = real_part(first.real(), second.real()), middle_2 = real_part(second.real(), first.real());
  const Complex side_1 = side_part(first.imag(), second.imag()), side_2 = side_part(second.imag(), -first.imag());
  return {x[0] + near + far, middle_1 + side_1, middle_2 + side_2, middle_2 - side_2, middle_1 - side_1};
}

Complexes butterfly_8(const Complexes& x) {
  const Complexes even = butterfly_4(x[0], x[2], x[4], x[6]), odd = butterfly_4(x[1], x[3], x[5], x[7]);
  Complexes low, high;
  for (std::size_t k = 0; k < 4; ++k) {
    const Complex turn = rotated(odd[k], static_cast<int>(k), 8);
    low.push_back(even[k] + turn), high.push_back(even[k] - turn);
  }
  low.insert(low.end(), high.begin(), high.end());
  return low;
}

/// 4 by 4.
Complexes butterfly_16(const Complexes& x) {
  std::vector<Complexes> columns;
  for (std::size_t j = 0; j < 4; ++j) columns.push_back(butterfly_4(x[j], x[j + 4], x[j + 8], x[j + 12]));
  Complexes y(16);
  for (std::size_t k = 0; k < 4; ++k) {
    const auto entry = [&](std::size_t j) { return rotated(columns[j][k], static_cast<int>(j * k), 16); };
    const Complexes row = butterfly_4(entry(0), entry(1), entry(2), entry(3));
    for (std::size_t l = 0; l < 4; ++l) y[k + 4 * l] = row[l];
  }
  return y;
}

/// Every other vector from `first` on.
std::vector<Value> every_other(const std::vector<Value>& x, std::size_t first) {
  std::vector<Value> found;
  for (std::size_t k = first; k < x.size(); k += 2) found.push_back(x[k]);
  return found;
}

}  // namespace

Complexes butterfly(const Complexes& x) {
  switch (x.size()) {
    case 2: return {x[0] + x[1], x[0] - x[1]};
    case 3: return butterfly_3(x);
    case 4: return butterfly_4(x[0], x[1], x[2], x[3]);
    case 5: return butterfly_5(x);
    case 8: return butterfly_8(x);
    case 16: return butterfly_16(x);
  }
  throw InternalError("internal error: there is no butterfly of " + std::to_string(x.size()));
}

MirroredBins real_from_half(const Complex& low, const Complex& high, const Complex& root) {
  const Complex mirrored = conjugate(high), even = low + mirrored, odd = turned(low - mirrored) * root;
  const auto half = [](const Complex& z) { return Complex{z.re * 0.5, z.im * 0.5}; };
  return {half(even + odd), conjugate(half(even - odd))};
}

MirroredBins half_from_real(const Complex& low, const Complex& high, const Complex& root) {
  const Complex mirrored = conjugate(high), even = low + mirrored, odd = (low - mirrored) * conjugate(root);
  return {even - turned(odd), conjugate(even + turned(odd))};
}

std::vector<Value> interleaved(const std::vector<Value>& x) {
  if (x.size() == 1) return x;
  const std::vector<Value> even = interleaved(every_other(x, 0)), odd = interleaved(every_other(x, 1));
  std::vector<Value> y;
  for (std::size_t k = 0; k < even.size(); ++k) {
    y.push_back(interleave_low(even[k], odd[k]));
    y.push_back(interleave_high(even[k], odd[k]));
  }
  return y;
}

std::vector<Value> deinterleaved(const std::vector<Value>& x) {
  if (x.size() == 1) return x;
  std::vector<Value> even, odd;
  for (std::size_t k = 0; k < x.size(); k += 2) {
    even.push_back(even_lanes(x[k], x[k + 1]));
    odd.push_back(odd_lanes(x[k], x[k + 1]));
  }
  even = deinterleaved(even), odd = deinterleaved(odd);
  std::vector<Value> y;
  for (std::size_t k = 0; k < even.size(); ++k) y.push_back(even[k]), y.push_back(odd[k]);
  return y;
}

}  // namespace dgen::lower
