// The step of Fourier transforms whose lanes are elements: one transform after the other. Real numbers are transformed as half
// as many complex ones.

#include "lower/row_fft.h"

#include "base/index.h"
#include "dgen/error.h"
#include "graph/fourier.h"
#include "lower/row_steps.h"

namespace dgen::lower {

using ir::Value;

RowTransform row_transform(const Graph& g, int id) {
  const Attributes& a = g[id].attributes;
  const bool real = fourier::is_real(a.transform);
  const std::int64_t spectrum = real ? a.size + 2 : 2 * a.size;
  const std::int64_t takes = a.transform == Transform::real_forward ? a.size : spectrum;
  const std::int64_t gives = a.transform == Transform::real_inverse ? a.size : spectrum;
  return {a.transform, a.size, real ? a.size / 2 : a.size, takes, gives, elements_of(g, id) / gives};
}

namespace {

class Along {
 public:
  Along(RowContext& rows, int id)
      : rows_(rows), b_(rows.builder), made_(row_transform(rows.g, id)), passes_(rows, made_.complex, false),
        half_(made_.size / 2) {}

  void write(const Row& from, const Row& to) {
    from_ = from, to_ = to;
    switch (made_.kind) {
      case Transform::complex_forward:
      case Transform::complex_inverse: return complex_to_complex();
      case Transform::real_forward: return real_to_complex();
      case Transform::real_inverse: return complex_to_real();
    }
  }

 private:
  Value whole(std::int64_t number) { return rows_.whole(number); }

  /// Elements 0 … count-1 by vectors, the last of which begins where it fits; one by one where there are few.
  void each(std::int64_t count, const std::function<void(Value element, bool wide)>& body) {
    if (count < ir::padding) return b_.loop(whole(0), whole(count), false, [&](Value e) { body(e, false); });
    b_.loop(whole(0), whole(count), true, [&](Value e) {
      if (count % ir::padding == 0) return body(e, true);
      const Value last = whole(count) - b_.lanes();
      body(select(e < last, e, last), true);
    });
  }

  /// Bins 0 … half/2 by vectors: those beyond are mirrored ones, which are right twice.
  void each_mirrored(const std::function<void(Value bin, bool wide)>& body) {
    const bool wide = half_ >= ir::padding;
    b_.loop(whole(0), whole(half_ / 2 + 1), wide, [&](Value bin) { body(bin, wide); });
  }

  Complex mirrored(ComplexBuffer from, Value bin, bool wide) {
    const Value index = whole(half_) - bin;
    if (!wide) return {b_.load(from.re, index, false), b_.load(from.im, index, false)};
    return {b_.load_back(from.re, index), b_.load_back(from.im, index)};
  }

  Complex root(Value bin, bool wide) {
    const std::int64_t count = (half_ / 2 + ir::padding) / ir::padding * ir::padding;
    const ComplexBuffer roots = roots_of_unity(rows_.buffers, made_.size, count);
    return {b_.load(roots.re, bin, wide), b_.load(roots.im, bin, wide)};
  }

  void put(Value element, Value value) { b_.store(to_.buffer, to_.base + element, value); }
  void put_back(Value element, Value value) {
    value.type().wide ? b_.store_back(to_.buffer, to_.base + element, value) : put(element, value);
  }

  void keep(ComplexBuffer to, Value element, const Complex& z) { b_.store(to.re, element, z.re), b_.store(to.im, element, z.im); }

  /// The passes, on elements that are read where they lie, or where whole vectors would run over, from a copy.
  ComplexBuffer transform(const std::function<Complex(Value element, bool wide)>& read) {
    if (passes_.reads_whole_vectors()) return passes_.write([&](Value element, Value) { return read(element, true); });
    const ComplexBuffer copy = passes_.spare();
    each(made_.complex, [&](Value e, bool wide) { keep(copy, e, read(e, wide)); });
    return passes_.write([&](Value element, Value lane) { return passes_.load(copy, element, lane); });
  }

