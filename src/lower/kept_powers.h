#pragma once
// The time-invariant scans of one stage: which powers they hold in registers over the loop, and how they hand on their states.

#include <map>
#include <set>

#include "dgen/graph.h"
#include "ir/builder.h"
#include "lower/buffers.h"
#include "lower/scan_powers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

class KeptPowers {
 public:
  KeptPowers(const Graph& graph, const schedule::Stage& stage, const Buffers& buffers, ir::Builder& builder);

  /// The powers of a scan, read where they are asked for first, which must be before the loop. Null where it reads them as it
  /// goes: they would not fit the registers.
  const ScanPowers* of(int recur);
  /// Whether the scan takes in its state with the first lane: fewer instructions, but a vector waits for all steps of the
  /// one before, which many scans in turn do not feel.
  bool joins_carry(int recur) const;

 private:
  const Buffers& buffers_;
  ir::Builder& b_;
  int scans_ = 0;       ///< of one state
  std::set<int> kept_;  ///< buffers of powers
  std::map<int, ScanPowers> read_;
};

}  // namespace dgen::lower
