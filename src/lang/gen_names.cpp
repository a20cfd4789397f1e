#include "lang/gen_names.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <unordered_map>

#include "dgen/dgen.h"
#include "lang/delay_read.h"
#include "lang/fold.h"
#include "lang/gen_expansions.h"

namespace dgen::lang {

namespace {

constexpr double smallest_normal = 0x1p-126;  ///< of float32

/// The DGen op itself.
template <const OpDef& op>
Values same(GenCall& c) {
  return {folded(c.graph.add(op, c.x, {}))};
}

/// in1 where the comparison holds, else 0.
template <const OpDef& op>
Values pass_where(GenCall& c) {
  return {choose(folded(c.graph.add(op, c.x, {})), c.x[0], c.graph.constant(0))};
}

Signal rate(GenCall& c) { return sample_rate(c.graph); }

Signal hypotenuse(Signal x, Signal y) { return sqrt(x * x + y * y); }

// Ranges

Values fold_between(GenCall& c) {
  const Signal lo = folded(min(c.x[1], c.x[2])), range = folded(abs(c.x[2] - c.x[1]));
  return {folded(lo + range - abs(wrap(c.x[0] - lo, 0.0, 2.0 * range) - range))};
}

Values scale_between(GenCall& c) {
  const Signal part = safe_divide(c.x[0] - c.x[1], folded(c.x[2] - c.x[1]));
  const Signal bent = known_value(c.x[5]) == 1.0 ? part : sign(part) * pow(abs(part), c.x[5]);
  return {folded(bent * (c.x[4] - c.x[3]) + c.x[3])};
}

Values smooth_step(GenCall& c) {
  const Signal t = clamp(safe_divide(c.x[2] - c.x[0], folded(c.x[1] - c.x[0])), 0.0, 1.0);
  return {folded(t * t * (3.0 - 2.0 * t))};
}

Values round_to(GenCall& c) {
  if (known_value(c.x[1]) == 1.0) return {folded(round(c.x[0]))};
  return {folded(round(safe_divide(c.x[0], c.x[1])) * c.x[1])};
}

// Choice

Values selector_of(GenCall& c) {
  const double last = static_cast<double>(c.x.size() - 1);
  const Signal index = folded(trunc(c.x[0]));
  Signal chosen = c.x.size() > 1 ? c.x.back() : c.graph.constant(0);
  for (double k = last - 1; k >= 1; --k) chosen = choose(folded(lte(index, k)), c.x[static_cast<std::size_t>(k)], chosen);
  return {choose(folded(lte(index, 0.0)), c.graph.constant(0), chosen)};
}

Values gate_to(GenCall& c) {
  const Signal index = folded(trunc(min(c.x[0], static_cast<double>(c.wanted))));
  Values outlets;
  for (std::size_t k = 1; k <= c.wanted; ++k)
    outlets.push_back(choose(folded(eq(index, static_cast<double>(k))), c.x[1], c.graph.constant(0)));
  return outlets;
}

Values interpolate_between(GenCall& c) {
  const Interpolation how = interpolation(c.option("interp", "linear"));
  const bool four_points = how == Interpolation::cubic || how == Interpolation::spline;
  const std::size_t wanted = four_points ? 5 : 3;
  if (c.given != wanted) {
    throw Error(ErrorCode::bad_arity, "interp takes the position and " + std::to_string(wanted - 1) + " values here, got " +
                                          std::to_string(c.given) + " inputs");
  }
  if (!four_points) return {folded(interpolate(how, c.x[0], c.x[1], c.x[1], c.x[2], c.x[2]))};
  return {folded(interpolate(how, c.x[0], c.x[1], c.x[2], c.x[3], c.x[4]))};
}

constexpr std::string_view not_in_text = "it wires patchers; in text, use variables and functions";
constexpr std::string_view no_spectrum = "patch text runs frame by frame, not inside a spectral host";
constexpr std::string_view no_voices = "a patch does not know which voice it is";

/// Sorted by topic, as gen~'s own reference is.
const std::vector<GenName>& table() {
  using namespace std::numbers;
  static const std::vector<GenName> names{
      // Comparison
      {"gt", "1 where a > b, else 0; written a > b", "a, b = 0", same<ops::gt>},
      {"lt", "1 where a < b, else 0; written a < b", "a, b = 0", same<ops::lt>},
      {"gte", "1 where a >= b, else 0; written a >= b", "a, b = 0", same<ops::gte>},
      {"lte", "1 where a <= b, else 0; written a <= b", "a, b = 0", same<ops::lte>},
      {"eq", "1 where a = b, else 0; written a == b", "a, b = 0", same<ops::eq>},
      {"neq", "1 where a differs from b, else 0; written a != b", "a, b = 0", same<ops::neq>},
      {"gtp", "a where a > b, else 0", "a, b = 0", pass_where<ops::gt>},
      {"ltp", "a where a < b, else 0", "a, b = 0", pass_where<ops::lt>},
      {"gtep", "a where a >= b, else 0", "a, b = 0", pass_where<ops::gte>},
      {"ltep", "a where a <= b, else 0", "a, b = 0", pass_where<ops::lte>},
      {"eqp", "a where a = b, else 0", "a, b = 0", pass_where<ops::eq>},
      {"neqp", "a where a differs from b, else 0", "a, b = 0", pass_where<ops::neq>},
      {"max", "the larger one", "a, b = 0", same<ops::max>},
      {"maximum", "the larger one", "a, b = 0", same<ops::max>},
      {"min", "the smaller one", "a, b = 0", same<ops::min>},
      {"minimum", "the smaller one", "a, b = 0", same<ops::min>},
      {"step", "0 where x < edge, else 1", "x, edge = 0", same<ops::gte>},
      // Logic
      {"and", "1 where both are other than 0; written a && b", "a, b = 0", same<ops::logical_and>},
      {"or", "1 where one is other than 0; written a || b", "a, b = 0", same<ops::logical_or>},
      {"xor", "1 where exactly one is other than 0; written a ^^ b", "a, b = 0", same<ops::logical_xor>},
      {"not", "1 where x is 0, else 0; written !x", "x", same<ops::logical_not>},
      {"bool", "1 where x is other than 0", "x", [](GenCall& c) -> Values { return {folded(neq(c.x[0], 0.0))}; }},
      // Mathematics
      {"add", "a + b", "a, b = 0", same<ops::add>},
      {"sub", "a - b", "a, b = 0", same<ops::sub>},
      {"mul", "a b", "a, b = 1", same<ops::mul>},
      {"div", "a / b; 0 where b is 0", "a, b = 1", [](GenCall& c) -> Values { return {folded(safe_divide(c.x[0], c.x[1]))}; }},
      {"mod", "remainder of a / b with the sign of a; 0 where b is 0; written a % b", "a, b = 1",
       [](GenCall& c) -> Values { return {folded(safe_modulo(c.x[0], c.x[1]))}; }},
      {"neg", "-x", "x", same<ops::neg>},
      {"rsub", "b - a", "a, b = 0", [](GenCall& c) -> Values { return {folded(c.x[1] - c.x[0])}; }},
      {"rdiv", "b / a; 0 where a is 0", "a, b = 1", [](GenCall& c) -> Values { return {folded(safe_divide(c.x[1], c.x[0]))}; }},
      {"rmod", "remainder of b / a with the sign of b; 0 where a is 0", "a, b = 1",
       [](GenCall& c) -> Values { return {folded(safe_modulo(c.x[1], c.x[0]))}; }},
      {"absdiff", "|a - b|", "a, b = 0", [](GenCall& c) -> Values { return {folded(abs(c.x[0] - c.x[1]))}; }},
      {"cartopol", "radius and angle in radians of the point (x, y)", "x, y = 0",
       [](GenCall& c) -> Values {
         return {folded(hypotenuse(c.x[0], c.x[1])), folded(atan2(c.x[1], c.x[0]))};
       }},
      {"poltocar", "x and y of the point at a radius and an angle in radians", "radius, angle = 0",
       [](GenCall& c) -> Values {
         return {folded(c.x[0] * cos(c.x[1])), folded(c.x[0] * sin(c.x[1]))};
       }},
      // Numbers
      {"abs", "|x|", "x", same<ops::abs>},
      {"ceil", "smallest whole number not below x", "x", same<ops::ceil>},
      {"floor", "largest whole number not above x", "x", same<ops::floor>},
      {"trunc", "x without its fraction", "x", same<ops::trunc>},
      {"fract", "x - trunc(x), with the sign of x", "x", [](GenCall& c) -> Values { return {folded(c.x[0] - trunc(c.x[0]))}; }},
      {"sign", "-1, 0 or 1", "x", same<ops::sign>},
      {"round", "nearest multiple of base, halves away from 0", "x, base = 1", round_to},
      {"int", "x without its fraction", "x", same<ops::trunc>},
      {"i", "x without its fraction", "x", same<ops::trunc>},
      {"float", "x", "x", [](GenCall& c) -> Values { return {folded(c.x[0])}; }},
      {"f", "x", "x", [](GenCall& c) -> Values { return {folded(c.x[0])}; }},
      {"constant", "x", "x", [](GenCall& c) -> Values { return {folded(c.x[0])}; }},
      {"pass", "x", "x", [](GenCall& c) -> Values { return {folded(c.x[0])}; }},
      // Powers
      {"exp", "e to the power x", "x", same<ops::exp>},
      {"exp2", "2 to the power x", "x", same<ops::exp2>},
      {"log", "natural logarithm of x", "x", same<ops::log>},
      {"ln", "natural logarithm of x", "x", same<ops::log>},
      {"log2", "logarithm of x to base 2", "x", same<ops::log2>},
      {"log10", "logarithm of x to base 10", "x", same<ops::log10>},
      {"pow", "x to the power y", "x, y = 1", same<ops::pow>},
      {"sqrt", "square root of x", "x", same<ops::sqrt>},
      {"fastexp", "as exp: the exact one is as fast here", "x", same<ops::exp>},
      {"fastpow", "as pow: the exact one is used", "x, y = 1", same<ops::pow>},
      // Trigonometry
      {"sin", "sine of x in radians", "x", same<ops::sin>},
      {"cos", "cosine of x in radians", "x", same<ops::cos>},
      {"tan", "tangent of x in radians", "x", same<ops::tan>},
      {"asin", "the angle whose sine is x", "x", same<ops::asin>},
      {"acos", "the angle whose cosine is x", "x", same<ops::acos>},
      {"atan", "the angle whose tangent is x", "x", same<ops::atan>},
      {"atan2", "the angle of the point (x, y)", "y, x = 0", same<ops::atan2>},
      {"sinh", "hyperbolic sine", "x", same<ops::sinh>},
      {"cosh", "hyperbolic cosine", "x", same<ops::cosh>},
      {"tanh", "hyperbolic tangent", "x", same<ops::tanh>},
      {"asinh", "inverse hyperbolic sine", "x",
       [](GenCall& c) -> Values {
         return {folded(sign(c.x[0]) * log1p(abs(c.x[0]) + c.x[0] * c.x[0] / (1.0 + sqrt(c.x[0] * c.x[0] + 1.0))))};
       }},
      {"acosh", "inverse hyperbolic cosine, x >= 1", "x",
       [](GenCall& c) -> Values { return {folded(log(c.x[0] + sqrt(c.x[0] * c.x[0] - 1.0)))}; }},
      {"atanh", "inverse hyperbolic tangent, |x| < 1", "x",
       [](GenCall& c) -> Values { return {folded(0.5 * (log1p(c.x[0]) - log1p(-c.x[0])))}; }},
      {"hypot", "sqrt(x x + y y)", "x, y = 0", [](GenCall& c) -> Values { return {folded(hypotenuse(c.x[0], c.x[1]))}; }},
      {"degrees", "radians to degrees", "x", [](GenCall& c) -> Values { return {folded(c.x[0] * (180 / pi))}; }},
      {"radians", "degrees to radians", "x", [](GenCall& c) -> Values { return {folded(c.x[0] * (pi / 180))}; }},
      {"fastsin", "as sin: the exact one is used", "x", same<ops::sin>},
      {"fastcos", "as cos: the exact one is used", "x", same<ops::cos>},
      {"fasttan", "as tan: the exact one is used", "x", same<ops::tan>},
      // Ranges
      {"clamp", "x limited to [lo, hi]; lo where lo > hi", "x, lo = 0, hi = 1", same<ops::clamp>},
      {"clip", "x limited to [lo, hi]; lo where lo > hi", "x, lo = 0, hi = 1", same<ops::clamp>},
      {"fold", "x reflected at lo and hi until it lies between them", "x, lo = 0, hi = 1", fold_between},
      {"wrap", "x plus the multiple of hi - lo that brings it into [lo, hi)", "x, lo = 0, hi = 1", same<ops::wrap>},
      {"scale", "maps in_lo … in_hi to out_lo … out_hi, bent by the power curve, without limits",
       "x, in_lo = 0, in_hi = 1, out_lo = 0, out_hi = 1, curve = 1", scale_between},
      // Routes
      {"switch", "a where condition is other than 0, else b; written condition ? a : b", "condition, a, b = 0",
       [](GenCall& c) -> Values { return {folded(choose(c.x[0], c.x[1], c.x[2]))}; }},
      {"gate", "x at the output of that index, from 1, and 0 at the others; above the last: the last", "index, x", gate_to},
      {"selector", "the input of that index, from 1; 0 below, the last above", "index, ...", selector_of},
      {"mix", "a + t (b - a)", "a, b = 0, t = 0",
       [](GenCall& c) -> Values { return {folded(c.x[0] + c.x[2] * (c.x[1] - c.x[0]))}; }},
      {"smoothstep", "0 below lo, 1 above hi, 3 t t - 2 t t t between", "lo, hi, x", smooth_step},
      {"interp", "between values at position t: interp=\"linear\" (t, a, b), \"cosine\", \"cubic\" or \"spline\" (t, w, x, y, z)",
       "t, a, b = 0, c = 0, d = 0", interpolate_between, "interp"},
      {"noise", "white noise in [-1, 1), of its own for every call", "",
       [](GenCall& c) -> Values { return {noise(c.graph, c.seed)}; }},
      // States
      {"change", "1 where x rises, -1 where it falls, 0 where it stays", "x", change_of},
      {"delta", "x less x one frame ago", "x", delta_of},
      {"dcblock", "y = x - x' + 0.9997 y'", "x", dc_block},
      {"latch", "x where control is other than 0, else what it was then", "x, control = 0", latch_of},
      {"sah", "x when the trigger rises above the threshold, held until it does again", "x, trigger = 0, threshold = 0",
       sample_and_hold},
      {"slide", "y += (x - y) / (x > y ? up : down)", "x, up = 1, down = 1", slide_to},
      {"phasewrap", "the angle x in radians brought into -pi … pi", "x", phase_wrap},
      {"accum", "running sum, this frame included; reset gives min; with max, wrapped into [min, max)",
       "x = 1, reset = 0, min = 0, max = 1", running_sum},
      {"plusequals", "as accum", "x = 1, reset = 0, min = 0, max = 1", running_sum},
      {"mulequals", "running product, this frame included, from min; reset gives min; with max, wrapped into [min, max)",
       "x = 1, reset = 0, min = 0, max = 1", running_product},
      {"counter", "count up by x until max, then from 0; a carry that is 1 on that frame; the number of carries",
       "x = 1, reset = 0, max = 0", counter_of},
      {"delay", "x as it was time frames ago, 0 … max; max: a second unless time is a number", "x, time = 0, max = 0", delay_of,
       "interp"},
      // Waveforms
      {"phasor",
       "ramp 0 … 1 that rises freq times a second; steps, then shows: freq / samplerate at the first frame; reset gives 0",
       "freq, reset = 0", phasor_of},
      {"cycle",
       "cosine of a ramp that rises freq times a second, 1 at the first frame, and the ramp after its step, 0 … 1; "
       "index=\"phase\": of the phase x, one turn from 0 to 1, and the phase",
       "x, phase = 0", cycle_of, "index"},
      {"train", "pulses every period frames, on for width of it, from phase of it", "period, width = 0.5, phase = 0", train_of},
      {"triangle", "triangle of a phase 0 … 1 with its peak at duty", "phase, duty = 0.5", triangle_of},
      {"rate", "the ramp x slowed multiplier times, in step with it", "x, multiplier = 1", rate_of},
      // Units
      {"mtof", "note number to Hz", "x, tuning = 440",
       [](GenCall& c) -> Values { return {folded(c.x[1] * exp2((c.x[0] - 69.0) / 12.0))}; }},
      {"ftom", "Hz to note number", "x, tuning = 440",
       [](GenCall& c) -> Values { return {folded(69.0 + 12.0 * log2(safe_divide(c.x[0], c.x[1])))}; }},
      {"dbtoa", "decibels to amplitude", "x", [](GenCall& c) -> Values { return {folded(exp(c.x[0] * (ln10 / 20)))}; }},
      {"atodb", "amplitude to decibels; -999 where x <= 0", "x",
       [](GenCall& c) -> Values {
         return {folded(choose(folded(lte(c.x[0], 0.0)), c.graph.constant(-999), folded(20.0 * log10(c.x[0]))))};
       }},
      {"mstosamps", "milliseconds to frames", "x", [](GenCall& c) -> Values { return {folded(c.x[0] * (0.001 * rate(c)))}; }},
      {"sampstoms", "frames to milliseconds", "x", [](GenCall& c) -> Values { return {folded(c.x[0] * (1000.0 / rate(c)))}; }},
      {"t60", "the factor a frame that falls by 60 dB in x frames", "x",
       [](GenCall& c) -> Values { return {folded(exp(safe_divide(c.graph.constant(std::log(0.001)), c.x[0])))}; }},
      {"t60time", "the frames in which the factor x falls by 60 dB", "x",
       [](GenCall& c) -> Values { return {folded(safe_divide(c.graph.constant(std::log(0.001)), folded(log(c.x[0]))))}; }},
      // Guards
      {"fixdenorm", "x, 0 where it is too small for a float", "x",
       [](GenCall& c) -> Values {
         return {folded(choose(folded(lt(abs(c.x[0]), smallest_normal)), c.graph.constant(0), c.x[0]))};
       }},
      {"isdenorm", "1 where x is not 0 and too small for a float", "x",
       [](GenCall& c) -> Values { return {folded(logical_and(neq(c.x[0], 0.0), lt(abs(c.x[0]), smallest_normal)))}; }},
      {"fixnan", "x, 0 where it is not a number", "x",
       [](GenCall& c) -> Values { return {folded(choose(folded(eq(c.x[0], c.x[0])), c.x[0], c.graph.constant(0)))}; }},
      {"isnan", "1 where x is not a number", "x", [](GenCall& c) -> Values { return {folded(logical_not(eq(c.x[0], c.x[0])))}; }},
      // Tables
      {"peek", "element floor(index) of a Data, 0 outside", "index, channel = 0", peek_at, "interp boundmode", true},
      {"poke", "writes an element of a Data; outside, nothing", "value, index, channel = 0", poke_at, "", true, true},
      {"splat", "writes between two elements of a Data, at phase 0 … 1", "value, phase, channel = 0", splat_at, "", true, true},
      {"nearest", "the element of a Data at phase 0 … 1, wrapped", "phase, channel = 0", nearest_to, "interp boundmode", true},
      {"sample", "a Data at phase 0 … 1, linear between elements, 0 outside", "phase, channel = 0", sample_at, "interp boundmode",
       true},
      {"lookup", "a Data at -1 … 1, linear between elements, its ends outside", "x, channel = 0", lookup_of, "interp boundmode",
       true},
      {"wave", "a Data from element start to end, at phase 0 … 1, wrapped", "phase, start = 0, end = 0, channel = 0", wave_of,
       "interp", true},
      {"dim", "frames of a Data", "", [](GenCall& c) -> Values { return {c.graph.constant(static_cast<double>(c.data->size))}; },
       "", true},
      {"channels", "channels of a Data", "",
       [](GenCall& c) -> Values { return {c.graph.constant(static_cast<double>(c.data->channels))}; }, "", true},
  };
  return names;
}

/// Constants, by gen~'s lower-case names and GenExpr's upper-case ones, and names that cannot be used here.
std::vector<GenName> everything() {
  using namespace std::numbers;
  std::vector<GenName> all = table();
  const auto constant = [&](std::string_view lower, std::string_view upper, std::string_view doc, double value) {
    all.push_back({.name = lower, .doc = doc, .inputs = "", .value = value});
    all.push_back({.name = upper, .doc = doc, .inputs = "", .value = value});
  };
  constant("pi", "PI", "3.14159…", pi);
  constant("twopi", "TWOPI", "2 pi", 2 * pi);
  constant("halfpi", "HALFPI", "pi / 2", pi / 2);
  constant("invpi", "INVPI", "1 / pi", inv_pi);
  constant("e", "E", "2.71828…", e);
  constant("ln2", "LN2", "natural logarithm of 2", ln2);
  constant("ln10", "LN10", "natural logarithm of 10", ln10);
  constant("log2e", "LOG2E", "logarithm of e to base 2", log2e);
  constant("log10e", "LOG10E", "logarithm of e to base 10", log10e);
  constant("sqrt2", "SQRT2", "square root of 2", sqrt2);
  constant("sqrt1_2", "SQRT1_2", "square root of 1/2", sqrt2 / 2);
  constant("phi", "PHI", "golden ratio", phi);
  constant("degtorad", "DEGTORAD", "pi / 180", pi / 180);
  constant("radtodeg", "RADTODEG", "180 / pi", 180 / pi);
  const auto missing = [&](std::initializer_list<std::string_view> names, std::string_view why) {
    for (const std::string_view name : names) all.push_back({.name = name, .doc = "not available", .inputs = "", .missing = why});
  };
  missing({"send", "receive", "expr", "gen", "setparam", "param", "s", "r"}, not_in_text);
  missing({"history"}, "a loop needs a name: declare it as History name(initial);");
  missing({"buffer", "data"}, "a table needs a name: declare it as Data name(size);");
  missing({"fftsize", "ffthop", "fftoffset", "fftfullspect", "fftinfo"}, no_spectrum);
  missing({"voice", "voicecount", "mc_channel", "mc_channelcount"}, no_voices);
  missing({"vectorsize"}, "a patch's output does not depend on the block size");
  return all;
}

}  // namespace

std::span<const GenName> gen_names() {
  static const std::vector<GenName> all = everything();
  return all;
}

const GenName* find_gen_name(std::string_view name) {
  static const std::unordered_map<std::string_view, const GenName*> by_name = [] {
    std::unordered_map<std::string_view, const GenName*> found;
    for (const GenName& entry : gen_names()) found.emplace(entry.name, &entry);
    return found;
  }();
  const auto at = by_name.find(name);
  return at == by_name.end() ? nullptr : at->second;
}

}  // namespace dgen::lang
