#include "dgen/conversions.h"

#include <array>

#include "dgen/math.h"
#include "dsp/families.h"

namespace dgen::ops {

/// log2(10) / 20: octaves of amplitude in a decibel.
static constexpr double octaves_per_decibel = 0.16609640474436812;

constexpr OpDef mtof{
    .name = "mtof",
    .doc = "frequency in Hz of a MIDI note, equal temperament; tuning: Hz of note 69",
    .inputs = "note, tuning_hz = 440",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return x[1] * exp2((x[0] - 69.0) / 12.0); },
};

constexpr OpDef ftom{
    .name = "ftom",
    .doc = "MIDI note, with fraction, of a frequency in Hz, which must be > 0; tuning: Hz of note 69",
    .inputs = "freq, tuning_hz = 440",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return 69.0 + 12.0 * log2(x[0] / x[1]); },
};

constexpr OpDef dbtoa{
    .name = "dbtoa",
    .doc = "amplitude of a level in dB: 10^(db / 20)",
    .inputs = "db",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return exp2(x[0] * octaves_per_decibel); },
};

constexpr OpDef atodb{
    .name = "atodb",
    .doc = "level in dB of an amplitude: 20 log10(amplitude); -inf for 0",
    .inputs = "amplitude",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return 20.0 * log10(x[0]); },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_CONVERSION_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> conversion_family{entries};

}  // namespace dgen::ops
