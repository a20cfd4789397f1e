#include "lower/device_transform.h"

#include "base/index.h"
#include "graph/fourier.h"
#include "lower/access.h"
#include "lower/divided.h"
#include "lower/group_transform.h"

namespace dgen::lower {

using ir::Value;

namespace {

bool is_inverse(Transform t) { return t == Transform::complex_inverse || t == Transform::real_inverse; }

/// Elements of one transform's input or output: of reals as many; of complex numbers real parts, then imaginary parts.
std::int64_t bins(std::int64_t n) { return n / 2 + 1; }

}  // namespace

/// Number k of a transform's input. An inverse is the transform of what has real and imaginary parts exchanged, exchanged again.
Complex DeviceTransformKernel::read_input(int fft, Value transform, Value k) {
  const Node& node = g_[fft];
  const std::int64_t n = node.attributes.size;
  const int x = node.inputs[0];
  const auto at_place = [&](Value e) { return element(x, e); };
  switch (node.attributes.transform) {
    case Transform::real_forward: return {at_place(transform * whole(builder_, n) + k), number(0)};
    case Transform::complex_forward:
    case Transform::complex_inverse: {
      const Value re = at_place(transform * whole(builder_, 2 * n) + k);
      const Value im = at_place(transform * whole(builder_, 2 * n) + whole(builder_, n) + k);
      return is_inverse(node.attributes.transform) ? Complex{im, re} : Complex{re, im};
    }
    case Transform::real_inverse: break;
  }
  // The upper half mirrors the lower; the first bin, and the middle one, are real.
  const Value mirrored = whole(builder_, n / 2) < k, bin = ir::select(mirrored, whole(builder_, n) - k, k);
  const Value first = transform * whole(builder_, 2 * bins(n));
  const Value im = at_place(first + whole(builder_, bins(n)) + bin);
  const Value real = (k == whole(builder_, 0)) | (k + k == whole(builder_, n));
  return {ir::select(real, number(0), ir::select(mirrored, -im, im)), at_place(first + bin)};
}

void DeviceTransformKernel::write_output(int fft, Value transform, Value k, const Complex& z) {
  const Node& node = g_[fft];
  const std::int64_t n = node.attributes.size;
  const auto store = [&](Value e, Value x) { store_element(fft, e, x); };
  const double scale = 1.0 / static_cast<double>(n);
  switch (node.attributes.transform) {
    case Transform::real_inverse: return store(transform * whole(builder_, n) + k, z.im * scale);
    case Transform::complex_forward:
    case Transform::complex_inverse: {
      const bool back = is_inverse(node.attributes.transform);
      store(transform * whole(builder_, 2 * n) + k, back ? z.im * scale : z.re);
      store(transform * whole(builder_, 2 * n) + whole(builder_, n) + k, back ? z.re * scale : z.im);
      return;
    }
    case Transform::real_forward: break;
  }
  builder_.branch(k < whole(builder_, bins(n)), [&] {
    store(transform * whole(builder_, 2 * bins(n)) + k, z.re);
    store(transform * whole(builder_, 2 * bins(n)) + whole(builder_, bins(n)) + k, z.im);
  });
}

std::vector<std::int64_t> pass_radices(std::int64_t n) {
  constexpr int most_bits = 4;  // as registers allow
  return transform_radices(n, most_bits);
}

namespace {

/// Real parts of exp(-2 pi i k / n), then imaginary ones.
std::vector<double> roots_of_unity(std::int64_t n) {
  std::vector<double> roots;
  for (const bool imaginary : {false, true}) {
    for (std::int64_t k = 0; k < n; ++k) {
      const std::complex<double> w = std::conj(fourier::root_of_unity(k, n));
      roots.push_back(imaginary ? w.imag() : w.real());
    }
  }
  return roots;
}

}  // namespace

Complex DeviceTransformKernel::root(Value k) {
  const std::int64_t n = g_[stage_.nodes.back()].attributes.size;
  if (roots_ < 0) roots_ = buffers_.constant_row(roots_of_unity(n));
  return {builder_.load(roots_, k, false), builder_.load(roots_, whole(builder_, n) + k, false)};
}

Complex DeviceTransformKernel::turned(const Complex& z, Value k) { return z * root(k); }

void DeviceTransformKernel::write_pass(std::size_t pass) {
  const int fft = stage_.nodes.back();
  const std::int64_t n = g_[fft].attributes.size, count = transforms_of_tick(g_, fft);
  const std::vector<std::int64_t> radices = pass_radices(n);
  std::int64_t run = 1;  // neighbours that earlier passes have transformed
  for (std::size_t k = 0; k < pass; ++k) run *= radices[k];
  const std::int64_t radix = radices[pass], butterflies = n / radix;
  const Value place = go_to_item(count * butterflies);
  const Value transform = divided(builder_, place, butterflies), j = place - transform * whole(builder_, butterflies);
  const Value block = divided(builder_, j, run), within = j - block * whole(builder_, run);
  const Value first = (tick_row() * whole(builder_, count) + transform) * whole(builder_, n);
  const TransformWork& work = buffers_.work.at(fft);
  const auto& from = work[(pass + 1) % 2];
  const auto& to = work[pass % 2];
  std::vector<Complex> x;
  for (std::int64_t r = 0; r < radix; ++r) {
    const Value k = r == 0 ? j : j + whole(builder_, r * butterflies);
    if (pass == 0) {
      x.push_back(read_input(fft, transform, k));
      continue;
    }
    const Complex z{builder_.load(from[0], first + k, false), builder_.load(from[1], first + k, false)};
    x.push_back(r == 0 ? z : turned(z, within * whole(builder_, r * (n / (run * radix)))));
  }
  const std::vector<Complex> y = butterfly(x);
  const Value begin = block * whole(builder_, run * radix) + within;
  for (std::int64_t r = 0; r < radix; ++r) {
    const Value k = r == 0 ? begin : begin + whole(builder_, r * run);
    const Complex& z = y[static_cast<std::size_t>(r)];
    if (pass + 1 == radices.size()) {
      write_output(fft, transform, k, z);
    } else {
      builder_.store(to[0], first + k, z.re);
      builder_.store(to[1], first + k, z.im);
    }
  }
}

}  // namespace dgen::lower
