#include "lower/resident.h"

#include <algorithm>

#include "base/index.h"
#include "ir/one_lane.h"

namespace dgen::lower {

namespace {

bool is_in_scalars(const ir::Function& function) {
  return std::ranges::none_of(function.values, [](const ir::Instr& value) { return value.type.wide || value.type.octet; });
}

/// Code for vectors of one fixed width has no other form.
bool may_be_in_scalars(const ir::Module& module) {
  const auto may = [&](const ir::Function& f) { return is_in_scalars(f) || (module.lanes == 0 && ir::has_one_lane_form(f)); };
  return std::ranges::all_of(module.kernels, may) && std::ranges::all_of(module.functions, may);
}

/// What the host computes in vectors a work item computes an element at a time.
void write_in_scalars(ir::Module& module) {
  for (ir::Function& kernel : module.kernels) kernel = ir::in_one_lane(std::move(kernel));
  for (ir::Function& function : module.functions) function = ir::in_one_lane(std::move(function));
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

bool can_be_resident(const DeviceLowered& lowered) { return lowered.module.block_limit < 0 && may_be_in_scalars(lowered.module); }

bool can_be_resident(const Lowered& numbers) {
  const auto may = [](const ir::Function& f) { return is_in_scalars(f) || ir::has_one_lane_form(f); };
  const ir::Module& module = numbers.module;
  return module.block_limit < 0 && std::ranges::all_of(module.kernels, may) && std::ranges::all_of(module.functions, may);
}

void make_resident(DeviceLowered& lowered) {
  for (std::vector<Launch>* list : {&lowered.change, &lowered.block}) {
    for (Launch& launch : *list) {
      if (launch.grid == Grid::host) launch.grid = Grid::one;
    }
  }
  write_in_scalars(lowered.module);
  divide(lowered);
}

DeviceLowered resident_numbers(const Lowered& lowered) {
  DeviceLowered made{.module = lowered.module};
  for (std::size_t k = 0; k < made.module.kernels.size(); ++k) {
    if (made.module.kernels[k].when == ir::When::change)
      made.change.push_back({.kernel = static_cast<int>(k), .grid = Grid::one});
  }
  write_in_scalars(made.module);
  divide(made);
  return made;
}

}  // namespace dgen::lower
