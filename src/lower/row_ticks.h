#pragma once
// The ticks of a sub-block, taken some at a time: how many, and at which frames.

#include "ir/builder.h"

namespace dgen::lower {

class RowTicks {
 public:
  /// group: ticks of a block, a power of two.
  RowTicks(ir::Builder& builder, std::int32_t hop, bool backward, int group);

  const std::int32_t hop;   ///< 0: one tick, of control values
  int group;                ///< ticks of a block
  ir::Value frames;         ///< of the sub-block
  ir::Value position;       ///< its first frame, since reset; i64
  ir::Value count{};        ///< ticks of the sub-block
  ir::Value first_local{};  ///< frame of the sub-block at which its first tick in time is

  // Of the tick that `at` was last told; frames in the order of processing.
  ir::Value in_group{};  ///< number in the block
  ir::Value in_time{};   ///< number in the sub-block, in time
  ir::Value local{};     ///< frame of the sub-block
  ir::Value frame{};     ///< frame since reset, low bits

  /// The one tick at a time that a loop's body sees of `all`.
  static RowTicks one_of(const RowTicks& all);
  /// Of the one: takes over what `all` was last told.
  void follow(const RowTicks& all);

  /// Before the loop over blocks.
  void begin();
  /// Blocks of the sub-block.
  ir::Value blocks();
  /// Begins block number `block`.
  void begin_block(ir::Value block);
  /// Ticks of this block: fewer than `group` in the last.
  ir::Value in_block{};
  /// Speaks of tick number g of this block from now on.
  void at(ir::Value g);
  /// The sub-block's first frame since reset, in the order of processing, low bits.
  ir::Value first_frame() const { return first_; }
  /// The number of the block's first tick in the sub-block.
  ir::Value first_tick() const { return tick_; }
  /// Number of the tick's frame since reset in time, as f32.
  ir::Value frame_number();

 private:
  ir::Value whole(std::int64_t number);
  ir::Builder& builder_;
  const bool backward_;
  bool follows_ = false;
  ir::Value first_;   ///< frame number of the sub-block's first, low bits
  ir::Value tick_{};  ///< the block's first tick
};

}  // namespace dgen::lower
