#include "dgen/activations.h"

#include <array>
#include <cmath>

#include "dgen/math.h"
#include "ops/expand_exponential.h"
#include "ops/expand_logarithm.h"
#include "ops/families.h"

namespace dgen::ops {

using X = std::span<const double>;
using V = std::span<const ir::Value>;

namespace {

/// e^-|x|, which is neither large nor, where it is added to 1, of any size that matters.
ir::Value fallen(ir::Value x) {
  const std::array<ir::Value, 1> down{-ir::abs(x)};
  return expand::exp(down);
}

}  // namespace

constexpr OpDef sigmoid{
    .name = "sigmoid",
    .doc = "1 / (1 + e^-x), in (0, 1), without overflow",
    .inputs = "x",
    .outline = true,
    .cost = 26,
    .meaning = [](X x) { return x[0] < 0 ? std::exp(x[0]) / (1 + std::exp(x[0])) : 1 / (1 + std::exp(-x[0])); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (v.y * (1.0 - v.y)); },
    .lower =
        [](V x) {
          const ir::Value e = fallen(x[0]);
          return ir::select(x[0] < 0, e, ir::like(e, 1)) / (1.0 + e);
        },
    .domain = {{{-20, 20}}},
    .source = "by exp",
};

constexpr OpDef softplus{
    .name = "softplus",
    .doc = "log(1 + e^x), a smooth max(x, 0), without overflow",
    .inputs = "x",
    .outline = true,
    .cost = 44,
    .meaning = [](X x) { return (x[0] < 0 ? 0 : x[0]) + std::log1p(std::exp(-std::fabs(x[0]))); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * dgen::sigmoid(v.x[0]); },
    .lower =
        [](V x) {
          const std::array<ir::Value, 1> e{fallen(x[0])};
          return ir::max(x[0], ir::like(x[0], 0)) + expand::log1p(e);
        },
    .domain = {{{-20, 20}}},
    .source = "by exp and log1p",
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_ACTIVATION_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete_pointwise(entries), "a record of this file lacks its name, doc, inputs, meaning, gradient or lower");

constexpr std::span<const OpDef* const> activation_family{entries};

}  // namespace dgen::ops
