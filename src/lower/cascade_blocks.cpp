#include "lower/cascade_blocks.h"

#include "lower/access.h"
#include "lower/affine_map.h"
#include "lower/cascade_body.h"
#include "lower/scan_powers.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// An argument of a cascade that rests, f64.
Value coefficient_of(const Graph& g, int recur, std::size_t argument, const Buffers& buffers, ir::Builder& b) {
  const int id = g[recur].inputs[argument];
  if (g[id].op->kind == Kind::constant) return b.number({Scalar::f64, false}, g[id].attributes.value);
  return b.load(buffers.control, whole(b, buffers.control_slot.at(id)), false);
}

class BlockWriter {
 public:
  BlockWriter(const Graph& graph, int recur, const Buffers& buffers, ir::Builder& builder)
      : g_(graph), recur_(recur), recurrence_(*graph[recur].attributes.recurrence), system_(*dgen::cascade(graph, recur)),
        all_(buffers), buffers_(buffers.cascade.at(recur)), b_(builder), n_(static_cast<std::int64_t>(system_.states)),
        stream_(builder.module().run == ir::Run::stream) {}

  /// Takes the coefficients of this call.
  void take_coefficients() {
    Value changed = b_.load(buffers_.kept, index(0), false) == 0.0;
    for (std::size_t k = 1; k < system_.arguments; ++k)
      changed = changed | (coefficient(k) != b_.load(buffers_.kept, index(k), false));
    b_.branch(changed, [&] {
      if (stream_) begin_to_rest();
      b_.store(buffers_.kept, index(0), b_.number({Scalar::f64, false}, 1));
      for (std::size_t k = 1; k < system_.arguments; ++k) {
        b_.store(buffers_.kept, index(k), coefficient(k));
        if (stream_) b_.store(buffers_.coefficients, index(k), convert(Scalar::f32, coefficient(k)));
      }
      b_.store(buffers_.built, index(0), index(0));
      take_sections();
    });
  }

  /// Computes the steps of the blocks that are due by the end of this sub-block.
  void build() {
    const Value built = b_.load(buffers_.built, index(0), false), due = steps_due();
    b_.branch(built < due, [&] {
      b_.loop(built, due, false, [&](Value step) {
        b_.branch(step == index(0), [&] { start(); });
        step_columns();
        b_.store(buffers_.impulse, index(system_.states), b_.number({Scalar::f64, false}, 0));
        keep_rows(step);
        b_.branch(step == b_.lanes() - index(1), [&] { keep_advance(); });
      });
      b_.store(buffers_.built, index(0), due);
    });
  }

 private:
  Value index(std::size_t k) const { return whole(b_, static_cast<std::int64_t>(k)); }
  Value coefficient(std::size_t argument) const { return coefficient_of(g_, recur_, argument, all_, b_); }

  /// A change in the middle: the blocks are used from a multiple of every target's lanes on. The first coefficients of all
  /// have them at once, and what was restored goes on as it was.
  void begin_to_rest() {
    b_.branch(b_.load(buffers_.kept, index(0), false) != 0.0, [&] {
      const Value rested = b_.argument(1) + like(b_.argument(1), cascade_rest + most_lanes - 1);
      b_.store(buffers_.ready, index(0), rested & like(rested, -most_lanes));
    });
  }

  void take_sections() {
    std::vector<Value> states(system_.states);
    for (std::size_t s = 0; s < system_.sections.size(); ++s) {
      const Cascade::Section& section = system_.sections[s];
      std::vector<Value> matrix;
      for (const int id : section.matrix) matrix.push_back(entry(id));
      for (std::size_t k = 0; k < section.states; ++k) {
        const Value state = b_.load(buffers_.state[section.first + k], index(0), false);
        states[section.first + k] = used_state(state, matrix, k, section.states);
      }
      if (section.states == 2) {
        const std::vector<Value> turn = equal_diagonal(matrix);
        b_.store(buffers_.rotations, index(2 * s), turn[0]);
        b_.store(buffers_.rotations, index(2 * s + 1), turn[1]);
        matrix = turned_matrix(turn, matrix);
      }
      if (stream_) write_powers(b_, buffers_.powers[s], matrix);
    }
    begin_vector_at_states(b_, system_, buffers_, states);
  }

  /// A coefficient in the body, f64.
  Value entry(int id) const {
    const Node& node = (*recurrence_.body)[id];
    if (node.op->kind == Kind::constant) return b_.number({Scalar::f64, false}, node.attributes.value);
    return coefficient(static_cast<std::size_t>(node.attributes.size));
  }

  Value steps_due() const {
    const Value lanes = b_.lanes();
    if (!stream_) return lanes;
    const Value end = b_.argument(1) + convert(Scalar::i64, b_.argument(0)), ready = b_.load(buffers_.ready, index(0), false);
    const Value left = (ready - end + like(end, most_lanes - 1)) >> 4;
    const Value due = convert(Scalar::i64, lanes) - left, none = like(due, 0);
    return select(end > ready, lanes, convert(Scalar::i32, select(due > none, due, none)));
  }

