#pragma once
// Where every buffer lies: offsets in the state and scratch arenas.

#include "ir/ir.h"

namespace dgen::schedule {

/// First and last kernel that touches a buffer; first > last: none.
struct LiveRange {
  int first = 1 << 30, last = -1;
};

/// Gives every buffer of the state and scratch arenas its offset, and the module the sizes of the arenas. States start
/// behind `header_bytes`; every array begins on a cache line. Scratch buffers that are never live together share bytes, unless
/// not `share`: then kernels wait for each other only where one takes what the other gives.
void plan_memory(ir::Module& module, std::int64_t header_bytes, bool share = true);

}  // namespace dgen::schedule
