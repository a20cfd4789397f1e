#include "dgen/initialise.h"

#include <cmath>
#include <numbers>
#include <string>

#include "base/hash.h"
#include "base/noise.h"
#include "dgen/error.h"

namespace dgen {

namespace {

/// Random numbers by their place.
class Draws {
 public:
  Draws(std::uint64_t seed, std::string_view name) : seed_(scramble(seed) ^ base::hash(name).low) {}

  /// Uniform in (0, 1).
  double unit(std::size_t k) const {
    const auto place = static_cast<std::uint64_t>(k);
    const NoiseKeys keys = noise_keys(seed_, static_cast<std::uint32_t>(place >> 32));
    return (noise_bits(static_cast<std::uint32_t>(place), keys) + 0.5) * 0x1p-32;
  }
  /// Normal with mean 0 and deviation 1. Source: Box and Muller 1958.
  double normal(std::size_t k) const {
    return std::sqrt(-2 * std::log(unit(2 * k))) * std::cos(2 * std::numbers::pi * unit(2 * k + 1));
  }

 private:
  std::uint64_t seed_;
};

/// What fills the elements of one parameter.
class Filler {
 public:
  Filler(const Shape& shape, std::string_view name) : shape_(shape), name_(name), values_(count(shape.elements())) {}

  void operator()(const initial::Constant& c) {
    finite(c.value, "value");
    for (double& v : values_) v = c.value;
  }
  void operator()(const initial::Values& given) {
    if (given.values.size() != values_.size()) {
      refuse(ErrorCode::bad_value,
             std::to_string(given.values.size()) + " initial values for " + std::to_string(values_.size()) + " elements");
    }
    for (const double v : given.values) finite(v, "initial value");
    values_ = given.values;
  }
  void operator()(const initial::Normal& n) {
    finite(n.mean, "mean");
    positive(n.deviation, "deviation");
    normal(n.mean, n.deviation, n.seed);
  }
  void operator()(const initial::Uniform& u) {
    finite(u.low, "low");
    finite(u.high, "high");
    if (!(u.low < u.high)) {
      refuse(ErrorCode::bad_value,
             "the interval " + std::to_string(u.low) + " … " + std::to_string(u.high) + " of its initialiser is empty");
    }
    uniform(u.low, u.high, u.seed);
  }
  void operator()(const initial::XavierUniform& x) {
    const double bound = positive(x.gain, "gain") * std::sqrt(6 / fans());
    uniform(-bound, bound, x.seed);
  }
  void operator()(const initial::XavierNormal& x) { normal(0, positive(x.gain, "gain") * std::sqrt(2 / fans()), x.seed); }
  void operator()(const initial::Orthogonal& o);

  std::vector<double> take() { return std::move(values_); }

 private:
  static std::size_t count(std::int64_t n) { return static_cast<std::size_t>(n); }

  [[noreturn]] void refuse(ErrorCode code, const std::string& why) const {
    throw Error(code, "param '" + std::string(name_) + "' " + to_string(shape_) + ": " + why);
  }
  void finite(double x, const char* what) const {
    if (!std::isfinite(x)) refuse(ErrorCode::bad_value, std::string("the ") + what + " of its initialiser is not finite");
  }
  double positive(double x, const char* what) const {
    finite(x, what);
    if (x < 0) refuse(ErrorCode::bad_value, std::string("the ") + what + " of its initialiser is negative");
    return x;
  }
  void at_least_a_matrix() const {
    if (shape_.rank >= 2) return;
    refuse(ErrorCode::bad_type, "a Xavier or orthogonal initialiser needs outputs and inputs: a shape of two axes or more");
  }
  /// Inputs and outputs of a matrix, each times the elements of a kernel.
  double fans() const {
    at_least_a_matrix();
    double kernel = 1;
    for (int k = 2; k < shape_.rank; ++k) kernel *= shape_.extent[count(k)];
    return (shape_.extent[0] + shape_.extent[1]) * kernel;
  }
  void uniform(double low, double high, std::uint64_t seed) {
    const Draws draws(seed, name_);
    for (std::size_t k = 0; k < values_.size(); ++k) values_[k] = low + (high - low) * draws.unit(k);
  }
  void normal(double mean, double deviation, std::uint64_t seed) {
    const Draws draws(seed, name_);
    for (std::size_t k = 0; k < values_.size(); ++k) values_[k] = mean + deviation * draws.normal(k);
  }

  const Shape& shape_;
  std::string_view name_;
  std::vector<double> values_;
};

/// Vectors of a normal matrix made orthogonal one after the other, each twice, which is exact to rounding (Gram–Schmidt;
/// Giraud, Langou and Rozložník 2005). With positive diagonal, as here, the result is uniform over all such matrices.
void Filler::operator()(const initial::Orthogonal& o) {
  at_least_a_matrix();
  positive(o.gain, "gain");
  normal(0, 1, o.seed);
  const auto rows = count(shape_.extent[0]), columns = values_.size() / rows;
  const bool by_rows = rows <= columns;
  const std::size_t vectors = by_rows ? rows : columns, length = by_rows ? columns : rows;
  const auto at = [&](std::size_t v, std::size_t k) -> double& { return values_[by_rows ? v * columns + k : k * columns + v]; };
  const auto dot = [&](std::size_t v, std::size_t w) {
    double sum = 0;
    for (std::size_t k = 0; k < length; ++k) sum += at(v, k) * at(w, k);
    return sum;
  };
  for (std::size_t v = 0; v < vectors; ++v) {
    for (std::size_t w = 0; w < 2 * v; ++w) {
      const double part = dot(v, w % v);
      for (std::size_t k = 0; k < length; ++k) at(v, k) -= part * at(w % v, k);
    }
    const double norm = std::sqrt(dot(v, v));
    for (std::size_t k = 0; k < length; ++k) at(v, k) /= norm;
  }
  for (double& v : values_) v *= o.gain;
}

}  // namespace

std::vector<double> initial_values(const Initialiser& initialiser, const Shape& shape, std::string_view name) {
  Filler filler(shape, name);
  std::visit(filler, initialiser);
  return filler.take();
}

}  // namespace dgen
