#pragma once
// Writes sines of phases that step by what does not change within a call, as rotations from exact phases.

#include <vector>

#include "ir/builder.h"
#include "schedule/phase.h"

namespace dgen::lower {

/// How far an oscillator turns in 0, 1, 2, … frames, a vector of them; f32, from `write_turns`.
struct TurnBuffers {
  int cosines = -1, sines = -1;
};

/// When the step changed. step: `fixed_step`.
void write_turns(ir::Builder& builder, const TurnBuffers& buffers, ir::Value step);

/// What the oscillators of a stage share; scratch. -1: none.
struct OscillatorBuffers {
  std::vector<int> nodes{};       ///< the oscillators
  int phases = -1, strides = -1;  ///< u64, an element an oscillator
  int angles = -1;                ///< f32, by vector of frames: their sines, then their cosines
  std::int64_t stride() const;    ///< of a vector of frames in `angles`
  static std::int64_t padded(std::size_t count);
};

/// sin(a + n step) = sin a cos(n step) + cos a sin(n step): a is the angle at the beginning of a vector of frames since reset,
/// computed from the phase in fixed point, so that no error adds up, and n the number of the frame in it. Costs two operations
/// a frame, and a sine and cosine a vector of frames. Largest error: 4e-7.
class OscillatorWriter {
 public:
  OscillatorWriter(const OscillatorBuffers& buffers, ir::Builder& builder) : buffers_(buffers), b_(builder) {}

  /// Before the loop over frames, for each oscillator. phase: of its accumulator at the sub-block's first frame, u64; step:
  /// `fixed_step`; within: that frame's number in its vector, i32.
  void begin(std::size_t number, const schedule::Oscillator& oscillator, const TurnBuffers& turns, ir::Value phase,
             ir::Value step, ir::Value within);
  /// Then the angles at the beginnings of the `vectors` vectors of frames of this sub-block.
  void write_angles(ir::Value vectors);
  /// The frames of vector number `vector`.
  ir::Value frame(std::size_t number, ir::Value vector) const;

 private:
  const OscillatorBuffers& buffers_;
  ir::Builder& b_;
  std::vector<TurnBuffers> turns_;
  ir::Value within_{};
};

}  // namespace dgen::lower
