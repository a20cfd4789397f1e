#pragma once
// Where a cascade keeps what it needs.

#include <cstdint>
#include <vector>

#include "graph/cascade.h"

namespace dgen::lower {

/// Coordinates of the states are those of the sections' scans, turned; vectors end where those of scans do (see `ScanBuffers`).
///
/// A vector of L frames with inputs u and states s before it has the outputs y = T u + O s, and after it the states
/// s' = A s + C u. These blocks are computed in double, L steps of the system at 1 for each state and the input in turn.
struct CascadeBuffers {
  std::vector<int> state;  ///< f64, by state, in its own coordinates: after the last frame
  int base = -1;           ///< f32: states before the first frame of the vector that goes on; behind `next_base`, after it
  int pending = -1;        ///< f32: the inputs of that vector
  int done = -1;           ///< i32: its frames so far
  int ready = -1;          ///< i64, of streams: from which frame on the blocks are used

  int kept = -1;            ///< f64, by argument: the coefficients in use; element 0: 1 where they are known
  int coefficients = -1;    ///< f32, by argument, of streams
  int rotations = -1;       ///< f64: cosine and sine, a section
  std::vector<int> powers;  ///< f32, by section, of streams: see `write_powers`
  int built = -1;           ///< i32: so many steps of the blocks are computed
  int columns = -1;         ///< f64: the states at each of those, a column for each start
  int impulse = -1;         ///< f64: the input at the next of those
  int advance = -1;         ///< f32: A, a column of `cascade_states` rows a state
  int inputs = -1;          ///< f32: C, a column of rows an input
  int outputs = -1;         ///< f32: O, a column of a vector's frames for each state, output after output
  int response = -1;        ///< f32: T, a column of a vector's frames for each input, output after output

  int none = -1;       ///< i32: 0
  int given = -1;      ///< f32, scratch: the inputs of the vector
  int realigned = -1;  ///< f32, scratch for two vectors
  int rows = -1;       ///< f32, scratch: rows of the blocks before they become columns
};

/// Elements from one column, or row of all columns, to the next.
inline constexpr std::int64_t cascade_rows = static_cast<std::int64_t>(cascade_states);
inline constexpr std::int64_t cascade_starts = 2 * cascade_rows;  ///< a start for each state, and the input; padded
inline constexpr std::int64_t next_base = cascade_rows;

/// Frames for which coefficients rest before their blocks are used; until then the sections run as scans.
inline constexpr std::int64_t cascade_rest = 256;

}  // namespace dgen::lower
