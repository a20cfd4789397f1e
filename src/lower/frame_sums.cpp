// Sums of a per-frame stage: over the frames of a segment, and of overlapping frames.

#include "lower/access.h"
#include "lower/frame_kernel.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

void FrameKernel::begin_sums() {
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind != Kind::reduce) continue;
    prepare_node(g_[id].inputs[0]);
    sums_[id] = builder_.local("sum", builder_.number({Scalar::f32, wide_}, 0));
  }
}

/// Lanes behind the last frame hold anything.
void FrameKernel::add_to_sum(int id) {
  Value x = spread(of(g_[id].inputs[0]));
  if (wide_) {
    if (!inside_.builder) inside_ = builder_.broadcast(index_) + builder_.lane() < builder_.broadcast(frames_);
    x = select(inside_, x, 0.0);
  }
  sums_.at(id).set(sums_.at(id).get() + x);
}

/// A sub-block's sum, in float, goes into that of the segment, in double; each lane has its own.
void FrameKernel::end_sums() {
  for (const auto& [id, sum] : sums_) {
    const int buffer = buffers_.sum.at(id);
    const Value zero = whole(builder_, 0);
    builder_.store(buffer, zero, builder_.load(buffer, zero, wide_) + convert(Scalar::f64, sum.get()));
  }
}

/// Sums of overlapping frames for the frames behind this sub-block come to the front, and zeros behind them.
void FrameKernel::move_overlaps() {
  const Value zero = whole(builder_, 0), margin = whole(builder_, sums_margin);
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind != Kind::overlap_add) continue;
    const int sums = buffers_.added.at(id);
    const Value size = whole(builder_, g_[id].attributes.size);
    builder_.loop(zero, size, true,
                  [&](Value i) { builder_.store(sums, margin + i, builder_.load(sums, margin + frames_ + i, true)); });
    builder_.loop(zero, frames_, true, [&](Value i) {
      builder_.store(sums, margin + size + i, builder_.number({Scalar::f32, true}, 0));
    });
  }
}

}  // namespace dgen::lower
