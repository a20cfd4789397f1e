#include "ops/expand_trigonometric.h"

#include <numbers>

#include "ops/polynomial.h"

namespace dgen::ops::expand {

namespace {

constexpr double pi = std::numbers::pi;

// pi and pi / 2 in parts so short that a part times a whole or half number below 2^16 is exact, fused or not; the last
// part holds the rest (Cody and Waite 1980). All positive: -0 stays -0.
constexpr std::array pi_single{0x1.92p+1, 0x1.fap-11, 0x1.54p-19, 0x1.10b462p-29};
constexpr std::array pi_double{0x1.921fb544p+1, 0x1.0b4611a6p-33, 0x1.3198a2e037073p-68};
constexpr std::array half_pi_single{0x1.92p+0, 0x1.fap-12, 0x1.54p-20, 0x1.1p-30, 0x1.68p-39, 0x1.84698ap-48};
constexpr std::array half_pi_double{0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69, 0x1.b839a252049c1p-104};

// Minimax polynomials in u = r^2, relative error below 2^-27 (single) and 2^-57 (double), found by Remez exchange.
// sin r = r + r u P(u) for |r| <= pi / 2.
constexpr std::array sine_single{1.0, -0.1666665971, 0.008333066478, -0.0001980960224, 2.605780537e-6};
// The same of pi r, for |r| <= 1 / 2: sin(pi r) = r P(r^2).
constexpr std::array half_turn_single{pi * sine_single[0], pi* pi* pi* sine_single[1], pi* pi* pi* pi* pi* sine_single[2],
                                      pi* pi* pi* pi* pi* pi* pi* sine_single[3],
                                      pi* pi* pi* pi* pi* pi* pi* pi* pi* sine_single[4]};
// The same with a third coefficient 4 units lower, found by trying all r: with the sums of `sine_of_turns_in_loop`, fused or
// not, no sine is larger than 1. Largest error: 3 units in the last place.
constexpr std::array half_turn_in_loop{3.1415927, -5.167711, 2.5500815, -0.5983081, 0.07767597};
constexpr std::array sine_double{1.0,
                                 -0.166666666666666657,
                                 0.00833333333333319444,
                                 -0.000198412698412092181,
                                 2.75573192111372921e-6,
                                 -2.50521068728034968e-8,
                                 1.60589397059529622e-10,
                                 -7.64299149064712676e-13,
                                 2.72117497563181989e-15};
// For |r| <= pi / 4: sin r = r + r u P(u), cos r = P(u).
constexpr std::array near_sine_single{-0.1666665524, 0.008332160302, -0.0001951528247};
constexpr std::array near_sine_double{-0.166666666666666297,  0.00833333333332211823,  -0.000198412698295895388,
                                      2.75573136213856632e-6, -2.50507477628486447e-8, 1.58962301571339791e-10};
constexpr std::array near_cosine_single{1.0, -0.5, 0.04166664556, -0.001388731645, 2.44331568e-5};
constexpr std::array near_cosine_double{1.0,
                                        -0.5,
                                        0.041666666666666595,
                                        -0.00138888888888730557,
                                        0.0000248015872888517038,
                                        -2.75573141792967507e-7,
                                        2.08757008419761612e-9,
                                        -1.13585365214607569e-11};
// asin s = s + s z P(z), z = s^2 <= 1 / 4.
constexpr std::array arcsine_single{0.166667521, 0.07495297492, 0.04547037557, 0.0241795145, 0.04216630757};
constexpr std::array arcsine_double{0.166666666666654084,   0.0750000000033700792, 0.0446428568283328067,  0.0303819591367904332,
                                    0.0223717580546287896,  0.0173597046988954937, 0.0138852361289022695,  0.0121692070671908827,
                                    0.00652799594017767788, 0.019528206766612051,  -0.0162241590968155436, 0.0319122047547812926};
// atan t = t + t z P(z), z = t^2, |t| <= tan(pi / 8).
constexpr std::array arctangent_single{-0.3333294988, 0.1997769773, -0.1387753785, 0.0805323422};
constexpr std::array arctangent_double{-0.333333333333331983,  0.199999999999531636,   -0.142857142801575548,
                                       0.111111107816856458,   -0.0909089771126475599, 0.0769205946073668462,
                                       -0.0666309620376992207, 0.0584783689209474253,  -0.0503908726099180984,
                                       0.038059463553747043,   -0.0179020516024957534};
constexpr double tan_3_pi_8 = 2.4142135623730950;

/// x - n * (the sum of the parts).
template <std::size_t N>
Value reduced(Value x, Value n, const std::array<double, N>& parts) {
  for (const double part : parts) x = x - n * part;
  return x;
}

template <std::size_t N, std::size_t M>
Value reduced(Value x, Value n, const std::array<double, N>& single, const std::array<double, M>& precise) {
  return is_double(x) ? reduced(x, n, precise) : reduced(x, n, single);
}

/// As `reduced`, rounded once: the first `exact` steps do not round, and what rounding the sum of the others loses is
/// added at the end.
template <std::size_t N>
Value closely_reduced(Value x, Value n, const std::array<double, N>& parts, std::size_t exact) {
  for (std::size_t k = 0; k < exact; ++k) x = x - n * parts[k];
  Value sum = n * parts[N - 1];
  for (std::size_t k = N - 1; k-- > exact;) sum = sum + n * parts[k];
  const Value r = x - sum;
  Value lost = x - r;
  for (std::size_t k = exact; k < N; ++k) lost = lost - n * parts[k];
  return r + lost;
}

/// sin r for |r| <= pi / 2, negated where the lowest bit of `turns` is set, limited to [-1, 1].
Value sine_of_rest(Value r, Value turns) {
  const Value size = r * polynomial(r * r, sine_single, sine_double);
  const Value y = from_bits(r, bits(size) ^ (turns << (is_double(r) ? 63 : 31)));
  return max(min(y, like(y, 1)), like(y, -1));
}

/// The angle in [0, pi / 2] whose tangent is a / b, for a and b not negative; finite ones below the square root of the
/// largest number.
Value first_quadrant(Value a, Value b) {
  const Value steep = a > b * tan_3_pi_8;
  const Value middle = (b <= a * tan_3_pi_8) & (a > 0);
  const Value over = select(steep, -b, select(middle, a - b, a));
  const Value under = select(steep, a, select(middle, a + b, b));
  const Value t = select(a == b, 0, over / under);
  const Value z = t * t;
  const Value base = select(steep, like(a, pi / 2), select(middle, like(a, pi / 4), 0));
  return base + (t + t * z * polynomial(z, arctangent_single, arctangent_double));
}

/// asin for |x| <= 1/2; where |x| > 1/2 (`far`), half of acos |x|: both by the arcsine polynomial.
struct Arcsine {
  Value far, angle;
};

Arcsine arcsine(Value magnitude) {
  const Value far = magnitude > 0.5;
  const Value z = select(far, (1.0 - magnitude) * 0.5, magnitude * magnitude);
  const Value s = select(far, sqrt(z), magnitude);
  return {far, s + s * z * polynomial(z, arcsine_single, arcsine_double)};
}

}  // namespace

Value sin(std::span<const Value> x) {
  const Value sum = x[0] * (1 / pi) + rounder(x[0]);
  const Value r = reduced(x[0], sum - rounder(x[0]), pi_single, pi_double);
  return sine_of_rest(r, bits(sum));
}

namespace {

/// sin(2 pi x) of one number: a loop that needs it waits for its latency, so that everything but the reduction and the
/// polynomial goes on beside those. In particular the sign, without a step from float to integer registers and back.
Value sine_of_turns_in_loop(Value x) {
  const auto nearest = [](Value a) { return (a + rounder(a)) - rounder(a); };
  const Value whole = nearest(x * 2.0), r = x * 2.0 - whole;
  const Value odd = abs(whole - nearest(x) * 2.0);  // 1 where an odd number of half turns was taken off
  const Value sign = select(abs(x) < 0x1p21, 1.0 - odd * 2.0, 0);
  const Value signed_r = r * sign, u = min(r * r, like(r, 0.25)), uu = u * u;
  const std::array c = half_turn_in_loop;
  const Value high = signed_r * uu * (uu * c[4] + (u * c[3] + c[2]));  // first: that one is fused with the sum
  const Value low = signed_r * (u * c[1] + c[0]);
  return high + low;
}

}  // namespace

Value sine_of_turns(Value x, double offset) {
  // Twice the turns are n + r with |r| <= 1/2, exactly; then (-1)^n sin(pi r). The sums of the polynomial stand side by side,
  // because such a sine inside a loop costs its latency.
  if (!x.type().wide && offset == 0) return sine_of_turns_in_loop(x);
  const Value half_turns = offset == 0 ? x * 2.0 : x * 2.0 + 2 * offset;
  const Value sum = half_turns + rounder(x);
  const Value whole = sum - rounder(x);
  const Value r = x * 2.0 - (offset == 0 ? whole : whole - 2 * offset);
  const Value u = r * r, uu = u * u;
  const std::array c = half_turn_single;
  const Value sine = r * (((u * c[4] + c[3]) * u + c[2]) * uu + (u * c[1] + c[0]));
  const Value y = from_bits(r, bits(sine) ^ (bits(sum) << 31));
  return max(min(y, like(y, 1)), like(y, -1));
}

Value sine_of_phase(Value turns) {
  ir::Builder& b = *turns.builder;
  const auto bits32 = [&](std::int64_t pattern) { return b.integer(turns.type(), pattern); };
  const Value near = bitcast(ir::Scalar::i32, turns + bits32(0x40000000)) >= like(bitcast(ir::Scalar::i32, turns), 0);
  const Value folded = select(near, turns, bits32(0x80000000) - turns);  // sin(pi - x) = sin x
  const Value r = convert(ir::Scalar::f32, bitcast(ir::Scalar::i32, folded)) * (pi * 0x1p-31);
  return r * polynomial(r * r, sine_single);
}

Value cos(std::span<const Value> x) {
  // cos x = (-1)^n sin((n + 1/2) pi - x).
  const Value sum = (x[0] * (1 / pi) - 0.5) + rounder(x[0]);
  const Value half_turns = (sum - rounder(x[0])) + 0.5;
  const Value r = -reduced(x[0], half_turns, pi_single, pi_double);
  return sine_of_rest(r, bits(sum));
}

Value tan_of_half_turns(Value x) {
  // Half turns are n / 2 + r with |r| <= 1/4, exactly.
  const Value sum = x * 2.0 + rounder(x);
  const Value rest = x - (sum - rounder(x)) * 0.5;
  const Value r = max(min(rest, like(rest, 0.26)), like(rest, -0.26)) * pi;  // beyond the domain: finite
  const Value u = r * r;
  const Value sine = r + r * u * polynomial(u, near_sine_single);
  const Value cosine = polynomial(u, near_cosine_single);
  const Value odd = (bits(sum) & bit_pattern(sum, 1)) != bit_pattern(sum, 0);
  const Value y = select(odd, -cosine, sine) / select(odd, sine, cosine);
  return select(abs(x) < 0x1p-30, x * pi, y);  // keeps the sign of -0
}

Value tan(std::span<const Value> x) {
  const Value sum = x[0] * (2 / pi) + rounder(x[0]);
  const Value n = sum - rounder(x[0]);
  const Value rest = is_double(n) ? closely_reduced(x[0], n, half_pi_double, 1) : closely_reduced(x[0], n, half_pi_single, 2);
  const Value r = max(min(rest, like(rest, 0.8)), like(rest, -0.8));  // beyond the domain: finite
  const Value u = r * r;
  const Value sine = r + r * u * polynomial(u, near_sine_single, near_sine_double);
  const Value cosine = polynomial(u, near_cosine_single, near_cosine_double);
  const Value odd = (bits(sum) & bit_pattern(sum, 1)) != bit_pattern(sum, 0);
  const Value y = select(odd, -cosine, sine) / select(odd, sine, cosine);
  return select(abs(x[0]) < pick(x[0], 0x1p-30, 0x1p-60), x[0], y);  // keeps the sign of -0
}

Value asin(std::span<const Value> x) {
  const Arcsine half = arcsine(abs(x[0]));
  return with_sign_of(x[0], select(half.far, pi / 2 - (half.angle + half.angle), half.angle));
}

Value acos(std::span<const Value> x) {
  // Far: 2 angle or pi - 2 angle; near: pi / 2 - asin x.
  const Arcsine half = arcsine(abs(x[0]));
  const Value turn = select(half.far, half.angle + half.angle, -half.angle);
  const Value base = select(half.far, select(x[0] < 0, like(x[0], pi), 0), pi / 2);
  return base + from_bits(turn, bits(turn) ^ sign_bit(x[0]));
}

Value atan(std::span<const Value> x) { return with_sign_of(x[0], first_quadrant(abs(x[0]), like(x[0], 1))); }

Value atan2(std::span<const Value> x) {
  const Value a = abs(x[0]), b = abs(x[1]);
  // Away from both ends of the range, so that sums do not overflow and products do not vanish.
  const Value scale = select(max(a, b) > pick(a, 0x1p90, 0x1p990), like(a, 0x1p-30), 0x1p30);
  const Value angle = first_quadrant(a * scale, b * scale);
  const Value left = sign_bit(x[1]) != bit_pattern(x[1], 0);  // -0 also lies on the left
  return with_sign_of(x[0], select(left, pi - angle, angle));
}

}  // namespace dgen::ops::expand
