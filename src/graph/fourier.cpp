#include "graph/fourier.h"

#include <cmath>
#include <numbers>
#include <vector>

namespace dgen::fourier {

namespace {

using Complex = std::complex<double>;

std::size_t at(std::int64_t k) { return static_cast<std::size_t>(k); }

std::int64_t smallest_factor(std::int64_t n) { return n % 2 == 0 ? 2 : n % 3 == 0 ? 3 : n % 5 == 0 ? 5 : n; }

/// The sum over t of x[t stride] exp(-2 pi i k t / n) for k = 0 … n-1; `roots` holds exp(-2 pi i j / (n stride)).
std::vector<Complex> transform(const std::vector<Complex>& x, std::size_t first, std::size_t stride, std::size_t n,
                               const std::vector<Complex>& roots) {
  if (n == 1) return {x[first]};
  const auto factor = at(smallest_factor(static_cast<std::int64_t>(n)));
  const std::size_t part = n / factor;
  std::vector<std::vector<Complex>> parts;
  for (std::size_t r = 0; r < factor; ++r) parts.push_back(transform(x, first + r * stride, stride * factor, part, roots));
  std::vector<Complex> y(n);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t r = 0; r < factor; ++r) y[k] += parts[r][k % part] * roots[k * r % n * stride];
  }
  return y;
}

std::vector<Complex> roots_of_unity(std::int64_t n) {
  std::vector<Complex> roots;
  for (std::int64_t k = 0; k < n; ++k) roots.push_back(std::conj(root_of_unity(k, n)));
  return roots;
}

bool is_inverse(Transform t) { return t == Transform::complex_inverse || t == Transform::real_inverse; }

/// The numbers whose forward transform is wanted: an inverse one is conj(fft(conj(z))) / n.
std::vector<Complex> read_row(Transform kind, std::span<const double> x, std::size_t n) {
  if (kind == Transform::real_forward) return {x.begin(), x.end()};
  const std::size_t bins = x.size() / 2;
  std::vector<Complex> z(n);
  for (std::size_t k = 0; k < bins; ++k) z[k] = {x[k], is_inverse(kind) ? -x[bins + k] : x[bins + k]};
  if (kind != Transform::real_inverse) return z;
  z[0] = z[0].real(), z[n / 2] = z[n / 2].real();
  for (std::size_t k = 1; k < n / 2; ++k) z[n - k] = std::conj(z[k]);
  return z;
}

void write_row(Transform kind, const std::vector<Complex>& z, std::span<double> y) {
  const double scale = is_inverse(kind) ? 1 / static_cast<double>(z.size()) : 1;
  const std::size_t bins = kind == Transform::real_inverse ? y.size() : y.size() / 2;
  for (std::size_t k = 0; k < bins; ++k) {
    y[k] = z[k].real() * scale;
    if (kind != Transform::real_inverse) y[bins + k] = (is_inverse(kind) ? -z[k].imag() : z[k].imag()) * scale;
  }
}

/// The number of bins where the spectrum is that of real numbers, else of elements.
std::int64_t bins_of(Transform transform, std::int64_t n) { return is_real(transform) ? n / 2 + 1 : n; }

}  // namespace

bool is_size(std::int64_t n, bool even) {
  if (n < 2 || n > longest || (even && n % 2 != 0)) return false;
  for (const std::int64_t factor : {2, 3, 5})
    while (n % factor == 0) n /= factor;
  return n == 1;
}

std::int64_t size_above(std::int64_t n, bool even) {
  while (n < longest && !is_size(n, even)) ++n;
  return std::min(n, longest);
}

std::string why_not(const Shape& shape, Transform transform, std::int64_t n) {
  if (shape.rank == 0) return "a transform takes the elements of the last axis, such as those of a window";
  const std::int64_t last = shape.extent[at(shape.rank - 1)];
  const bool takes_real = transform == Transform::real_forward;
  const bool has_rows = shape.rank >= 2 && shape.extent[at(shape.rank - 2)] == 2;
  if (!takes_real && !has_rows) return "complex numbers are two rows, real and imaginary parts: [..., 2, n]";
  if (takes_real && shape.rank == static_cast<int>(shape.extent.size())) return "a shape has at most 6 dimensions";
  const std::int64_t wanted = takes_real ? n : bins_of(transform, n);
  if (last != wanted)
    return "its last axis has " + std::to_string(last) + " elements; the transform of size " + std::to_string(n) + " takes " +
           std::to_string(wanted);
  if (is_size(n, is_real(transform))) return {};
  const std::int64_t next = size_above(n, is_real(transform));
  return "the size of the transform is " + std::to_string(n) + "; sizes are 2^a 3^b 5^c" +
         (is_real(transform) ? ", even, 2 … " : ", 2 … ") + std::to_string(longest) +
         (n > longest ? "" : "; the next is " + std::to_string(next));
}

Shape shape_of(const Shape& shape, Transform transform, std::int64_t n) {
  Shape made = shape;
  const auto last = at(shape.rank - 1);
  if (transform == Transform::real_forward) {
    made.extent[last] = 2;
    made.extent[last + 1] = static_cast<std::int32_t>(n / 2 + 1);
    ++made.rank;
  } else if (transform == Transform::real_inverse) {
    made.extent[last] = 0;
    made.extent[last - 1] = static_cast<std::int32_t>(n);
    --made.rank;
  }
  return made;
}

Complex root_of_unity(std::int64_t k, std::int64_t n) {
  k %= n;
  // The angle is brought into the first eighth of the circle, where sine and cosine lose nothing.
  if (2 * k > n) return std::conj(root_of_unity(n - k, n));
  if (4 * k > n) {
    // exp(i a) = i exp(i (a - pi/2)), counted in quarters: k' = k - n/4 may be no whole number, so 4 k' and 4 n count.
    const Complex turned = root_of_unity(4 * k - n, 4 * n);
    return {-turned.imag(), turned.real()};
  }
  const auto sine_and_cosine = [&](std::int64_t numerator, std::int64_t denominator) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(numerator) / static_cast<double>(denominator);
    return Complex{std::cos(angle), std::sin(angle)};
  };
  if (8 * k == n) return {std::sqrt(0.5), std::sqrt(0.5)};
  if (8 * k < n) return sine_and_cosine(k, n);
  const Complex mirrored = sine_and_cosine(n - 4 * k, 4 * n);
  return {mirrored.imag(), mirrored.real()};
}

void compute(Transform kind, std::int64_t n, std::span<const double> x, std::span<double> y) {
  const std::vector<Complex> roots = roots_of_unity(n);
  const std::size_t bins = at(bins_of(kind, n));
  const std::size_t takes = kind == Transform::real_forward ? at(n) : 2 * bins;
  const std::size_t gives = kind == Transform::real_inverse ? at(n) : 2 * bins;
  for (std::size_t row = 0; row * takes < x.size(); ++row) {
    const std::vector<Complex> z = read_row(kind, x.subspan(row * takes, takes), at(n));
    write_row(kind, transform(z, 0, 1, at(n), roots), y.subspan(row * gives, gives));
  }
}

}  // namespace dgen::fourier
