#pragma once
// Writes the frames of a cascade, a vector at a time.

#include <functional>
#include <vector>

#include "graph/cascade.h"
#include "ir/builder.h"
#include "lower/cascade_buffers.h"

namespace dgen::lower {

/// Two forms of one system, which take the same states in and give the same out: with blocks over a whole vector, which are
/// there once the coefficients have rested, and section after section as scans.
class CascadeWriter {
 public:
  CascadeWriter(const Recurrence& recurrence, Cascade system, const CascadeBuffers& buffers, ir::Builder& builder);

  /// Before the loop over `frames` (i32) frames.
  void begin(ir::Value position, ir::Value frames);
  /// As of a scan: whether a call before left a vector unfinished. i32.
  ir::Value unfinished() const { return done_; }
  /// The vector of frames from `index` on, of which `input` is wide f32. rest: see ScanWriter::frame. Returns the outputs.
  std::vector<ir::Value> frame(ir::Value index, ir::Value rest, ir::Value input);
  /// After a loop over whole vectors only.
  void end_whole_vectors();

 private:
  using Values = std::vector<ir::Value>;
  void leave_longer_vector();
  /// Whether the vector that begins with or before `index` is one of blocks.
  ir::Value rested(ir::Value index) const;
  void write_with_blocks();
  /// A sum of products with the inputs, in two parts, and with the states before the vector. column(j), state_column(k): what
  /// input j and state k are multiplied with, wide.
  struct Sum {
    std::vector<ir::Local> parts;
    std::function<ir::Value(ir::Value j)> column;
    std::function<ir::Value(std::int64_t k)> state_column;
  };
  /// All of them, or those with a column that is not 0.
  enum class Products { all, where_heard };
  static ir::Value added(ir::Value sum, ir::Value column, ir::Value x, Products products);
  ir::Value input_in_every_lane(ir::Value j) const;
  void add_inputs(const std::vector<Sum>& sums);
  void add_heard_inputs(const Sum& sum);
  Sum output_sum(std::size_t output);
  Sum next_sum(ir::Value row);
  ir::Value with_states(const Sum& sum, const Values& states, Products products);
  ir::Value all_finite(ir::Value output);
  void write_what_is_heard(const Values& states);
  void end_within_vector(ir::Value index);
  void go_on_behind_vector();
  Values states() const;
  void advance_states(ir::Value count);
  ir::Value realigned(ir::Value wide);

  const Recurrence& recurrence_;
  const Cascade system_;
  const CascadeBuffers& buffers_;
  ir::Builder& b_;
  const bool backward_, stream_;
  ir::Value position_{}, frames_{}, done_{}, zero_{};
  ir::Value none_{};              ///< 0, which the C compiler does not know
  ir::Value to_{};                ///< of this vector: where in `base` the states after it go
  std::vector<ir::Local> input_;  ///< one, wide: of this vector
  std::vector<ir::Local> output_;
};

}  // namespace dgen::lower
