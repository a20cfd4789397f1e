#pragma once
// What `--loss` says of losses on spectra: spectral, stft, multi-scale, mel, log-mel.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dgen/loss_words.h"
#include "dgen/stft_losses.h"

namespace dgen::tool {

using SpectralOptions = std::variant<SpectralLoss, MultiResolutionStftLoss, MultiScaleSpectralLoss, MelLoss>;

inline constexpr std::array<std::string_view, 5> spectral_losses{"spectral", "stft", "multi-scale", "mel", "log-mel"};

/// name: one of `spectral_losses`. Throws `UsageError` naming the key or value that is wrong, with what is known.
SpectralOptions spectral_options(const std::string& name, const std::vector<LossPair>& pairs);

/// The loss; of mel bands at that rate in Hz. Throws what it throws.
Signal spectral_term(const SpectralOptions& options, Signal x, Signal target, double sample_rate);

/// Frames after which every resolution has seen a window.
std::int64_t fewest_frames(const SpectralOptions& options);

}  // namespace dgen::tool
