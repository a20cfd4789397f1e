#pragma once
// The memory a schedule needs: which buffer holds what.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ir/ir.h"
#include "lower/banded_matrix.h"
#include "lower/carry_writer.h"
#include "lower/cascade_buffers.h"
#include "lower/lower.h"
#include "lower/oscillator_writer.h"
#include "lower/scan_writer.h"
#include "lower/skewed_cascade.h"
#include "schedule/schedule.h"

namespace dgen::lower {

/// A circular buffer of the last frames of a value. Its first `mirror` elements stand again behind the last, so that the
/// frames of a sub-block lie in one piece wherever they begin. Of a value with a shape it holds rows, once.
struct Ring {
  int buffer = -1;
  int capacity = 0;  ///< a power of two; frame n is at n mod capacity
  int mirror = 0;    ///< at most the capacity
  int reach = 0;     ///< so many frames before a sub-block lie in one piece with it; 0 for long rings
};

/// Of a `schedule::TapRun`.
struct TapBuffers {
  int coefficients = -1;      ///< f32, by tap
  int sums = -1;              ///< f32, scratch: by frame of the sub-block
  bool from_control = false;  ///< whether the coefficients are written when a parameter changes; else they are a constant
};

/// A matrix of control clock that products take as a padded row of outputs for each input: laid out when it changed.
struct PackedMatrix {
  int given = -1;  ///< node
  bool transposed = false;
  int buffer = -1;
};

class Buffers {
 public:
  /// Adds the buffers that `schedule` needs to `module`.
  Buffers(const schedule::Schedule& schedule, ir::Module& module, int sub_block);

  int params = -1;                                 ///< f32, in the order of Graph::params
  std::map<int, std::int64_t> param_offset;        ///< param node -> its first element of `params`
  int clock = -1;                                  ///< f64, the sample rate
  int control = -1;                                ///< f64, the values of control nodes that per-frame stages read
  std::map<int, int> control_slot;                 ///< node -> element of `control`
  int steps = -1;                                  ///< u64, `fixed_step` of phases whose increment is a control value
  std::map<int, int> step_slot;                    ///< recur node -> element of `steps`
  int delays = -1;                                 ///< i32, whole frames of delays that do not change within a call
  std::map<int, int> delay_slot;                   ///< node that reads with such a delay -> element of `delays`
  std::map<int, int> stack;                        ///< node that `is_stack` -> f32, its elements
  std::map<int, int> row_steps;                    ///< recur node that is a `row_phase` -> u64, `fixed_step` of each element
  std::map<int, int> diffused;                     ///< row that rests -> f32, 1 and its elements added (`diffused_place`)
  std::map<int, OscillatorBuffers> oscillators;    ///< stage -> of its oscillators
  std::map<int, int> input, output;                ///< host channel -> buffer
  std::map<int, int> crossing;                     ///< node -> scratch; not where a stage reads it from its ring
  std::set<int> ahead;                             ///< of those: from stages that run ahead to those of parts; state
  std::map<int, Ring> ring;                        ///< delayed node -> its past
  std::map<std::pair<int, int>, TapBuffers> taps;  ///< (sum, number of its run)
  std::map<int, CarryBuffers> carried;             ///< delay node that is `carried_frames`
  int block_limit = -1;                            ///< i32: see ir::Module::block_limit
  int part_from = -1, latest = -1;                 ///< i32: see ir::Module
  std::map<int, Ring> history;                     ///< windowed node -> its past, twice (`store_to_history`)
  std::map<int, int> added;                        ///< overlap_add node -> rows of sums for the coming frames, behind a margin
  std::map<int, int> held;                         ///< hold node -> the value of the last tick
  std::map<int, int> tensor;                       ///< tensor node -> constant
  std::map<int, int> matrix;                       ///< linear node that moves -> a padded row of outputs for each input
  std::map<int, Bands> bands;                      ///< of those matrices that are kept by runs
  std::map<std::pair<int, int>, int> loop_matrix;  ///< (recur node, linear node of its body) -> the same
  std::vector<PackedMatrix> packed;                ///< of those whose matrix is a control value
  std::map<int, int> control_row;                  ///< control node with a shape -> f32, its elements
  std::map<int, int> exact_row;                    ///< the same, where its stage `runs_in_double` -> f64
  std::map<int, int> sum;                          ///< reduce node -> f64: of a number a part for each lane, else its elements
  std::map<int, int> table;                        ///< table node -> constant
  std::map<int, ScanBuffers> scan;                 ///< recur node -> of a scan
  std::map<int, CascadeBuffers> cascade;           ///< recur node -> of a cascade
  std::map<int, SkewedBuffers> skewed;             ///< recur node -> of a cascade that runs skewed
  std::map<std::pair<int, int>, int> state;        ///< (recur node, number of the state) -> buffer
  std::map<std::pair<int, int>, int> contents;     ///< the same, of tables with initial contents -> constant
  std::vector<NamedState> named;

