#include "dgen/math.h"

#include <array>
#include <cmath>

#include "dgen/compare.h"
#include "ir/builder.h"
#include "ops/expand_rounding.h"
#include "ops/families.h"
#include "ops/known.h"
#include "ops/meaning.h"

namespace dgen::ops {

using X = std::span<const double>;
using V = std::span<const ir::Value>;
using S = std::span<const Signal>;

// Arithmetic.

constexpr OpDef add{
    .name = "add",
    .doc = "a + b",
    .inputs = "a, b",
    .commutative = true,
    .additive = true,
    .meaning = [](X x) { return x[0] + x[1]; },
    .gradient = [](Vjp v) { v.dx[0] = v.dx[1] = v.dy; },
    .lower = [](V x) { return x[0] + x[1]; },
    .ulp = 0.5,
};

constexpr OpDef sub{
    .name = "sub",
    .doc = "a - b",
    .inputs = "a, b",
    .meaning = [](X x) { return x[0] - x[1]; },
    .gradient = [](Vjp v) { v.dx[0] = v.dy, v.dx[1] = -v.dy; },
    .lower = [](V x) { return x[0] - x[1]; },
    .simplify = [](S x) { return is(x[1], 0) ? x[0] : Signal{}; },
    .ulp = 0.5,
};

constexpr OpDef mul{
    .name = "mul",
    .doc = "a * b",
    .inputs = "a, b",
    .commutative = true,
    .meaning = [](X x) { return x[0] * x[1]; },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * v.x[1], v.dx[1] = v.dy * v.x[0]; },
    .lower = [](V x) { return x[0] * x[1]; },
    .simplify = [](S x) { return is(x[1], 1)   ? x[0]
                                 : is(x[0], 1) ? x[1]
                                               : Signal{}; },
    .ulp = 0.5,
};

constexpr OpDef div{
    .name = "div",
    .doc = "a / b; a / 0 is infinite, 0 / 0 is not a number",
    .inputs = "a, b",
    .cost = 4,
    .meaning = [](X x) { return x[0] / x[1]; },
    .gradient = [](Vjp v) { v.dx[0] = v.dy / v.x[1], v.dx[1] = -(v.dy * (v.y / v.x[1])); },
    .lower = [](V x) { return x[0] / x[1]; },
    .simplify = [](S x) { return is(x[1], 1) ? x[0] : Signal{}; },
    .ulp = 0.5,
    .kink = [](X x) { return std::fabs(x[1]); },
};

constexpr OpDef neg{
    .name = "neg",
    .doc = "-x",
    .inputs = "x",
    .meaning = [](X x) { return -x[0]; },
    .gradient = [](Vjp v) { v.dx[0] = -v.dy; },
    .lower = [](V x) { return -x[0]; },
    .ulp = 0.5,
};

constexpr OpDef abs{
    .name = "abs",
    .doc = "magnitude of x; gradient 0 at 0",
    .inputs = "x",
    .meaning = [](X x) { return std::fabs(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy * sign(v.x[0]); },
    .lower = [](V x) { return ir::abs(x[0]); },
    .ulp = 0.5,
    .kink = [](X x) { return std::fabs(x[0]); },
};

constexpr OpDef sign{
    .name = "sign",
    .doc = "-1, 0 or 1; gradient 0",
    .inputs = "x",
    .zero_derivative = true,
    .cost = 2,
    .meaning = [](X x) { return meaning::sign(x[0]); },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return ir::select(x[0] > 0, 1, ir::select(x[0] < 0, -1, x[0])); },
    .ulp = 0.5,
    .kink = [](X x) { return std::fabs(x[0]); },
};

// Rounding and remainders.

constexpr OpDef floor{
    .name = "floor",
    .doc = "largest whole number <= x; gradient 0",
    .inputs = "x",
    .zero_derivative = true,
    .cost = 2,
    .meaning = [](X x) { return std::floor(x[0]); },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return ir::floor(x[0]); },
    .ulp = 0.5,
    .domain = {{{-20, 20}}},
    .kink = [](X x) { return meaning::distance_to_whole(x[0]); },
};

constexpr OpDef ceil{
    .name = "ceil",
    .doc = "smallest whole number >= x; gradient 0",
    .inputs = "x",
    .zero_derivative = true,
    .cost = 3,
    .meaning = [](X x) { return std::ceil(x[0]); },
    .gradient = [](Vjp) {},
    .lower = [](V x) { return -ir::floor(-x[0]); },
    .ulp = 0.5,
    .domain = {{{-20, 20}}},
    .kink = [](X x) { return meaning::distance_to_whole(x[0]); },
};

constexpr OpDef round{
    .name = "round",
    .doc = "nearest whole number, halves away from 0; gradient 0",
    .inputs = "x",
    .zero_derivative = true,
    .cost = 6,
    .meaning = [](X x) { return std::round(x[0]); },
    .gradient = [](Vjp) {},
    .lower = expand::round,
    .ulp = 0.5,
    .domain = {{{-20, 20}}},
    .kink = [](X x) { return meaning::distance_to_whole(x[0] + 0.5); },
};

constexpr OpDef trunc{
    .name = "trunc",
    .doc = "whole part of x, toward 0; gradient 0",
    .inputs = "x",
    .zero_derivative = true,
    .cost = 4,
    .meaning = [](X x) { return std::trunc(x[0]); },
    .gradient = [](Vjp) {},
    .lower = expand::trunc,
    .ulp = 0.5,
    .domain = {{{-20, 20}}},
    .kink = [](X x) { return meaning::distance_to_whole(x[0]); },
};

