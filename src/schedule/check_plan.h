#pragma once
// Proves a memory plan, by other means than it was made.

#include "ir/ir.h"

namespace dgen::schedule {

/// Throws InternalError when two buffers of one arena overlap while both hold values that are still read, when one lies
/// outside its arena or in the header, or is not aligned to its element.
void check_plan(const ir::Module& module, std::int64_t header_bytes);

}  // namespace dgen::schedule
