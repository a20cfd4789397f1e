#pragma once
// Losses: how far a signal is from its target, as one value a segment. Those in the time domain are here, records and
// expansions in src/dsp/losses.cpp; those of spectra in dgen/spectral.h and
// dgen/stft_losses.h.

#include "dgen/graph.h"
#include "dgen/reduction.h"
#include "dgen/spectral.h"
#include "dgen/stft_losses.h"

#define DGEN_LOSS_OPS(op) op(mse) op(l1) op(log_cosh) op(esr) op(si_sdr)

namespace dgen {

#define DGEN_DECLARE_LOSS(name) \
  namespace ops {               \
  extern const OpDef name;      \
  }
DGEN_LOSS_OPS(DGEN_DECLARE_LOSS)
#undef DGEN_DECLARE_LOSS

struct LossOptions {
  Reduction reduction = Reduction::mean;
  /// p of the high-pass y[n] = x[n] - p x[n-1] that signal and target go through first, in [0, 1]; 0: none. 0.85 weighs
  /// errors of an amplifier model as they are heard. Source: Wright and Välimäki 2020.
  double pre_emphasis = 0;
};

/// Squared error, (x - target)^2. x, target: [frames].
/// Throws `Error` bad_value where the pre-emphasis is outside [0, 1], bad_type where x or target is no signal.
Signal mse(Operand x, Operand target, const LossOptions& options = {});

/// Absolute error, |x - target|. x, target: [frames]. Gradient 0 where they are equal. Throws as `mse`.
Signal l1(Operand x, Operand target, const LossOptions& options = {});

/// log(cosh(x - target)): half the squared error where it is small, the absolute error less log 2 where it is large.
/// x, target: [frames]. Throws as `mse`.
Signal log_cosh(Operand x, Operand target, const LossOptions& options = {});

/// Error-to-signal ratio: energy of x - target over that of the target, which counts as at least 1e-10 a frame, so that a
/// silent target gives a finite value. x, target: [frames]. One value a segment: throws as `mse`, and bad_value for a
/// reduction other than mean. Source: Wright, Damskägg, Välimäki 2019, Real-Time Black-Box Modelling with RNNs.
Signal esr(Operand x, Operand target, const LossOptions& options = {});

/// Minus the scale-invariant signal-to-distortion ratio in dB: a factor on x does not change it; means are not removed.
/// From 100 (nothing in common, also where one is silent) down to -100 less the target's level in dB, where the distortion
/// falls below 1e-10 a frame. x, target: [frames]. One value a segment: throws as `esr`.
/// Source: Le Roux, Wisdom, Erdogan, Hershey 2019, SDR - half-baked or well done?
Signal si_sdr(Operand x, Operand target, const LossOptions& options = {});

}  // namespace dgen
