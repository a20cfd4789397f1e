#pragma once
// What `--loss` says: a sum of weighted losses, such as mse+0.1*spectral:window=2048,hop=512.

#include <string>
#include <variant>
#include <vector>

#include "dgen/losses.h"
#include "dgen/spectral_spec.h"

namespace dgen::tool {

/// One summand.
struct LossTerm {
  double weight = 1;
  std::string name{};
  std::variant<LossOptions, SpectralOptions> options{};
};

struct LossSpec {
  std::vector<LossTerm> terms{};

  /// The loss of x against the target at that rate in Hz, one value a segment. Throws `UsageError` for a value that a loss
  /// refuses, else what the losses throw.
  Signal of(Signal x, Signal target, double sample_rate) const;
  /// Frames that a sound has at least, for every spectral loss to see a window; 0: there is none.
  std::int64_t fewest_frames() const;
};

/// Reads TERM[+TERM…], each [WEIGHT*]NAME[:KEY=VALUE,…]. Throws `UsageError` naming what it does not know, with what is
/// known.
LossSpec parse_loss(const std::string& text);

}  // namespace dgen::tool