  /// Each state 1 in the coordinates of the blocks, the others 0; and the input 1 in silence.
  void start() {
    const auto clear = [&](int buffer, std::int64_t size) {
      const Value zero = b_.number({Scalar::f64, true}, 0);
      b_.loop(index(0), whole(b_, size), true, [&](Value i) { b_.store(buffer, i, zero); });
    };
    clear(buffers_.columns, n_ * cascade_starts);
    clear(buffers_.impulse, cascade_starts);
    const Value one = b_.number({Scalar::f64, false}, 1);
    b_.store(buffers_.impulse, index(system_.states), one);
    const auto column = [&](std::size_t state, std::size_t start) {
      return whole(b_, static_cast<std::int64_t>(state) * cascade_starts + static_cast<std::int64_t>(start));
    };
    for (std::size_t s = 0; s < system_.sections.size(); ++s) {
      const std::size_t first = system_.sections[s].first, second = first + 1;
      if (system_.sections[s].states == 1) {
        b_.store(buffers_.columns, column(first, first), one);
        continue;
      }
      const std::vector<Value> turn = turn_of(b_, buffers_, s);
      b_.store(buffers_.columns, column(first, first), turn[0]);
      b_.store(buffers_.columns, column(second, first), turn[1]);
      b_.store(buffers_.columns, column(first, second), -turn[1]);
      b_.store(buffers_.columns, column(second, second), turn[0]);
    }
  }

  /// A frame of all starts at once: lanes are starts. The outputs, then the states in the blocks' coordinates, are left in rows.
  void step_columns() {
    b_.loop(index(0), whole(b_, n_ + 1), true, [&](Value r) {
      const auto at_row = [&](std::size_t row) { return whole(b_, static_cast<std::int64_t>(row) * cascade_starts) + r; };
      std::vector<Value> states;
      for (std::size_t k = 0; k < system_.states; ++k) states.push_back(b_.load(buffers_.columns, at_row(k), true));
      const std::vector<Value> outputs = step_cascade(recurrence_, buffers_.kept, b_, b_.load(buffers_.impulse, r, true), states);
      for (std::size_t k = 0; k < states.size(); ++k) b_.store(buffers_.columns, at_row(k), states[k]);
      std::vector<Value> rows = outputs;
      for (const Value state : turned_states(b_, system_, buffers_, states, false)) rows.push_back(state);
      for (std::size_t k = 0; k < rows.size(); ++k)
        b_.store(buffers_.rows, at_row(k), convert(Scalar::f32, finite(b_.broadcast(rows[k]))));
    });
  }

  void copy(int to, Value place, Value row) { b_.store(to, place, b_.load(buffers_.rows, row, false)); }

  void keep_rows(Value step) {
    const Value n = whole(b_, n_);
    for (std::size_t q = 0; q < system_.outputs; ++q) {
      const auto output = static_cast<std::int64_t>(q);
      const Value row = whole(b_, output * cascade_starts);
      b_.loop(index(0), n, false,
              [&](Value k) { copy(buffers_.outputs, (k + whole(b_, output * n_)) * whole(b_, most_lanes) + step, row + k); });
      b_.loop(index(0), b_.lanes() - step, false, [&](Value j) {  // input j is heard from frame j on
        copy(buffers_.response, (j + whole(b_, output * most_lanes)) * whole(b_, most_lanes) + j + step, row + n);
      });
    }
    const Value column = (b_.lanes() - index(1) - step) * whole(b_, cascade_rows);  // this input comes `step` before the last
    b_.loop(index(0), n, false, [&](Value k) { copy(buffers_.inputs, column + k, state_row(k) + n); });
  }

  void keep_advance() {
    const Value n = whole(b_, n_);
    b_.loop(index(0), n, false, [&](Value column) {
      b_.loop(index(0), n, false,
              [&](Value k) { copy(buffers_.advance, column * whole(b_, cascade_rows) + k, state_row(k) + column); });
    });
  }

  Value state_row(Value k) const { return (k + index(system_.outputs)) * whole(b_, cascade_starts); }

  const Graph& g_;
  const int recur_;
  const Recurrence& recurrence_;
  const Cascade system_;
  const Buffers& all_;
  const CascadeBuffers& buffers_;
  ir::Builder& b_;
  const std::int64_t n_;
  const bool stream_;
};

}  // namespace

void add_cascade_kernels(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  if (buffers.cascade.empty() && buffers.skewed.empty()) return;
  const Graph& g = *schedule.graph;
  ir::Function change{.name = "cascade_coefficients",
                      .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                      .when = ir::When::change,
                      .why = "coefficients of cascades, where they changed"};
  ir::Function blocks{.name = "cascade_blocks",
                      .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                      .why = "responses of cascades to each state and input, in double, while coefficients rest"};
  ir::Builder of_change(module, change), of_blocks(module, blocks);
  for (const auto& [recur, one] : buffers.cascade) {
    BlockWriter(g, recur, buffers, of_change).take_coefficients();
    BlockWriter(g, recur, buffers, of_blocks).build();
  }
  for (const auto& [recur, one] : buffers.skewed) {
    take_skewed_coefficients(
        of_change, *g[recur].attributes.recurrence, *dgen::cascade(g, recur), one,
        [&, node = recur](std::size_t argument) { return coefficient_of(g, node, argument, buffers, of_change); });
  }
  module.kernels.push_back(std::move(change));
  if (!buffers.cascade.empty()) module.kernels.push_back(std::move(blocks));
}

}  // namespace dgen::lower
