#include "dgen/spectral.h"

#include <array>

#include "dgen/math.h"
#include "dsp/families.h"
#include "dsp/spectral_loss.h"
#include "dsp/spectrum.h"

namespace dgen {

namespace ops {

constexpr OpDef magnitude{
    .name = "magnitude",
    .doc = "length of the complex number (re, im), sqrt(re^2 + im^2); value and gradient 0 at (0, 0)",
    .inputs = "re, im",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return dsp::root_of_power(x[0] * x[0] + x[1] * x[1]); },
};

constexpr OpDef spectral_loss{
    .name = "spectral_loss",
    .doc =
        "errors of the DFT magnitudes of the last `window` frames, at every tick of `hop`, over bins 0 … window/2; "
        "window_function "
        "0 rectangular, 1 Hann, 2 Hamming, 3 Blackman; padding 0 zeros before frame 0, 1 whole windows only, 2 windows centred "
        "on "
        "their ticks; norm 0 absolute, 1 "
        "squared; normalisation 1: magnitudes by 1/sqrt(window); reduction 0 mean over the windows of a segment, 1 sum, 2 none; "
        "scale 0 magnitudes, 1 log(max(magnitude, floor)), 2 log(sqrt(magnitude^2 + floor^2))",
    .inputs =
        "x, target, window = 64, hop = 1, window_function = 0, symmetric = 0, padding = 0, norm = 1, normalisation = 0, "
        "reduction = 0, scale = 0, floor = 1e-5",
    .kind = Kind::composite,
    .expand = dsp::expand_spectral_loss,
};

constexpr OpDef stft_loss{
    .name = "stft_loss",
    .doc =
        "magnitudes of short spectra, sqrt(max(power, floor^2)): weighted sum of spectral convergence ‖M - T‖ / ‖T‖, the mean "
        "error of their logarithms and the mean error; transforms of `fft` points of the last `window` frames at every tick of "
        "`hop`; window_function, padding and norm as in spectral_loss",
    .inputs =
        "x, target, fft = 64, hop = 16, window = 64, window_function = 1, padding = 0, spectral_convergence = 1, "
        "log_magnitude = 1, linear_magnitude = 0, norm = 0, floor = 1e-4",
    .kind = Kind::composite,
    .expand = dsp::expand_stft_loss,
};

constexpr OpDef mel_loss{
    .name = "mel_loss",
    .doc =
        "mean error of mel bands, triangular sums of magnitudes, or of log(max(band, floor)); high_hz 0: half the sample rate, "
        "which is that of the recording, in Hz; mel_scale 0 Slaney, 1 HTK; equal_area 0: triangles of height 1; the rest as in "
        "stft_loss",
    .inputs =
        "x, target, fft = 64, hop = 16, window = 64, window_function = 1, padding = 0, sample_rate = 48000, bands = 8, "
        "low_hz = 0, high_hz = 0, mel_scale = 0, equal_area = 1, logarithmic = 0, norm = 0, floor = 1e-5",
    .kind = Kind::composite,
    .expand = dsp::expand_mel_loss,
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_SPECTRAL_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> spectral_family{entries};

}  // namespace ops

Signal magnitude(Operand re, Operand im) { return ops::magnitude(re, im); }

}  // namespace dgen
