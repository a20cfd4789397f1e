#include "dgen/fourier.h"

#include <array>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "ops/families.h"

namespace dgen {

namespace {

const Attributes& attributes_of(Signal y) { return (*y.graph)[y.id].attributes; }

/// [1, n/2+1]: a number for bins 0 and n/2, which stand for themselves, and one for those that stand for their mirror images,
/// too.
Signal bin_weights(Graph& graph, std::int64_t n, double edges, double inner) {
  std::vector<double> weights(static_cast<std::size_t>(n / 2 + 1), inner);
  weights.front() = weights.back() = edges;
  return tensor(graph, weights, extents({1, static_cast<std::int32_t>(n / 2 + 1)}));
}

double size_of(Signal y) { return static_cast<double>(attributes_of(y).size); }

}  // namespace

namespace ops {

// The transforms are linear maps of real numbers, so that gradients are their transposes. That of a complex transform is the
// inverse one without its factor; those of real ones count each bin between the edges twice, or half.
constexpr OpDef fft{
    .name = "fft",
    .doc = "Fourier transform of complex numbers [..., 2, n]: bins 0 … n-1; n: 2^a 3^b 5^c, up to 2^20",
    .inputs = "z",
    .kind = Kind::fft,
    .gradient = [](Vjp v) { v.dx[0] = dgen::ifft(v.dy) * size_of(v.y); },
    .expand = [](Graph&, std::span<const Signal> x) { return dgen::fft(x[0]); },
};
constexpr OpDef ifft{
    .name = "ifft",
    .doc = "inverse Fourier transform of complex numbers [..., 2, n], divided by n",
    .inputs = "z",
    .kind = Kind::fft,
    .gradient = [](Vjp v) { v.dx[0] = dgen::fft(v.dy) * (1 / size_of(v.y)); },
    .expand = [](Graph&, std::span<const Signal> x) { return dgen::ifft(x[0]); },
};
constexpr OpDef rfft{
    .name = "rfft",
    .doc = "Fourier transform of real numbers: [..., n] to bins 0 … n/2, [..., 2, n/2+1]; n: 2^a 3^b 5^c, even, up to 2^20",
    .inputs = "x",
    .kind = Kind::fft,
    .gradient =
        [](Vjp v) {
          const double n = size_of(v.y);
          v.dx[0] = dgen::irfft(v.dy * bin_weights(*v.y.graph, attributes_of(v.y).size, n, n / 2), attributes_of(v.y).size);
        },
    .expand = [](Graph&, std::span<const Signal> x) { return dgen::rfft(x[0]); },
};
constexpr OpDef irfft{
    .name = "irfft",
    .doc = "inverse of rfft: bins [..., 2, n/2+1] to real numbers [..., n]; the imaginary parts of bins 0 and n/2 count as 0",
    .inputs = "z",
    .kind = Kind::fft,
    .gradient =
        [](Vjp v) {
          const double n = size_of(v.y);
          v.dx[0] = dgen::rfft(v.dy) * bin_weights(*v.y.graph, attributes_of(v.y).size, 1 / n, 2 / n);
        },
    .expand = [](Graph&, std::span<const Signal> x) { return dgen::irfft(x[0]); },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_FOURIER_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY

constexpr std::span<const OpDef* const> fourier_family{entries};

}  // namespace ops

namespace {

Signal transformed(const OpDef& op, Transform transform, Signal x, std::int64_t size) {
  return x.graph->add(op, std::span(&x, 1), {.size = size, .transform = transform});
}

/// Elements of the last axis; 1 of a number.
std::int64_t last_axis(const OpDef& op, Signal x) {
  if (!x) throw Error(ErrorCode::bad_value, std::string(op.name) + ": the signal is empty; it was never assigned");
  const Shape& shape = (*x.graph)[x.id].type.shape;
  return shape.rank == 0 ? 1 : shape.extent[static_cast<std::size_t>(shape.rank - 1)];
}

}  // namespace

Signal fft(Signal z) { return transformed(ops::fft, Transform::complex_forward, z, last_axis(ops::fft, z)); }

Signal ifft(Signal z) { return transformed(ops::ifft, Transform::complex_inverse, z, last_axis(ops::ifft, z)); }

Signal rfft(Signal x) { return transformed(ops::rfft, Transform::real_forward, x, last_axis(ops::rfft, x)); }

Signal irfft(Signal z, std::int64_t n) {
  const std::int64_t bins = last_axis(ops::irfft, z);
  return transformed(ops::irfft, Transform::real_inverse, z, n == 0 ? 2 * (bins - 1) : n);
}

}  // namespace dgen