  /// Where `index`, an element of the frames that a stage runs over, lies in the crossing of a value.
  ir::Value in_crossing(ir::Builder& builder, const schedule::Stage& stage, int id, ir::Value index) const;

  /// Where the elements of a control value with a shape lie, and from which on.
  std::pair<int, std::int64_t> control_elements(const Graph& graph, int node) const;

  /// A constant of i32 with these elements.
  int index_table(const std::vector<std::int64_t>& index);
  /// A constant of f32 with these elements, and room for a vector behind the last.
  int constant_row(const std::vector<double>& elements);
  /// A constant of f64 with these elements.
  int exact_constant(const std::vector<double>& elements);

 protected:
  /// None yet: a target adds its own.
  explicit Buffers(ir::Module& module) : module_(module) {}
  int add(ir::Buffer buffer);
  int add_state(std::string name, ir::Buffer buffer);
  /// Of a state with a shape, whose lanes may have names of their own.
  int add_state(const RecurrenceState& owned, ir::Buffer buffer);

 private:
  std::string unique(const std::string& name);
  void add_channels(const schedule::Schedule& schedule, int sub_block);
  void add_sums(const Graph& graph);
  void add_rings(const Graph& graph, int sub_block);
  void add_crossings(const schedule::Schedule& schedule, int sub_block);
  void add_crossing(const schedule::Schedule& schedule, int id, int sub_block);
  void add_measured(const Graph& graph, int sub_block);
  void add_ticks(const Graph& graph, int sub_block);
  void add_matrix(const Graph& graph, int linear);
  void add_loop_matrices(const Graph& graph, int recur);
  int matrix_of(const Graph& graph, int given, bool transposed);
  int constant_matrix(const Node& given, bool transposed);
  int banded_matrix(std::vector<double> dense, std::int64_t inputs, const BandedMatrix& runs);
  void add_recurrence(const Graph& graph, int recur);
  void add_scan(const Graph& graph, int recur, const AffineLoop& loop);
  void add_cascade(const Graph& graph, int recur, const Cascade& system);
  void add_skewed(const Graph& graph, int recur, const Cascade& system);
  void add_controls(const schedule::Schedule& schedule);
  void add_steps(const schedule::Schedule& schedule);
  void add_delays(const schedule::Schedule& schedule);
  void add_stacks(const Graph& graph);
  void add_carried(const schedule::Schedule& schedule);
  void add_taps(const schedule::Schedule& schedule, int sub_block);
  void add_oscillators(const schedule::Schedule& schedule, int sub_block);
  ir::Module& module_;
  std::map<std::vector<std::int64_t>, int> index_tables_;
  std::map<std::vector<double>, int> constant_rows_, exact_constants_;
  std::map<std::pair<std::int64_t, std::vector<double>>, int> banded_matrices_;  ///< by inputs and the dense matrix
  std::map<std::vector<int>, int> scan_powers_;  ///< nodes of the matrix of time-invariant scans -> their powers
  std::set<std::string> names_{"frame"};         ///< of saved states, which call the frame number so
};

/// Elements that a sub-block has of a value.
std::int64_t size_in(const Type& type, int sub_block);

/// Outputs that are host channels: all but sums over time, which come last.
int host_outputs(const Graph& graph);

/// Smallest power of two that is at least n.
int power_of_two_above(std::int64_t n);

}  // namespace dgen::lower
