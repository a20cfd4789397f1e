// Trigonometry, exponentials, logarithms, powers and roots.

#include <array>
#include <cmath>

#include "dgen/compare.h"
#include "dgen/math.h"
#include "ir/builder.h"
#include "ops/expand_exponential.h"
#include "ops/expand_logarithm.h"
#include "ops/expand_trigonometric.h"
#include "ops/families.h"
#include "ops/known.h"
#include "ops/meaning.h"

namespace dgen::ops {

using X = std::span<const double>;
using V = std::span<const ir::Value>;
using S = std::span<const Signal>;

// Trigonometry.

constexpr OpDef sin{
    .name = "sin",
    .doc = "sine of x in radians; within [-1, 1] for every finite x, exact to 2e-7 for |x| <= 1e5",
    .inputs = "x",
    .outline = true,
    .cost = 18,
    .meaning = [](X x) { return std::sin(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * cos(v.x[0]); },
    .lower = expand::sin,
    .absolute = 2e-7,
    .domain = {{{-1e5, 1e5}}},
    .source = "reduction: Cody and Waite 1980; minimax polynomial by Remez exchange",
};

constexpr OpDef cos{
    .name = "cos",
    .doc = "cosine of x in radians; within [-1, 1] for every finite x, exact to 2e-7 for |x| <= 1e5",
    .inputs = "x",
    .outline = true,
    .cost = 19,
    .meaning = [](X x) { return std::cos(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = -(v.dy * sin(v.x[0])); },
    .lower = expand::cos,
    .absolute = 2e-7,
    .domain = {{{-1e5, 1e5}}},
    .source = "as sin",
};

constexpr OpDef tan{
    .name = "tan",
    .doc = "tangent of x in radians, |x| <= 1e5",
    .inputs = "x",
    .outline = true,
    .cost = 30,
    .meaning = [](X x) { return std::tan(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (1 + v.y * v.y); },
    .lower = expand::tan,
    .domain = {{{-1e5, 1e5}}},
    .kink = [](X x) { return std::fabs(std::cos(x[0])); },
    .source = "reduction: Cody and Waite 1980; quotient of minimax polynomials by Remez exchange",
};

constexpr OpDef asin{
    .name = "asin",
    .doc = "angle in [-pi/2, pi/2] whose sine is x, |x| <= 1; gradient 0 at the ends",
    .inputs = "x",
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return std::asin(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * slope_of_arcsine(v.x[0]); },
    .lower = expand::asin,
    .domain = {{{-1, 1}}},
    .kink = [](X x) { return 1 - std::fabs(x[0]); },
    .source = "half angle above 1/2; minimax polynomial by Remez exchange",
};

constexpr OpDef acos{
    .name = "acos",
    .doc = "angle in [0, pi] whose cosine is x, |x| <= 1; gradient 0 at the ends",
    .inputs = "x",
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return std::acos(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = -(v.dy * slope_of_arcsine(v.x[0])); },
    .lower = expand::acos,
    .domain = {{{-1, 1}}},
    .kink = [](X x) { return 1 - std::fabs(x[0]); },
    .source = "as asin",
};

constexpr OpDef atan{
    .name = "atan",
    .doc = "angle in [-pi/2, pi/2] whose tangent is x",
    .inputs = "x",
    .outline = true,
    .cost = 22,
    .meaning = [](X x) { return std::atan(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy / (1 + v.x[0] * v.x[0]); },
    .lower = expand::atan,
    .domain = {{{-20, 20}}},
    .source = "three ranges as Moshier (Cephes) 1989; minimax polynomial by Remez exchange",
};

constexpr OpDef atan2{
    .name = "atan2",
    .doc = "angle of the point (x, y) in [-pi, pi]; gradient 0 at the origin",
    .inputs = "y, x",
    .outline = true,
    .cost = 30,
    .meaning = [](X x) { return std::atan2(x[0], x[1]); },
    .gradient =
        [](Vjp v) {
          const Signal square = v.x[0] * v.x[0] + v.x[1] * v.x[1];
          const Signal scale = 1 / select(eq(square, 0), 1, square);
          v.dx[0] = v.dy * (v.x[1] * scale), v.dx[1] = -(v.dy * (v.x[0] * scale));
        },
    .lower = expand::atan2,
    .kink = [](X x) { return x[1] > 0 ? std::hypot(x[0], x[1]) : std::fabs(x[0]); },
    .source = "as atan",
};

// Exponentials, logarithms, roots.

constexpr OpDef sinh{
    .name = "sinh",
    .doc = "hyperbolic sine",
    .inputs = "x",
    .outline = true,
    .cost = 30,
    .meaning = [](X x) { return std::sinh(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * cosh(v.x[0]); },
    .lower = expand::sinh,
    .domain = {{{-8, 8}}},
    .source = "minimax polynomial by Remez exchange below 1, above it by exponentials",
};

constexpr OpDef cosh{
    .name = "cosh",
    .doc = "hyperbolic cosine",
    .inputs = "x",
    .outline = true,
    .cost = 26,
    .meaning = [](X x) { return std::cosh(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * sinh(v.x[0]); },
    .lower = expand::cosh,
    .domain = {{{-8, 8}}},
    .source = "by exponentials",
};

constexpr OpDef tanh{
    .name = "tanh",
    .doc = "hyperbolic tangent",
    .inputs = "x",
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return std::tanh(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (1 - v.y * v.y); },
    .lower = expand::tanh,
    .domain = {{{-8, 8}}},
    .source = "by expm1",
};

constexpr OpDef exp{
    .name = "exp",
    .doc = "e to the power x",
    .inputs = "x",
    .outline = true,
    .cost = 18,
    .meaning = [](X x) { return std::exp(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * v.y; },
    .lower = expand::exp,
    .domain = {{{-20, 20}}},
    .source = "reduction: Cody and Waite 1980; minimax polynomial by Remez exchange",
};

constexpr OpDef exp2{
    .name = "exp2",
    .doc = "2 to the power x",
    .inputs = "x",
    .outline = true,
    .cost = 16,
    .meaning = [](X x) { return std::exp2(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (v.y * std::numbers::ln2); },
    .lower = expand::exp2,
    .domain = {{{-20, 20}}},
    .source = "minimax polynomial by Remez exchange",
};

constexpr OpDef expm1{
    .name = "expm1",
    .doc = "e to the power x, minus 1, exact for small x",
    .inputs = "x",
    .outline = true,
    .cost = 20,
    .meaning = [](X x) { return std::expm1(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (v.y + 1); },
    .lower = expand::expm1,
    .domain = {{{-20, 20}}},
    .source = "as exp, the power of two applied to e^r - 1",
};

constexpr OpDef log{
    .name = "log",
    .doc = "natural logarithm; -infinity at 0, not a number below",
    .inputs = "x",
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return std::log(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy / v.x[0]; },
    .lower = expand::log,
    .domain = {{{1e-3, 1e3}}},
    .kink = [](X x) { return x[0]; },
    .source = "exponent and fraction by bits; minimax polynomial by Remez exchange",
};

constexpr OpDef log2{
    .name = "log2",
    .doc = "logarithm to base 2; -infinity at 0, not a number below",
    .inputs = "x",
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return std::log2(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (std::numbers::log2e / v.x[0]); },
    .lower = expand::log2,
    .domain = {{{1e-3, 1e3}}},
    .kink = [](X x) { return x[0]; },
    .source = "as log",
};

constexpr OpDef log10{
    .name = "log10",
    .doc = "logarithm to base 10; -infinity at 0, not a number below",
    .inputs = "x",
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return std::log10(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (std::numbers::log10e / v.x[0]); },
    .lower = expand::log10,
    .domain = {{{1e-3, 1e3}}},
    .kink = [](X x) { return x[0]; },
    .source = "as log",
};

constexpr OpDef log1p{
    .name = "log1p",
    .doc = "natural logarithm of 1 + x, exact for small x",
    .inputs = "x",
    .outline = true,
    .cost = 30,
    .meaning = [](X x) { return std::log1p(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy / (1 + v.x[0]); },
    .lower = expand::log1p,
    .domain = {{{-0.999, 1e3}}},
    .kink = [](X x) { return 1 + x[0]; },
    .source = "as log; the rounding of 1 + x by Knuth's two-sum",
};

constexpr OpDef pow{
    .name = "pow",
    .doc =
        "base to the power exponent; not a number for a negative base and a fractional exponent. Gradient to the base "
        "0 at base 0 with exponent < 1, to the exponent 0 for base <= 0",
    .inputs = "base, exponent",
    .outline = true,
    .cost = 60,
    .meaning = [](X x) { return std::pow(x[0], x[1]); },
    .gradient =
        [](Vjp v) {
          const Signal base = v.x[0], exponent = v.x[1];
          const Signal flat = logical_or(eq(exponent, 0), logical_and(eq(base, 0), lt(exponent, 1)));
          const Signal slope = exponent * pow(select(flat, 1, base), exponent - 1);
          const Signal positive = gt(base, 0);
          v.dx[0] = v.dy * select(flat, 0, slope);
          v.dx[1] = v.dy * (select(positive, v.y, 0) * log(select(positive, base, 1)));
        },
    .lower = expand::pow,
    .simplify = [](S x) { return is(x[1], 2)   ? x[0] * x[0]
                                 : is(x[1], 1) ? x[0]
                                               : Signal{}; },
    .ulp = 16,
    .domain = {{{0.05, 20}, {-6, 6}}},
    .kink = [](X x) { return std::fabs(x[0]); },
    .source = "exp2 of log2 in double; for double operands the logarithm in two parts (Dekker 1971)",
};

constexpr OpDef sqrt{
    .name = "sqrt",
    .doc = "square root; not a number below 0; gradient 0 at 0",
    .inputs = "x",
    .cost = 5,
    .meaning = [](X x) { return std::sqrt(x[0]); },
    .gradient =
        [](Vjp v) {
          const Signal zero = eq(v.x[0], 0);
          v.dx[0] = v.dy * select(zero, 0, 0.5 / select(zero, 1, v.y));
        },
    .lower = [](V x) { return ir::sqrt(x[0]); },
    .ulp = 0.5,
    .domain = {{{0, 1e3}}},
    .kink = [](X x) { return x[0]; },
};

constexpr OpDef rsqrt{
    .name = "rsqrt",
    .doc = "1 / sqrt(x); infinite at 0, not a number below",
    .inputs = "x",
    .cost = 9,
    .meaning = [](X x) { return 1 / std::sqrt(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * (-0.5 * v.y / v.x[0]); },
    .lower = [](V x) { return 1.0 / ir::sqrt(x[0]); },
    .ulp = 2,
    .domain = {{{1e-3, 1e3}}},
    .kink = [](X x) { return x[0]; },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_TRANSCENDENTAL_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete_pointwise(entries), "an op in this file lacks its name, doc, inputs, meaning, gradient or lowering");

constexpr std::span<const OpDef* const> transcendental_family{entries};

}  // namespace dgen::ops
