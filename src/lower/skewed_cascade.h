#pragma once
// A row of filters that runs skewed: each section some frames behind the one before it, all of them at once.

#include <functional>
#include <vector>

#include "graph/cascade.h"
#include "ir/builder.h"

namespace dgen::lower {

/// Frames that a section takes at a time. Its states wait for each other only once in so many.
inline constexpr std::int64_t skew_frames = 4;

/// A place for each section: octets of sections, the first of them in the last place, so that what leaves is first in its octet.
struct SkewedPlaces {
  std::int64_t sections = 0, octets = 0, size = 0;  ///< size: sections of an octet
  explicit SkewedPlaces(const Cascade& system);
  /// Of section `section`; behind the last, those that fill the last octet and let the signal through.
  std::int64_t of(std::int64_t section) const;
  std::int64_t padded() const { return octets * size; }
};

/// Where a skewed cascade keeps what it needs. By place: `skewed_places` elements a row.
///
/// From a block of four inputs x and the states s before it come four outputs y = E s + H x, and the states after it,
/// s + (A^4 - 1) s + K x: coefficients computed in double, in the turned coordinates of scans. A step takes one block of each
/// section.
struct SkewedBuffers {
  std::vector<int> state;  ///< f64, by state, in its own coordinates: after the last frame
  int base = -1;           ///< f32, two rows by place, turned: states before the first frame of the block that goes on
  int pending = -1;        ///< f32: the inputs of that block
  int done = -1;           ///< i32: its frames so far
  int kept = -1;           ///< f64, by argument: the coefficients in use
  int numbers = -1;        ///< f64, a `SectionNumber` a row, by place
  int turns = -1;          ///< f64: rows of cosines and sines
  int own = -1;            ///< f64: two rows of states, in their own coordinates
  int coefficients = -1;   ///< f32, a `SkewedRow` a row, by place
  int given = -1;          ///< f32, scratch: the inputs of this sub-block, from those pending on
  std::vector<int> heard;  ///< f32, scratch: what leaves each octet
  int edge = -1;           ///< i32, constant: 8 zeros, then 16 of all bits
};

inline constexpr std::int64_t skewed_places = 16;

/// Of a section: its matrix, what its input adds to its states, and what of states and input the next section takes.
enum SectionNumber : std::uint8_t { a00, a01, a10, a11, b0, b1, c0, c1, d0, two_states, section_numbers };

/// By row: A^4 less 1; K, by state and frame; E, by frame and state; the outputs' part of the input of the same frame and of
/// those one to three before.
enum SkewedRow : std::uint8_t { power = 0, input_part = 4, state_part = 12, through = 20, skewed_rows = 24 };

/// Takes the coefficients, where a parameter that they follow from changed: a block begins there, as a vector of a scan does.
void take_skewed_coefficients(ir::Builder& builder, const Recurrence& recurrence, const Cascade& system,
                              const SkewedBuffers& buffers, const std::function<ir::Value(std::size_t argument)>& coefficient);

class SkewedWriter {
 public:
  SkewedWriter(const Recurrence& recurrence, const Cascade& system, const SkewedBuffers& buffers, ir::Builder& builder);

  /// Runs all `frames` (i32) frames of a sub-block. input(i): the vector of inputs from frame i on, wide f32.
  void run(ir::Value frames, const std::function<ir::Value(ir::Value i)>& input);
  /// What leaves in the vector of frames from `index` on.
  ir::Value frame(ir::Value index);

 private:
  using Values = std::vector<ir::Value>;
  void run_octet(std::int64_t octet);
  Values outputs(const Values& x, const Values& states) const;
  Values next_states(const Values& x, const Values& states) const;
  ir::Value row(std::int64_t number) const;
  void step(ir::Value j, std::int64_t octet);
  void commit(ir::Value j, const Values& next);
  void end();

  const Recurrence& recurrence_;
  const Cascade& system_;
  const SkewedBuffers& buffers_;
  ir::Builder& b_;
  const SkewedPlaces places_;
  const bool pairs_;  ///< whether a section has two states
  ir::Value done_{}, whole_{}, blocks_{}, total_{};
  Values rows_;  ///< coefficients of an octet
  std::vector<ir::Local> states_, x_;
};

}  // namespace dgen::lower
