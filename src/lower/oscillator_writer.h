#pragma once
// Writes sines of phases that step by what does not change within a call, as rotations from exact phases.

#include <vector>

#include "ir/builder.h"
#include "lower/oscillator_banks.h"
#include "schedule/phase.h"

namespace dgen::lower {

/// What the oscillators of a stage share. -1: none.
struct OscillatorBuffers {
  StageOscillators stage{};
  // Written when a parameter changed; elements are oscillators.
  int steps = -1;         ///< u64, `fixed_step`
  int gains = -1;         ///< f32
  int turns = -1;         ///< f32, a row an oscillator: how far it turns in 0, 1, 2, … frames; cosines, then sines
  int vector_turns = -1;  ///< f32, rows: how far they turn in 1, 2 and 3 vectors of frames; cosines, then sines
  // Scratch.
  int phases = -1;  ///< u64
  int angles = -1;  ///< f32, by vector of frames: sines of oscillators, then cosines, times their gains
  int sums = -1;    ///< f32, by bank: its frames

  static constexpr std::int64_t group = 4;  ///< vectors of frames for which an exact angle is computed
  std::size_t count() const { return stage.oscillators.size(); }
  std::int64_t padded() const;
  std::int64_t angles_stride() const { return 2 * padded(); }  ///< of a vector of frames
  static std::int64_t sums_stride(int sub_block);              ///< of a bank
};

/// When a parameter changed, and `buffers.steps` and `gains` are there.
void write_turns(ir::Builder& builder, const OscillatorBuffers& buffers);

/// sin(a + n step) = sin a cos(n step) + cos a sin(n step): a is the angle at the beginning of a vector of frames since reset,
/// and n the number of the frame in it. Every fourth of these angles is computed from the phase in fixed point, so that no error
/// adds up, and the others are turns of it. Costs two operations a frame. Largest error: 5e-7.
/// Sums of oscillators go through the frames of such a group of four vectors together: a product of small matrices.
class OscillatorWriter {
 public:
  /// position: first frame of the sub-block since reset, low bits; i32.
  OscillatorWriter(const OscillatorBuffers& buffers, int sub_block, ir::Value frames, ir::Value position, ir::Builder& builder);

  /// Before the loop over frames, for each oscillator. phase: of its accumulator at the sub-block's first frame, u64.
  void begin(std::size_t number, const schedule::Oscillator& oscillator, ir::Value phase);
  /// Then the angles at the beginnings of the vectors of this sub-block, and the sums of banks.
  void write_angles();
  void write_sums();
  /// One vector of frames after another, from the first on.
  void begin_vectors() { vector_ = builder_.local("vector", first_vector_); }
  void next_vector();
  /// The frames of this vector: of one oscillator, of one bank.
  ir::Value frame(std::size_t number) const;
  ir::Value sum(std::size_t bank) const;

 private:
  struct Turn {
    ir::Value sine, cosine;
  };
  Turn turn(ir::Value number) const;
  Turn angle(ir::Value number, ir::Value vector) const;

  const OscillatorBuffers& buffers_;
  const std::int64_t sums_stride_;
  ir::Builder& builder_;
  ir::Value in_group_;      ///< of the first frame: its number in its group of vectors
  ir::Value within_;        ///< the same, in its vector
  ir::Value first_vector_;  ///< number of its vector in its group
  ir::Value groups_;        ///< of this sub-block
  ir::Local vector_{};      ///< counted from the beginning of the first group
};

}  // namespace dgen::lower
