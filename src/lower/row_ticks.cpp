#include "lower/row_ticks.h"

#include <bit>

#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

RowTicks::RowTicks(ir::Builder& builder, std::int32_t hop_frames, bool backward, int ticks_of_a_block)
    : hop(hop_frames), group(ticks_of_a_block), frames(builder.argument(0)), position(builder.argument(1)), builder_(builder),
      backward_(backward) {
  const Value position32 = convert(Scalar::i32, position);
  first_ = backward_ ? 1 - position32 - frames : position32;
}

Value RowTicks::whole(std::int64_t number) { return lower::whole(builder_, number); }

/// Tick k of the sub-block in time is at its frame first_local + k hop. Counted in double, which is exact up to 2^53.
void RowTicks::begin() {
  if (hop <= 1) {
    count = hop == 1 ? frames : whole(1);
    first_local = whole(0);
    return;
  }
  const Value begin = convert(Scalar::f64, position), end = begin + convert(Scalar::f64, frames);
  const auto ticks_before = [this](Value at) { return -floor(-(at / static_cast<double>(hop))); };
  const Value before = ticks_before(begin);
  count = convert(Scalar::i32, ticks_before(end) - before);
  first_local = convert(Scalar::i32, before * static_cast<double>(hop) - begin);
}

Value RowTicks::blocks() {
  const int bits = std::countr_zero(static_cast<unsigned>(group));
  return bits == 0 ? count : (count + whole(group - 1)) >> bits;
}

void RowTicks::begin_block(Value block) {
  tick_ = block * whole(group);
  const Value left = count - tick_, all = whole(group);
  in_block = group == 1 ? all : select(left < all, left, all);
}

RowTicks RowTicks::one_of(const RowTicks& all) {
  RowTicks one = all;
  one.group = 1;
  one.follows_ = true;
  return one;
}

void RowTicks::follow(const RowTicks& all) {
  in_group = whole(0);
  in_time = all.in_time, local = all.local, frame = all.frame;
}

void RowTicks::at(Value g) {
  if (follows_) return;
  in_group = g;
  const Value last = count - 1;
  const Value number = tick_ + g;
  const Value inside = select(number < count, number, last);  // whole blocks repeat the last tick
  in_time = backward_ ? last - inside : inside;
  const Value true_local = first_local + in_time * whole(hop);
  local = backward_ ? frames - 1 - true_local : true_local;
  frame = first_ + local;
}

Value RowTicks::frame_number() {
  const Value in_sub_block = first_local + in_time * whole(hop);
  return convert(Scalar::f32, convert(Scalar::f64, position) + convert(Scalar::f64, in_sub_block));
}

}  // namespace dgen::lower
