// The filters of the RBJ cookbook. Each is an analogue prototype (high s^2 + band s + low) / (s^2 + damping s + 1) under
// the bilinear transform, so each is the state-variable core with its own mix of the three responses: the cookbook's
// transfer functions, without its direct form's errors at low cutoffs.

#include <array>

#include "dgen/filters.h"
#include "dgen/math.h"
#include "dsp/build_time.h"
#include "dsp/families.h"
#include "dsp/state_variable.h"

namespace dgen {

namespace {

enum class BiquadMode { lowpass, highpass, bandpass, bandpass_skirt, notch, allpass, highshelf, lowshelf, peaking };
using enum BiquadMode;
constexpr int modes = 9;

/// What a mode is built of; the first two are those of the core.
struct Prototype {
  Signal integrator, damping;
  Signal high, band, low;
};

struct Settings {
  Signal integrator;  ///< tan(pi cutoff / sample rate)
  Signal damping;     ///< 1 / q
  Signal gain;        ///< linear amplitude
  Signal root;        ///< sqrt(gain), the cookbook's A
};

Prototype prototype(Graph& g, const Settings& s, BiquadMode mode) {
  const Signal none = g.constant(0), one = g.constant(1);
  switch (mode) {
    case lowpass: return {s.integrator, s.damping, none, none, s.gain};
    case highpass: return {s.integrator, s.damping, s.gain, none, none};
    case bandpass: return {s.integrator, s.damping, none, s.gain * s.damping, none};
    case bandpass_skirt: return {s.integrator, s.damping, none, s.gain, none};
    case notch: return {s.integrator, s.damping, s.gain, none, s.gain};
    case allpass: return {s.integrator, s.damping, s.gain, -(s.gain * s.damping), s.gain};
    case highshelf: return {s.integrator * sqrt(s.root), s.damping, s.root * s.root, s.root * s.damping, one};
    case lowshelf: return {s.integrator / sqrt(s.root), s.damping, one, s.root * s.damping, s.root * s.root};
    case peaking: return {s.integrator, s.damping / s.root, one, s.root * s.damping, one};
  }
  return {};
}

/// The prototype of a mode that is known only when the patch runs.
Prototype any_prototype(Graph& g, const Settings& s, Signal mode) {
  std::array<Prototype, modes> all;
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = prototype(g, s, static_cast<BiquadMode>(k));
  const auto chosen = [&](Signal Prototype::*member) {
    std::array<Signal, modes> choices;
    for (std::size_t k = 0; k < all.size(); ++k) choices[k] = all[k].*member;
    return dsp::choose(mode, choices);
  };
  return {chosen(&Prototype::integrator), chosen(&Prototype::damping), chosen(&Prototype::high), chosen(&Prototype::band),
          chosen(&Prototype::low)};
}

/// x, cutoff_hz, q, gain.
Settings settings(Graph& g, std::span<const Signal> x) {
  return {dsp::integrator_gain(g, x[1]), dsp::damping_of(x[2]), x[3], sqrt(max(x[3], 1e-6))};
}

/// weight * response, and nothing where the weight is 0: a product with 0 cannot be folded away, for inf and NaN.
Signal weighted(Signal weight, Signal response) {
  const bool absent = dsp::is_constant(weight) && constant_value(weight, "biquad: weight") == 0;
  return absent ? Signal{} : weight * response;
}

Signal filtered(Graph& g, Signal x, const Prototype& p) {
  const dsp::Responses responses = dsp::state_variable(g, x, p.integrator, p.damping);
  Signal sum{};
  for (const Signal part : {weighted(p.high, responses.high), weighted(p.band, responses.band), weighted(p.low, responses.low)}) {
    if (part) sum = sum ? sum + part : part;
  }
  return sum ? sum : g.constant(0);
}

Signal biquad_nodes(Graph& g, std::span<const Signal> x) {
  const auto mode = dsp::whole_number_if_constant(x[4], "biquad: mode", 0, modes - 1);
  const Settings s = settings(g, x);
  return filtered(g, x[0], mode ? prototype(g, s, static_cast<BiquadMode>(*mode)) : any_prototype(g, s, x[4]));
}

template <BiquadMode mode>
Signal one_mode(Graph& g, std::span<const Signal> x) {
  return filtered(g, x[0], prototype(g, settings(g, x), mode));
}

constexpr std::string_view source = "Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients";

constexpr OpDef mode_record(std::string_view name, std::string_view doc, Signal (*expand)(Graph&, std::span<const Signal>)) {
  return {
      .name = name,
      .doc = doc,
      .inputs = "x, cutoff_hz, q = 0.7071067811865476, gain = 1",
      .kind = Kind::composite,
      .expand = expand,
      .source = source,
  };
}

}  // namespace

namespace ops {

constexpr OpDef biquad{
    .name = "biquad",
    .doc =
        "two-pole filter; mode 0 low-pass, 1 high-pass, 2 band-pass (gain 1 at the cutoff), 3 band-pass (gain q at the cutoff), "
        "4 notch, "
        "5 all-pass, 6 high shelf, 7 low shelf, 8 peaking; cutoff in Hz, clamped to [1e-6, 0.4999] of the sample rate; q at "
        "least "
        "1e-3; gain, linear: of the shelf or peak (at least 1e-6) in modes 6 to 8, of the output in the others",
    .inputs = "x, cutoff_hz, q = 0.7071067811865476, gain = 1, mode = 0",
    .kind = Kind::composite,
    .expand = biquad_nodes,
    .source = source,
};

constexpr OpDef biquad_lowpass = mode_record("biquad_lowpass", "biquad in mode 0: low-pass, times gain", one_mode<lowpass>);
constexpr OpDef biquad_highpass = mode_record("biquad_highpass", "biquad in mode 1: high-pass, times gain", one_mode<highpass>);
constexpr OpDef biquad_bandpass =
    mode_record("biquad_bandpass", "biquad in mode 2: band-pass of gain 1 at the cutoff, times gain", one_mode<bandpass>);
constexpr OpDef biquad_bandpass_skirt = mode_record(
    "biquad_bandpass_skirt", "biquad in mode 3: band-pass of gain q at the cutoff, times gain", one_mode<bandpass_skirt>);
constexpr OpDef biquad_notch = mode_record("biquad_notch", "biquad in mode 4: notch at the cutoff, times gain", one_mode<notch>);
constexpr OpDef biquad_allpass =
    mode_record("biquad_allpass", "biquad in mode 5: all-pass, the phase turns at the cutoff, times gain", one_mode<allpass>);
constexpr OpDef biquad_highshelf =
    mode_record("biquad_highshelf", "biquad in mode 6: amplitude gain above the cutoff, 1 below", one_mode<highshelf>);
constexpr OpDef biquad_lowshelf =
    mode_record("biquad_lowshelf", "biquad in mode 7: amplitude gain below the cutoff, 1 above", one_mode<lowshelf>);
constexpr OpDef biquad_peaking =
    mode_record("biquad_peaking", "biquad in mode 8: amplitude gain at the cutoff, 1 far from it", one_mode<peaking>);

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_BIQUAD_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> biquad_family{entries};

}  // namespace ops

}  // namespace dgen