  void complex_to_complex() {
    const Value imaginary = whole(made_.size);
    const ComplexBuffer bins = transform([&](Value e, bool wide) {
      return made_.turned({rows_.load(from_, e, wide), rows_.load(from_, e + imaginary, wide)});
    });
    each(made_.size, [&](Value e, bool wide) {
      const Complex z = made_.turned(passes_.load(bins, e, whole(0), wide));
      put(e, made_.inverse() ? z.re * made_.scale() : z.re);
      put(e + imaginary, made_.inverse() ? z.im * made_.scale() : z.im);
    });
  }

  void real_to_complex() {
    const ComplexBuffer bins = transform([&](Value e, bool wide) {
      const Value place = e + e;
      if (!wide) return Complex{rows_.load(from_, place, false), rows_.load(from_, place + whole(1), false)};
      const Value first = rows_.load(from_, place, true), second = rows_.load(from_, place + b_.lanes(), true);
      return Complex{even_lanes(first, second), odd_lanes(first, second)};
    });
    keep(bins, whole(half_), passes_.load(bins, whole(0), whole(0), false));
    const Value imaginary = whole(half_ + 1);
    each_mirrored([&](Value bin, bool wide) {
      const MirroredBins x = real_from_half(passes_.load(bins, bin, whole(0), wide), mirrored(bins, bin, wide), root(bin, wide));
      put(bin, x.low.re), put(bin + imaginary, x.low.im);
      put_back(whole(half_) - bin, x.high.re), put_back(whole(half_) - bin + imaginary, x.high.im);
    });
  }

  void complex_to_real() {
    const ComplexBuffer given = passes_.spare();
    const Value imaginary = whole(half_ + 1);
    const auto bin_at = [&](Value bin, bool wide) {
      return Complex{rows_.load(from_, bin, wide), rows_.load(from_, bin + imaginary, wide)};
    };
    check(!from_.back, "spectra lie in the order of their bins");
    const auto mirrored_bin = [&](Value bin, bool wide) {
      const Value index = whole(half_) - bin;
      if (!wide) return bin_at(index, false);
      return Complex{b_.load_back(from_.buffer, from_.base + index), b_.load_back(from_.buffer, from_.base + index + imaginary)};
    };
    each_mirrored([&](Value bin, bool wide) {
      const MirroredBins z = half_from_real(bin_at(bin, wide), mirrored_bin(bin, wide), root(bin, wide));
      keep(given, bin, made_.turned(z.low));
      const Complex high = made_.turned(z.high);
      const Value index = whole(half_) - bin;
      if (!wide) return keep(given, index, high);
      b_.store_back(given.re, index, high.re), b_.store_back(given.im, index, high.im);
    });
    // Bins 0 and n/2 are real.
    const Value first = rows_.load(from_, whole(0), false), last = rows_.load(from_, whole(half_), false);
    keep(given, whole(0), made_.turned({first + last, first - last}));
    const ComplexBuffer frames = passes_.write([&](Value element, Value lane) { return passes_.load(given, element, lane); });
    each(half_, [&](Value e, bool wide) {
      const Complex z = made_.turned(passes_.load(frames, e, whole(0), wide));
      const Value even = z.re * made_.scale(), odd = z.im * made_.scale(), place = e + e;
      put(place, wide ? interleave_low(even, odd) : even);
      put(place + (wide ? b_.lanes() : whole(1)), wide ? interleave_high(even, odd) : odd);
    });
  }

  RowContext& rows_;
  ir::Builder& b_;
  const RowTransform made_;
  Stockham passes_;
  const std::int64_t half_;
  Row from_{}, to_{};
};

}  // namespace

void write_fft_step(RowContext& rows, int id) {
  if (rows.ticks.group == side_by_side && transforms_across(rows.g, id)) return write_fft_across(rows, id);
  const RowTransform made = row_transform(rows.g, id);
  rows.each_tick([&] {
    const Row from = rows.row(rows.g[id].inputs[0]), to = rows.row(id);
    rows.builder.loop(rows.whole(0), rows.whole(made.rows), false, [&](Value lead) {
      const Value begin = lead * rows.whole(made.takes);
      const Row taken{from.buffer, from.back ? from.base - begin : from.base + begin, from.back};
      Along(rows, id).write(taken, {to.buffer, to.base + lead * rows.whole(made.gives)});
    });
  });
}

}  // namespace dgen::lower
