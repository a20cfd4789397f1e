#pragma once
// Which parameters the kernels follow from that run when some changed, so that one that moves does not compute the others' again.

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "ir/ir.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// Elements of parameters, as `ir::Function::changes` has them.
using Changes = std::uint64_t;
inline constexpr Changes any_change = ~Changes{0};
/// That of element `offset` of the parameters.
Changes change_of(std::int64_t offset);

/// Nodes of a control stage, and what they follow from.
struct ControlPart {
  Changes changes = 0;
  std::set<int> own;
  std::vector<int> nodes;  ///< its own and the leaves they take, in the order of the stage
};

/// The nodes of a control stage in parts that take nothing of each other but leaves: parameters, and what follows from none.
/// offsets: of the first element of each parameter.
std::vector<ControlPart> control_parts(const Graph& graph, const schedule::Stage& stage,
                                       const std::map<int, std::int64_t>& offsets);

/// Sets `changes` of the `change` kernels that are not control parts, by what they load.
void mark_changes(ir::Module& module);

}  // namespace dgen::lower
