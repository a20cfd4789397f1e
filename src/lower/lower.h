#pragma once
// HOW: turns a schedule into kernels of the loop IR, one per stage.

#include <string>
#include <string_view>
#include <vector>

#include "ir/ir.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// A buffer of the state arena that reset clears and save and restore go through, by name.
struct NamedState {
  std::string name;
  int buffer = -1;
};

struct Lowered {
  ir::Module module;
  std::vector<NamedState> states;
};

/// `name`: of the program's functions. `sub_block`: frames a stage runs before the next one does. Buffers have no
/// offsets yet; `plan_memory` gives them.
Lowered lower(const schedule::Schedule& schedule, std::string_view name, int sub_block);

}  // namespace dgen::lower
