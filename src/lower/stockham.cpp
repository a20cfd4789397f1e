#include "lower/stockham.h"

#include "base/index.h"
#include "graph/fourier.h"
#include "lower/access.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// Constants made of complex numbers.
ComplexBuffer table(Buffers& buffers, const std::vector<std::complex<double>>& numbers) {
  std::vector<double> re, im;
  for (const std::complex<double>& z : numbers) re.push_back(z.real()), im.push_back(z.imag());
  return {buffers.constant_row(re), buffers.constant_row(im)};
}

/// The factors of n, those of 2 in as few passes as there are butterflies for. `first` goes before all others.
std::vector<int> radices(std::int64_t n, int first) {
  std::vector<int> found;
  if (first > 1) found.push_back(first), n /= first;
  int twos = 0;
  for (; n % 2 == 0; n /= 2) ++twos;
  while (twos >= 3 && twos != 4) found.push_back(8), twos -= 3;
  for (; twos >= 2; twos -= 2) found.push_back(4);
  if (twos == 1) found.push_back(2);
  for (const int odd : {5, 3})
    for (; n % odd == 0; n /= odd) found.push_back(odd);
  return found;
}

}  // namespace

ComplexBuffer roots_of_unity(Buffers& buffers, std::int64_t n, std::int64_t count) {
  std::vector<std::complex<double>> roots;
  for (std::int64_t k = 0; k < count; ++k) roots.push_back(std::conj(fourier::root_of_unity(k, n)));
  return table(buffers, roots);
}

Stockham::Stockham(RowContext& rows, std::int64_t n, bool across) : rows_(rows), b_(rows.builder), n_(n), across_(across) {
  plan();
  // The first pass of a single transform writes whole vectors of every part.
  const std::int64_t single = passes_.empty() ? 2 : std::max(n + 1, passes_.front().radix * padded(passes_.front().parts));
  work_ = rows.transform_work(across ? (n + 1) * side_by_side : single);
}

Value Stockham::whole(std::int64_t number) { return lower::whole(b_, number); }

void Stockham::plan() {
  int first = 1;
  while (!across_ && first < 16 && n_ % (2 * first) == 0) first *= 2;
  std::int64_t run = 1;
  for (const int radix : radices(n_, first)) {
    passes_.push_back({radix, n_ / (radix * run), run});
    run *= radix;
  }
}

bool Stockham::reads_whole_vectors() const { return across_ || (!passes_.empty() && passes_.front().parts % ir::padding == 0); }

Complex Stockham::load(ComplexBuffer from, Value element, Value lane, bool wide) {
  const Value index = across_ ? element * whole(side_by_side) + lane : element;
  return {b_.load(from.re, index, wide), b_.load(from.im, index, wide)};
}

void Stockham::store(ComplexBuffer to, Value index, const Complex& z) {
  b_.store(to.re, index, z.re);
  b_.store(to.im, index, z.im);
}

ComplexBuffer Stockham::write(const Read& read) {
  std::size_t to = 1;
  if (passes_.empty()) {  // of one element
    b_.loop(whole(0), whole(ir::padding), true, [&](Value lane) { store(work_[1], lane, read(whole(0), lane)); });
    return work_[1];
  }
  for (std::size_t k = 0; k < passes_.size(); ++k, to = 1 - to) {
    const ComplexBuffer from = work_[1 - to];
    const Read again = [&, from](Value element, Value lane) { return load(from, element, lane); };
    const Pass& pass = passes_[k];
    const bool interleaves = !across_ && pass.run == 1 && pass.radix % 2 == 0;
    interleaves ? write_first(pass, k == 0 ? read : again, work_[to]) : write_pass(pass, k == 0 ? read : again, work_[to]);
  }
  return work_[1 - to];
}

