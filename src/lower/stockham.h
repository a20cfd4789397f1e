#pragma once
// Complex Fourier transforms in passes from one buffer to another, whose last leaves the bins in order. Source: Stockham 1966,
// as in Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992.

#include <functional>

#include "lower/butterflies.h"
#include "lower/row_context.h"

namespace dgen::lower {

class Stockham {
 public:
  /// Of n = 2^a 3^b 5^c elements: one transform (its vectors hold elements), or 16 side by side (vectors hold
  /// transforms: that number t has its element e at 16 e + t).
  Stockham(RowContext& rows, std::int64_t n, bool across);

  /// The elements of a vector: of one transform from `element` on; else `element` of transforms `lane` …
  using Read = std::function<Complex(ir::Value element, ir::Value lane)>;
  /// Whether `read` is asked for elements 0 … n-1 only.
  bool reads_whole_vectors() const;
  /// Writes the passes, exp(-2 pi i k t / n); says where the bins lie. `read` may read `spare()`.
  ComplexBuffer write(const Read& read);
  /// A buffer of n + 1 elements that the first pass does not write to.
  ComplexBuffer spare() const { return work_[0]; }
  /// Elements e … of a buffer of this transform.
  Complex load(ComplexBuffer from, ir::Value element, ir::Value lane, bool wide = true);

 private:
  /// Butterflies of elements that lie n / radix apart; `run` neighbours have the same twiddle factors, `parts` runs others.
  struct Pass {
    int radix = 2;
    std::int64_t parts = 1;  ///< n / (radix run)
    std::int64_t run = 1;
  };
  void plan();
  void write_first(const Pass& pass, const Read& read, ComplexBuffer to);
  void write_pass(const Pass& pass, const Read& read, ComplexBuffer to);
  ComplexBuffer twiddles(const Pass& pass);
  void store(ComplexBuffer to, ir::Value index, const Complex& z);
  ir::Value whole(std::int64_t number);

  RowContext& rows_;
  ir::Builder& b_;
  const std::int64_t n_;
  const bool across_;
  std::vector<Pass> passes_;
  std::array<ComplexBuffer, 2> work_{};
};

/// exp(-2 pi i k / n) for k = 0 … count-1, as constants.
ComplexBuffer roots_of_unity(Buffers& buffers, std::int64_t n, std::int64_t count);

}  // namespace dgen::lower
