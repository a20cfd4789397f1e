#include "dgen/filters.h"

#include <array>

#include "dgen/delays.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/build_time.h"
#include "dsp/families.h"
#include "dsp/state.h"
#include "dsp/state_variable.h"

namespace dgen {

namespace {

enum class SvfMode { lowpass, bandpass, highpass, notch, peak };
using enum SvfMode;
constexpr int modes = 5;

Signal output_of(const dsp::Responses& responses, SvfMode mode) {
  switch (mode) {
    case lowpass: return responses.low;
    case bandpass: return responses.band;
    case highpass: return responses.high;
    case notch: return responses.high + responses.low;
    case peak: return responses.low - responses.high;
  }
  return {};
}

dsp::Responses responses_of(Graph& g, std::span<const Signal> x) {
  return dsp::state_variable(g, x[0], dsp::integrator_gain(g, x[1]), dsp::damping_of(x[2]));
}

Signal svf_nodes(Graph& g, std::span<const Signal> x) {
  const auto mode = dsp::whole_number_if_constant(x[3], "svf: mode", 0, modes - 1);
  const dsp::Responses responses = responses_of(g, x);
  if (mode) return output_of(responses, static_cast<SvfMode>(*mode));
  std::array<Signal, modes> outputs;
  for (std::size_t k = 0; k < outputs.size(); ++k) outputs[k] = output_of(responses, static_cast<SvfMode>(k));
  return dsp::choose(x[3], outputs);
}

template <SvfMode mode>
Signal one_output(Graph& g, std::span<const Signal> x) {
  return output_of(responses_of(g, x), mode);
}

constexpr std::string_view svf_inputs = "x, cutoff_hz, q = 0.7071067811865476";
constexpr std::string_view svf_source = "Zavalishin 2018, The Art of VA Filter Design";

}  // namespace

namespace ops {

constexpr OpDef onepole{
    .name = "onepole",
    .doc =
        "one-pole low-pass, -6 dB an octave: y += (1 - exp(-2 pi cutoff / sample rate)) (x - y); cutoff clamped to [0, sample "
        "rate / 2]",
    .inputs = "x, cutoff_hz",
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          const Signal part = -expm1(-two_pi * clamp(x[1] / dgen::sample_rate(g), 0.0, 0.5));
          const Signal before = dsp::state_of(g, x);
          const Signal y = before + part * (x[0] - before);
          g.close(before, y);
          return y;
        },
    .source = "impulse-invariant one-pole; Smith, Introduction to Digital Filters",
};

constexpr OpDef dcblock{
    .name = "dcblock",
    .doc = "removes what stands still: y[n] = x[n] - x[n-1] + pole y[n-1]; pole in [0, 1)",
    .inputs = "x, pole = 0.9997",
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          const Signal before = dsp::state_of(g, x);
          const Signal y = delta(x[0]) + x[1] * before;
          g.close(before, y);
          return y;
        },
    .source = "Smith, Introduction to Digital Filters, DC blocker",
};

constexpr OpDef svf{
    .name = "svf",
    .doc =
        "two-pole state-variable filter, trapezoidal; mode 0 low-pass, 1 band-pass (gain q at the cutoff), 2 high-pass, 3 notch, "
        "4 peak "
        "(low - high); cutoff in Hz, clamped to [1e-6, 0.4999] of the sample rate; q at least 1e-3",
    .inputs = "x, cutoff_hz, q = 0.7071067811865476, mode = 0",
    .kind = Kind::composite,
    .expand = svf_nodes,
    .source = svf_source,
};

constexpr OpDef svf_lowpass{
    .name = "svf_lowpass",
    .doc = "svf in mode 0: low-pass, -12 dB an octave",
    .inputs = svf_inputs,
    .kind = Kind::composite,
    .expand = one_output<lowpass>,
    .source = svf_source,
};

constexpr OpDef svf_bandpass{
    .name = "svf_bandpass",
    .doc = "svf in mode 1: band-pass, gain q at the cutoff",
    .inputs = svf_inputs,
    .kind = Kind::composite,
    .expand = one_output<bandpass>,
    .source = svf_source,
};

constexpr OpDef svf_highpass{
    .name = "svf_highpass",
    .doc = "svf in mode 2: high-pass, -12 dB an octave",
    .inputs = svf_inputs,
    .kind = Kind::composite,
    .expand = one_output<highpass>,
    .source = svf_source,
};

constexpr OpDef svf_notch{
    .name = "svf_notch",
    .doc = "svf in mode 3: notch, gain 0 at the cutoff",
    .inputs = svf_inputs,
    .kind = Kind::composite,
    .expand = one_output<notch>,
    .source = svf_source,
};

constexpr OpDef svf_peak{
    .name = "svf_peak",
    .doc = "svf in mode 4: peak, low-pass less high-pass, gain 2 q at the cutoff",
    .inputs = svf_inputs,
    .kind = Kind::composite,
    .expand = one_output<peak>,
    .source = svf_source,
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_FILTER_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> filter_family{entries};

}  // namespace ops

}  // namespace dgen