/// exp(-2 pi i part k / (radix parts)) for k = 1 … radix-1, part after part.
ComplexBuffer Stockham::twiddles(const Pass& pass) {
  std::vector<std::complex<double>> factors;
  for (std::int64_t p = 0; p < pass.parts; ++p) {
    for (int j = 1; j < pass.radix; ++j) factors.push_back(std::conj(fourier::root_of_unity(p * j, pass.radix * pass.parts)));
  }
  return table(rows_.buffers, factors);
}

/// Lanes are parts. Elements of a part are neighbours in what is written: the vectors are interleaved.
void Stockham::write_first(const Pass& pass, const Read& read, ComplexBuffer to) {
  const auto radix = static_cast<std::size_t>(pass.radix);
  const std::int64_t width = padded(pass.parts);
  std::vector<std::complex<double>> factors;
  for (std::int64_t k = 1; k < pass.radix; ++k) {
    for (std::int64_t p = 0; p < width; ++p) factors.push_back(std::conj(fourier::root_of_unity(p * k, n_)));
  }
  const ComplexBuffer twiddles = pass.parts > 1 ? table(rows_.buffers, factors) : ComplexBuffer{};
  b_.loop(whole(0), whole(pass.parts), true, [&](Value part) {
    std::vector<Complex> x;
    for (std::size_t j = 0; j < radix; ++j) x.push_back(read(part + whole(pass.parts * static_cast<std::int64_t>(j)), whole(0)));
    std::vector<Complex> y = butterfly(x);
    std::vector<Value> re, im;
    for (std::size_t k = 0; k < radix; ++k) {
      const Value index = part + whole(width * (static_cast<std::int64_t>(k) - 1));
      if (k > 0 && pass.parts > 1) y[k] = y[k] * Complex{b_.load(twiddles.re, index, true), b_.load(twiddles.im, index, true)};
      re.push_back(y[k].re), im.push_back(y[k].im);
    }
    re = interleaved(re), im = interleaved(im);
    const Value first = part * whole(pass.radix), lanes = b_.lanes();
    for (std::size_t k = 0; k < radix; ++k) store(to, first + lanes * whole(static_cast<std::int64_t>(k)), {re[k], im[k]});
  });
}

/// Lanes are the numbers of a run. Where runs are not whole vectors the last vector of one begins earlier, or, of a run shorter
/// than a vector, what runs over is written again by the next: results are written in ascending order.
void Stockham::write_pass(const Pass& pass, const Read& read, ComplexBuffer to) {
  const std::int64_t run = across_ ? pass.run * side_by_side : pass.run;
  const ComplexBuffer constants = pass.parts > 1 ? twiddles(pass) : ComplexBuffer{};
  b_.loop(whole(0), whole(pass.parts), false, [&](Value part) {
    std::vector<Complex> factors(1);
    for (int k = 1; k < pass.radix && pass.parts > 1; ++k) {
      const Value index = part * whole(pass.radix - 1) + whole(k - 1);
      factors.push_back({b_.broadcast(b_.load(constants.re, index, false)), b_.broadcast(b_.load(constants.im, index, false))});
    }
    b_.loop(whole(0), whole(run), true, [&](Value number) {
      Value q = number;
      if (run % ir::padding != 0 && run > 4) {
        const Value last = whole(run) - b_.lanes(), within = select(number < last, number, last);
        q = select(within < whole(0), whole(0), within);
      }
      std::vector<Complex> x;
      for (int j = 0; j < pass.radix; ++j) {
        const Value offset = (part + whole(pass.parts * j)) * whole(pass.run);
        x.push_back(across_ ? read(offset, q) : read(offset + q, whole(0)));
      }
      const std::vector<Complex> y = butterfly(x);
      for (int k = 0; k < pass.radix; ++k) {
        const Value index = (part * whole(pass.radix) + whole(k)) * whole(run) + q;
        store(to, index, k > 0 && pass.parts > 1 ? y[at(k)] * factors[at(k)] : y[at(k)]);
      }
    });
  });
}

}  // namespace dgen::lower
