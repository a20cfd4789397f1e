#include "dgen/complex.h"

#include <array>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dsp/families.h"
#include "graph/describe.h"

namespace dgen {

namespace {

std::size_t at(int k) { return static_cast<std::size_t>(k); }

const Shape& shape_of(Signal x) { return (*x.graph)[x.id].type.shape; }

/// The shape of the complex numbers z. Throws `Error` bad_type where they are none.
const Shape& checked(Signal z, const char* op) {
  const Shape& shape = shape_of(z);
  if (shape.rank >= 2 && shape.extent[at(shape.rank - 2)] == 2) return shape;
  throw Error(ErrorCode::bad_type, std::string(op) + ": " + describe(*z.graph, z.id) + " is " + to_string((*z.graph)[z.id].type) +
                                       "; complex numbers are two rows, real and imaginary parts: [..., 2, n]");
}

/// [2, 1]: factors of the real and the imaginary parts.
Signal of_parts(Graph& g, double re, double im) { return tensor(g, std::array{re, im}, extents({2, 1})); }

/// The sum of both rows: [..., 2, n] to [..., n].
Signal sum_of_parts(Signal z) {
  Shape one_row = shape_of(z), without = one_row;
  one_row.extent[at(one_row.rank - 2)] = 1;
  without.extent[at(without.rank - 2)] = without.extent[at(without.rank - 1)];
  without.extent[at(--without.rank)] = 0;
  return reshape(sum_to(z, one_row), without);
}

/// [..., n] as [..., 1, n].
Signal as_row(Signal x) {
  Shape shape = shape_of(x);
  if (shape.rank == 0 || shape.rank == static_cast<int>(shape.extent.size())) {
    throw Error(ErrorCode::bad_type, "complex: " + describe(*x.graph, x.id) + " is " + to_string((*x.graph)[x.id].type) +
                                         "; it takes parts with 1 to 5 dimensions, [..., n]");
  }
  shape.extent[at(shape.rank)] = shape.extent[at(shape.rank - 1)];
  shape.extent[at(shape.rank - 1)] = 1;
  ++shape.rank;
  return reshape(x, shape);
}

using Inputs = std::span<const Signal>;

Signal real_part(Graph& g, Inputs x) { return checked(x[0], "real"), sum_of_parts(x[0] * of_parts(g, 1, 0)); }
Signal imaginary_part(Graph& g, Inputs x) { return checked(x[0], "imag"), sum_of_parts(x[0] * of_parts(g, 0, 1)); }
Signal from_parts(Graph& g, Inputs x) { return as_row(x[0]) * of_parts(g, 1, 0) + as_row(x[1]) * of_parts(g, 0, 1); }

}  // namespace

namespace ops {

constexpr OpDef real{
    .name = "real",
    .doc = "real parts of complex numbers: [..., 2, n] to [..., n]",
    .inputs = "spectrum",
    .kind = Kind::composite,
    .expand = real_part,
};
constexpr OpDef imag{
    .name = "imag",
    .doc = "imaginary parts of complex numbers: [..., 2, n] to [..., n]",
    .inputs = "spectrum",
    .kind = Kind::composite,
    .expand = imaginary_part,
};
constexpr OpDef complex{
    .name = "complex",
    .doc = "complex numbers of their real and imaginary parts: [..., n] and [..., n] to [..., 2, n]",
    .inputs = "real_parts, imaginary_parts",
    .kind = Kind::composite,
    .expand = from_parts,
};
constexpr OpDef conjugate{
    .name = "conjugate",
    .doc = "complex numbers with the opposite imaginary parts, [..., 2, n]",
    .inputs = "spectrum",
    .kind = Kind::composite,
    .expand = [](Graph& g, Inputs x) { return checked(x[0], "conjugate"), x[0] * of_parts(g, 1, -1); },
};
constexpr OpDef complex_multiply{
    .name = "complex_multiply",
    .doc = "products of complex numbers, [..., 2, n]",
    .inputs = "spectrum, other_spectrum",
    .kind = Kind::composite,
    .expand =
        [](Graph&, Inputs x) {
          checked(x[0], "complex_multiply"), checked(x[1], "complex_multiply");
          const Signal a = dgen::real(x[0]), b = dgen::imag(x[0]), c = dgen::real(x[1]), d = dgen::imag(x[1]);
          return dgen::complex(a * c - b * d, a * d + b * c);
        },
};
constexpr OpDef spectral_power{
    .name = "spectral_power",
    .doc = "squared lengths of complex numbers, re^2 + im^2: [..., 2, n] to [..., n]",
    .inputs = "spectrum",
    .kind = Kind::composite,
    .expand = [](Graph&, Inputs x) { return checked(x[0], "spectral_power"), sum_of_parts(x[0] * x[0]); },
};
constexpr OpDef spectral_magnitude{
    .name = "spectral_magnitude",
    .doc = "lengths of complex numbers: [..., 2, n] to [..., n]; value and gradient 0 at 0",
    .inputs = "spectrum",
    .kind = Kind::composite,
    .expand =
        [](Graph&, Inputs x) {
          checked(x[0], "spectral_magnitude");
          const Signal power = dgen::spectral_power(x[0]), sounds = gt(power, 0.0);
          return select(sounds, sqrt(select(sounds, power, 1.0)), 0.0);
        },
};
constexpr OpDef spectral_phase{
    .name = "spectral_phase",
    .doc = "angles of complex numbers in radians, -pi … pi: [..., 2, n] to [..., n]; value and gradient 0 at 0",
    .inputs = "spectrum",
    .kind = Kind::composite,
    .expand =
        [](Graph&, Inputs x) {
          checked(x[0], "spectral_phase");
          const Signal re = dgen::real(x[0]), im = dgen::imag(x[0]);
          const Signal sounds = gt(re * re + im * im, 0.0);
          return select(sounds, atan2(im, select(sounds, re, 1.0)), 0.0);
        },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_COMPLEX_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> complex_family{entries};

}  // namespace ops

}  // namespace dgen
