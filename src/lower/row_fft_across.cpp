// The step of Fourier transforms whose lanes are the ticks of a block: the rows of 16 ticks are transposed, transformed side by
// side without moving any lane, and transposed back.

#include "base/index.h"
#include "lower/row_fft.h"

namespace dgen::lower {

using ir::Value;

namespace {

class Across {
 public:
  Across(RowContext& rows, int id)
      : rows_(rows), b_(rows.builder), made_(row_transform(rows.g, id)), passes_(rows, made_.complex, true),
        half_(made_.size / 2) {
    const std::int64_t widest = std::max(made_.takes, made_.gives);
    columns_ = rows.transform_work((widest + ir::padding) * side_by_side)[0].re;
    for (std::int64_t t = 0; t < side_by_side; ++t) {
      rows.ticks.at(whole(t));
      from_.push_back(rows.row(rows.g[id].inputs[0]));
      to_.push_back(rows.row(id));
    }
  }

  void write() {
    b_.loop(whole(0), whole(made_.rows), false, [&](Value lead) {
      take_columns(lead * whole(made_.takes));
      switch (made_.kind) {
        case Transform::complex_forward:
        case Transform::complex_inverse: complex_to_complex(); break;
        case Transform::real_forward: real_to_complex(); break;
        case Transform::real_inverse: complex_to_real(); break;
      }
      give_rows(lead * whole(made_.gives));
    });
  }

 private:
  Value whole(std::int64_t number) { return rows_.whole(number); }
  Value place(Value element, Value lane) { return element * whole(side_by_side) + lane; }
  Value column(Value element, Value lane) { return b_.load(columns_, place(element, lane), true); }
  void put(Value element, Value lane, Value value) { b_.store(columns_, place(element, lane), value); }
  void keep(ComplexBuffer to, Value element, Value lane, const Complex& z) {
    b_.store(to.re, place(element, lane), z.re);
    b_.store(to.im, place(element, lane), z.im);
  }

  /// Vectors of the 16 rows, from element `begin` on, become columns: element e of tick t lies at 16 e + t.
  void take_columns(Value begin) {
    b_.loop(whole(0), whole(made_.takes), true, [&](Value e) {
      std::vector<Value> vectors;
      for (const Row& row : from_) vectors.push_back(rows_.load(row, begin + e, true));
      vectors = interleaved(vectors);
      for (std::size_t k = 0; k < vectors.size(); ++k) b_.store(columns_, place(e, vector_offset(k)), vectors[k]);
    });
  }

  void give_rows(Value begin) {
    b_.loop(whole(0), whole(made_.gives), true, [&](Value e) {
      std::vector<Value> vectors;
      for (std::size_t k = 0; k < to_.size(); ++k) vectors.push_back(b_.load(columns_, place(e, vector_offset(k)), true));
      vectors = deinterleaved(vectors);
      for (std::size_t k = 0; k < to_.size(); ++k) b_.store(to_[k].buffer, to_[k].base + begin + e, vectors[k]);
    });
  }

  Value vector_offset(std::size_t k) { return b_.lanes() * whole(static_cast<std::int64_t>(k)); }

  void each_lane(const std::function<void(Value lane)>& body) { b_.loop(whole(0), whole(side_by_side), true, body); }

  void each(std::int64_t count, const std::function<void(Value element, Value lane)>& body) {
    b_.loop(whole(0), whole(count), false, [&](Value element) { each_lane([&](Value lane) { body(element, lane); }); });
  }

  Value scaled(Value x) { return made_.inverse() ? x * made_.scale() : x; }

  /// exp(-2 pi i bin / n) in every lane.
  Complex root(Value bin) {
    const ComplexBuffer roots = roots_of_unity(rows_.buffers, made_.size, half_ / 2 + 1);
    return {b_.broadcast(b_.load(roots.re, bin, false)), b_.broadcast(b_.load(roots.im, bin, false))};
  }

  void complex_to_complex() {
    const Value imaginary = whole(made_.size);
    const ComplexBuffer bins = passes_.write([&](Value element, Value lane) {
      return made_.turned({column(element, lane), column(element + imaginary, lane)});
    });
    each(made_.size, [&](Value element, Value lane) {
      const Complex z = made_.turned(passes_.load(bins, element, lane));
      put(element, lane, scaled(z.re)), put(element + imaginary, lane, scaled(z.im));
    });
  }

  void real_to_complex() {
    const ComplexBuffer bins = passes_.write([&](Value element, Value lane) {
      return Complex{column(element + element, lane), column(element + element + whole(1), lane)};
    });
    each_lane([&](Value lane) { keep(bins, whole(half_), lane, passes_.load(bins, whole(0), lane)); });
    const Value imaginary = whole(half_ + 1);
    each(half_ / 2 + 1, [&](Value bin, Value lane) {
      const Value mirror = whole(half_) - bin;
      const MirroredBins x = real_from_half(passes_.load(bins, bin, lane), passes_.load(bins, mirror, lane), root(bin));
      put(bin, lane, x.low.re), put(bin + imaginary, lane, x.low.im);
      put(mirror, lane, x.high.re), put(mirror + imaginary, lane, x.high.im);
    });
  }

  void complex_to_real() {
    const ComplexBuffer given = passes_.spare();
    const Value imaginary = whole(half_ + 1);
    const auto bin_at = [&](Value bin, Value lane) { return Complex{column(bin, lane), column(bin + imaginary, lane)}; };
    each(half_ / 2 + 1, [&](Value bin, Value lane) {
      const Value mirror = whole(half_) - bin;
      const MirroredBins z = half_from_real(bin_at(bin, lane), bin_at(mirror, lane), root(bin));
      keep(given, bin, lane, made_.turned(z.low)), keep(given, mirror, lane, made_.turned(z.high));
    });
    each_lane([&](Value lane) {  // bins 0 and n/2 are real
      const Value first = column(whole(0), lane), last = column(whole(half_), lane);
      keep(given, whole(0), lane, made_.turned({first + last, first - last}));
    });
    const ComplexBuffer frames = passes_.write([&](Value element, Value lane) { return passes_.load(given, element, lane); });
    each(half_, [&](Value element, Value lane) {
      const Complex z = made_.turned(passes_.load(frames, element, lane));
      put(element + element, lane, scaled(z.re)), put(element + element + whole(1), lane, scaled(z.im));
    });
  }

  RowContext& rows_;
  ir::Builder& b_;
  const RowTransform made_;
  Stockham passes_;
  const std::int64_t half_;
  int columns_ = -1;
  std::vector<Row> from_, to_;
};

}  // namespace

void write_fft_across(RowContext& rows, int id) { Across(rows, id).write(); }

}  // namespace dgen::lower
