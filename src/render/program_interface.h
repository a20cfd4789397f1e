#pragma once
// What the host of a program sees: names of channels, parameters and states, and where the states lie.

#include <cstdint>
#include <string>
#include <vector>

#include "dgen/op.h"
#include "ir/ir.h"
#include "schedule/parts.h"

namespace dgen::render {

/// A named state: `count` elements of a state buffer.
struct StateSlot {
  std::string name;
  int buffer = -1;         ///< of the module; in Space::state
  std::int64_t first = 0;  ///< element of the buffer at which the state begins
  std::int64_t count = 1;  ///< elements
};

struct ProgramInterface {
  std::string name;                   ///< letters, digits and _; part of every symbol
  std::vector<std::string> inputs{};  ///< a name for each host channel
  std::vector<std::string> outputs{};
  std::vector<ParamInfo> params{};  ///< in the order of the host's parameter array
  std::vector<StateSlot> states{};
  std::vector<schedule::Part> parts{};  ///< that several threads may run; none: the program runs on one
};

}  // namespace dgen::render
