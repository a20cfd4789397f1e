#pragma once
// How the elements of a tensor parameter begin.

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "dgen/type.h"

namespace dgen {

/// Initialisers. Random ones count (base/noise.h): an element follows from seed, the parameter's name and its own number, so
/// that parameters of one seed begin differently, and alike on every machine. A matrix is [outputs, inputs]; further axes are
/// those of a kernel, as of a convolution [outputs, inputs, taps].
namespace initial {

struct Constant {
  double value = 0;
};
/// These numbers, last axis fastest.
struct Values {
  std::vector<double> values;
};
struct Normal {
  double mean = 0, deviation = 1;
  std::uint64_t seed = 0;
};
/// In [low, high).
struct Uniform {
  double low = -1, high = 1;
  std::uint64_t seed = 0;
};
/// Uniform within gain sqrt(6 / (inputs + outputs)). Source: Glorot and Bengio 2010.
struct XavierUniform {
  double gain = 1;
  std::uint64_t seed = 0;
};
/// Normal with deviation gain sqrt(2 / (inputs + outputs)). Source: Glorot and Bengio 2010.
struct XavierNormal {
  double gain = 1;
  std::uint64_t seed = 0;
};
/// gain times a matrix with orthonormal rows (columns, where there are fewer); axes from the second on count as one.
/// Source: Saxe, McClelland and Ganguli 2014.
struct Orthogonal {
  double gain = 1;
  std::uint64_t seed = 0;
};

}  // namespace initial

using Initialiser = std::variant<initial::Constant, initial::Values, initial::Normal, initial::Uniform, initial::XavierUniform,
                                 initial::XavierNormal, initial::Orthogonal>;

/// The elements of a parameter of this name and shape. Throws `Error` bad_type (a Xavier or orthogonal initialiser of fewer
/// than two axes), bad_value (not as many values as elements; a setting that is not finite, a negative deviation or gain, an
/// empty interval), each naming the parameter.
std::vector<double> initial_values(const Initialiser& initialiser, const Shape& shape, std::string_view name);

}  // namespace dgen
