#pragma once
// Which kernels of a sub-block may run on different threads, several sub-blocks being on their way at once.

#include <set>
#include <string>
#include <vector>

#include "ir/ir.h"

namespace dgen::schedule {

/// Kernels that one thread runs, one after another. A part begins with a sub-block when the parts it needs are done with it; and,
/// where it remembers something, when it is done with the sub-block before.
struct Part {
  std::vector<int> kernels{};  ///< of the module, in launch order
  std::vector<int> needs{};    ///< earlier parts: those whose results of the same sub-block it takes
  bool remembers = false;      ///< it writes states, or rows that the next sub-block writes over
  std::set<int> inputs{};      ///< host channels it reads
  std::set<int> outputs{};     ///< host channels it writes, which no other part does
};

/// The parts of a module whose memory is planned, in an order in which each comes after those it needs. Kernels that share a
/// state which one of them writes are of one part: the next sub-block could not begin with one before the other is done. So are
/// kernels between such. Running the parts in turn is running the kernels in turn.
std::vector<Part> parts_of(const ir::Module& module);

/// For the reader, a line for each part: its kernels, what it waits for, and why.
std::vector<std::string> explain_parts(const ir::Module& module, const std::vector<Part>& parts);

}  // namespace dgen::schedule
