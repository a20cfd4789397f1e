#pragma once
// How the work items of a group share Fourier transforms whose passes stay in the memory of the group.

#include <cstdint>
#include <optional>
#include <vector>

#include "dgen/graph.h"
#include "ir/ir.h"

namespace dgen::lower {

/// The radices of the passes of a transform of n = 2^a 3^b 5^c numbers, of n = 1 none: as few passes of powers of two up to
/// 2^most_bits as there can be, of nearly equal radices, then those of 5 and 3.
std::vector<std::int64_t> transform_radices(std::int64_t n, int most_bits);

/// Transforms of a node in one tick.
std::int64_t transforms_of_tick(const Graph& graph, int fft);

struct GroupTransform {
  std::int64_t size = 1;  ///< complex numbers of one: of n real ones n / 2
  std::vector<std::int64_t> radices{};
  std::int64_t threads = 1;     ///< work items of one
  std::int64_t transforms = 1;  ///< of a group
  int group() const { return static_cast<int>(threads * transforms); }
  /// Elements of the real parts, or the imaginary ones, of a group: whole rows of banks.
  std::int64_t elements() const { return (size * transforms + banks - 1) / banks * banks; }

  static constexpr int banks = 32;  ///< of the memory of a group: as many work items reach different ones at once
};

/// None where a group has no memory for one transform, or too few work items: passes then go through memory of the device.
std::optional<GroupTransform> group_transform(const Graph& graph, int fft, const ir::GroupLimits& limits);

}  // namespace dgen::lower
