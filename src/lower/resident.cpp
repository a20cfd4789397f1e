#include "lower/resident.h"

#include <algorithm>

#include "base/index.h"

namespace dgen::lower {

namespace {

bool in_scalars(const ir::Function& function) {
  return std::ranges::none_of(function.values, [](const ir::Instr& value) { return value.type.wide; });
}

/// What remains for the host to write.
void divide(DeviceLowered& lowered) {
  lowered.resident = true;
  lowered.host_only.clear();
  lowered.uniforms.clear();
  for (std::size_t k = 0; k < lowered.module.buffers.size(); ++k) {
    const ir::Space space = lowered.module.buffers[k].space;
    const bool given = space == ir::Space::params || space == ir::Space::clock || static_cast<int>(k) == lowered.origins;
    if (given) lowered.uniforms.push_back(static_cast<int>(k));
  }
}

}  // namespace

bool can_be_resident(const DeviceLowered& lowered) {
  const auto scalar = [&](const Launch& launch) { return in_scalars(lowered.module.kernels[at(launch.kernel)]); };
  return lowered.module.block_limit < 0 && std::ranges::all_of(lowered.change, scalar) &&
         std::ranges::all_of(lowered.block, scalar) && std::ranges::all_of(lowered.module.functions, in_scalars);
}

void make_resident(DeviceLowered& lowered) {
  for (std::vector<Launch>* list : {&lowered.change, &lowered.block}) {
    for (Launch& launch : *list) {
      if (launch.grid == Grid::host) launch.grid = Grid::one;
    }
  }
  divide(lowered);
}

DeviceLowered resident_numbers(const Lowered& lowered) {
  DeviceLowered made{.module = lowered.module};
  for (std::size_t k = 0; k < made.module.kernels.size(); ++k) {
    if (made.module.kernels[k].when == ir::When::change)
      made.change.push_back({.kernel = static_cast<int>(k), .grid = Grid::one});
  }
  divide(made);
  return made;
}

}  // namespace dgen::lower
