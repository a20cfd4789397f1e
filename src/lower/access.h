#pragma once
// Index arithmetic that kernels share: times into rings, numbers into tables.

#include <span>

#include "ir/builder.h"
#include "lower/buffers.h"

namespace dgen::lower {

/// An i32 constant.
ir::Value whole(ir::Builder& b, std::int64_t value);

/// floor(time), clamped to [least, most], as i32; NaN counts as least. time: f32 or f64.
ir::Value whole_frames(ir::Value time, std::int64_t least, std::int64_t most);

/// Where in a table of `size` elements floor(number) reads: an index in [0, size), and for Bound::zero whether it is inside.
struct TableIndex {
  ir::Value index;
  ir::Value inside;  ///< a mask; empty builder where every number is inside
};
TableIndex table_index(ir::Value number, std::int64_t size, Bound bound);

/// Keeps a value (wide: of consecutive frames) twice, a capacity apart, so that any number of frames lie one behind the
/// other somewhere.
void store_to_history(ir::Builder& builder, const Ring& history, ir::Value frame, ir::Value value);

/// Stores a frame's value, or a vector of frames' values, at frame `frame` (i32) of the ring, and again where the first
/// elements stand behind the last.
void store_to_ring(ir::Builder& b, const Ring& ring, ir::Value frame, ir::Value value);

/// After `frames` frames from `first` (i32) on were stored in one piece, which may run over the end of the ring into the
/// mirror: brings the first elements and those behind the last in line. Of rings of one capacity and mirror.
void update_mirrors(ir::Builder& b, std::span<const Ring> rings, ir::Value first, ir::Value frames);

}  // namespace dgen::lower
