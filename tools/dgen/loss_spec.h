#pragma once
// What `--loss` says: a sum of weighted losses, such as esr+0.1*l1:pre-emphasis=0.85.

#include <string>
#include <vector>

#include "dgen/losses.h"

namespace dgen::tool {

/// One summand.
struct LossTerm {
  double weight = 1;
  std::string name{};
  LossOptions options{};
};

struct LossSpec {
  std::vector<LossTerm> terms{};

  /// The loss of x against the target, one value a segment. Throws what the losses throw.
  Signal of(Signal x, Signal target) const;
};

/// Reads TERM[+TERM…], each [WEIGHT*]NAME[:KEY=VALUE,…]. Throws `UsageError` naming what it does not know, with what is
/// known.
LossSpec parse_loss(const std::string& text);

}  // namespace dgen::tool
