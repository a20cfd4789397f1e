#pragma once
// Expansions of the losses on spectra, each from the constant inputs of its record behind x and target.

#include <span>

#include "dgen/graph.h"

namespace dgen::dsp {

/// Of logarithms: its square is a number in float32.
inline constexpr double smallest_floor = 1e-12;

Signal expand_spectral_loss(Graph& g, std::span<const Signal> x);
Signal expand_stft_loss(Graph& g, std::span<const Signal> x);
Signal expand_mel_loss(Graph& g, std::span<const Signal> x);

}  // namespace dgen::dsp
