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
  std::int64_t first = 0;   ///< its first element
  std::int64_t count = -1;  ///< elements; -1: all of the buffer
};

/// Where an output that is known when a call is over can be read: a control value, one f64, or the f32 elements of one with a
/// shape; or a sum over time, of a number f64 that are to be added in order, else its f64 elements.
struct ValueSlot {
  std::string name;  ///< of the output
  int buffer = -1;   ///< in the state arena
  std::int64_t first = 0, count = 1;
};

struct Lowered {
  ir::Module module;
  std::vector<NamedState> states;
  std::vector<ValueSlot> values;
};

/// `name`: of the program's functions. `sub_block`: frames a stage runs before the next one does. Buffers have no
/// offsets yet; `plan_memory` gives them. Outputs that are sums over time come last, in runs over segments only; they are
/// no host channels.
/// lanes: floats of the target's vectors, where the module is for these only; 0: for any.
Lowered lower(const schedule::Schedule& schedule, std::string_view name, int sub_block, ir::Run run = ir::Run::stream,
              int lanes = 0);

}  // namespace dgen::lower