constexpr OpDef fract{
    .name = "fract",
    .doc = "x - floor(x), in [0, 1]; gradient straight through",
    .inputs = "x",
    .cost = 3,
    .meaning = [](X x) { return x[0] - std::floor(x[0]); },
    .gradient = [](Vjp v) { v.dx[0] = v.dy; },
    .lower = [](V x) { return x[0] - ir::floor(x[0]); },
    .ulp = 0.5,
    .domain = {{{-20, 20}}},
    .kink = [](X x) { return meaning::distance_to_whole(x[0]); },
};

constexpr OpDef mod{
    .name = "mod",
    .doc = "remainder of a / b with the sign of a (C's fmod); not a number for b = 0; gradient straight through to a",
    .inputs = "a, b",
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return std::fmod(x[0], x[1]); },
    // y = a - b trunc(a / b), so dy/db = -trunc(a / b) = (y - a) / b.
    .gradient = [](Vjp v) { v.dx[0] = v.dy, v.dx[1] = v.dy * ((v.y - v.x[0]) / v.x[1]); },
    .lower = expand::mod,
    .ulp = 0.5,
    .domain = {{{-20, 20}, {0.5, 3}}},
    .kink = [](X x) { return meaning::distance_to_multiple(x[0], x[1]); },
    .source = "two exact reductions, in double for single operands",
};

constexpr OpDef wrap{
    .name = "wrap",
    .doc = "x plus the multiple of hi - lo that brings it into [lo, hi); bounds in either order; gradient straight through",
    .inputs = "x, lo = 0, hi = 1",
    .modular = true,
    .outline = true,
    .cost = 24,
    .meaning = [](X x) { return meaning::wrap(x[0], x[1], x[2]); },
    // y = x - n (hi - lo): the count n of whole periods is the gradient to the bounds; 0 where the period is 0.
    .gradient =
        [](Vjp v) {
          const Signal empty = eq(v.x[1], v.x[2]);
          const Signal period = v.x[2] - v.x[1];
          const Signal periods = select(empty, 0, (v.x[0] - v.y) / select(empty, 1, period));
          v.dx[0] = v.dy, v.dx[1] = v.dy * periods, v.dx[2] = -v.dx[1];
        },
    .lower = expand::wrap,
    .ulp = 1,
    .domain = {{{-20, 20}, {-2, -0.5}, {0.5, 2}}},
    .kink = [](X x) { return meaning::distance_to_multiple(x[0] - x[1], x[2] - x[1]); },
    .source = "as mod, floored",
};

// Choice by size.

constexpr OpDef min{
    .name = "min",
    .doc = "the smaller of a and b; a where they are equal or b is not a number; gradient to the one taken",
    .inputs = "a, b",
    .chooses = true,
    .meaning = [](X x) { return x[1] < x[0] ? x[1] : x[0]; },
    .gradient =
        [](Vjp v) {
          const Signal second = lt(v.x[1], v.x[0]);
          v.dx[0] = v.dy * (1 - second), v.dx[1] = v.dy * second;
        },
    .lower = [](V x) { return ir::min(x[0], x[1]); },
    .ulp = 0.5,
    .kink = [](X x) { return std::fabs(x[0] - x[1]); },
};

constexpr OpDef max{
    .name = "max",
    .doc = "the larger of a and b; a where they are equal or b is not a number; gradient to the one taken",
    .inputs = "a, b",
    .chooses = true,
    .meaning = [](X x) { return x[0] < x[1] ? x[1] : x[0]; },
    .gradient =
        [](Vjp v) {
          const Signal second = lt(v.x[0], v.x[1]);
          v.dx[0] = v.dy * (1 - second), v.dx[1] = v.dy * second;
        },
    .lower = [](V x) { return ir::max(x[0], x[1]); },
    .ulp = 0.5,
    .kink = [](X x) { return std::fabs(x[0] - x[1]); },
};

constexpr OpDef clamp{
    .name = "clamp",
    .doc = "x limited to [lo, hi], ends included; lo where lo > hi; gradient to the one taken",
    .inputs = "x, lo, hi",
    .chooses = true,
    .cost = 2,
    .meaning = [](X x) { return meaning::clamp(x[0], x[1], x[2]); },
    .gradient =
        [](Vjp v) {
          const Signal high = lt(v.x[2], v.x[0]);
          const Signal low = lt(min(v.x[0], v.x[2]), v.x[1]);
          v.dx[0] = v.dy * ((1 - low) * (1 - high)), v.dx[1] = v.dy * low, v.dx[2] = v.dy * ((1 - low) * high);
        },
    .lower = [](V x) { return ir::max(ir::min(x[0], x[2]), x[1]); },
    .ulp = 0.5,
    .domain = {{{-3, 3}, {-2, -0.5}, {0.5, 2}}},
    .kink = [](X x) { return std::fmin(std::fabs(x[0] - x[1]), std::fabs(x[0] - x[2])); },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_MATH_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete_pointwise(entries), "an op in this file lacks its name, doc, inputs, meaning, gradient or lowering");

constexpr std::span<const OpDef* const> math_family{entries};

}  // namespace dgen::ops
