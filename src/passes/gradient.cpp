#include "dgen/gradient.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/policies.h"
#include "dgen/products.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "graph/describe.h"
#include "graph/feedback.h"
#include "passes/adjoints.h"
#include "passes/blocked_ways.h"
#include "passes/reach.h"
#include "passes/table_adjoint.h"
#include "passes/tensor_gradients.h"

namespace dgen {

namespace {

using passes::Adjoints;

/// Walks the nodes of the loss against the order of evaluation.
class Reverse {
 public:
  Reverse(Signal loss, std::span<const Signal> wrt)
      : g_(*loss.graph), count_(g_.size()), feedback_read_(feedback_reads(g_)),
        active_(passes::nodes_between(passes::derivative_edges(g_), wrt, loss)), adjoints_(g_) {
    const std::vector<int> order = evaluation_order(g_);
    for (int id = 0; id < count_; ++id) {
      if (active_[at(id)]) open_loop(id);
    }
    tables_.open(g_, active_, adjoints_);
    adjoints_.add(loss.id, g_.constant(1), {.clock = Clock::control}, {});
    for (auto id = order.rbegin(); id != order.rend(); ++id) {
      if (active_[at(*id)]) visit(*id);
    }
    close_loops();
  }

  Signal adjoint(int id) { return adjoints_.take(id); }

 private:
  /// A state of the reversed pass whose feedback is the adjoint of node `of`.
  struct OpenLoop {
    Signal state{};
    int of = -1;
  };

  Signal signal(int id) { return {&g_, id}; }
  static constexpr Type every_frame{};
  Type type_of(int id) const { return g_[id].type; }

  Signal reversed(const OpDef& op, std::span<const Signal> inputs, std::int64_t size, int of) {
    return g_.add(op, inputs, {.size = size, .name = g_[of].path + "/adjoint", .reversed = !passes::runs_backward(g_, of)},
                  g_[of].origin);
  }

  /// Adjoints that reach a node from another frame are there before the walk begins.
  void open_loop(int id) {
    const Node node = g_[id];
    if (node.op->kind == Kind::cell) {
      const std::array<Signal, 1> zero{expand(g_.constant(0), node.type.shape)};
      const Signal later = reversed(ops::cell, zero, 0, id);
      open_.push_back({later, id});
      adjoints_.add(node.feedback, later, every_frame, {});
    }
    if (node.op->kind == Kind::line_read && feedback_read_[at(id)]) read_back(id, max(signal(node.inputs[1]), 1.0));
  }

  /// y[n] = x[n - t]: what arrives at y in frame n + t belongs to x in frame n.
  void read_back(int id, Signal time) {
    const Node node = g_[id];
    if (g_[time.id].type.clock > Clock::control)
      return tables_.spread(g_, id, time, feedback_read_[at(id)], adjoints_, written(id));
    const Signal past = reversed(ops::line, {}, size_of(id), id);
    open_.push_back({past, id});
    const std::array<Signal, 2> inputs{past, time};
    adjoints_.add(written(id), g_.add(ops::line_read, inputs, {.size = size_of(id)}, node.origin), every_frame, {});
  }

  /// The adjoint of a delayed tensor is one in reversed time.
  void delay_back(int id, const Node& node) {
    const Signal dy = adjoints_.take(id), time = signal(node.inputs[1]);
    if (!dy || !active_[at(node.inputs[0])]) return;
    if (type_of(time.id).clock > Clock::control) {
      throw Error(ErrorCode::bad_type, "gradient: " + describe(g_, id) + " delays a " + to_string(node.type) +
                                           " by a time that changes per frame, which has no gradient; delay its elements, or "
                                           "by a control value");
    }
    const std::array<Signal, 2> inputs{dy, time};
    adjoints_.add(node.inputs[0], reversed(ops::delay_tap, inputs, node.attributes.size, id), every_frame, {});
  }

  std::int64_t size_of(int id) const {
    const Node& node = g_[id];
    const std::int64_t size = node.op->kind == Kind::line_read ? g_[node.inputs[0]].attributes.size : node.attributes.size;
    return std::max<std::int64_t>(size, feedback_read_[at(id)] ? 1 : 0);
  }

  /// What the line or delay that node `id` reads remembers.
  int written(int id) const {
    const Node& node = g_[id];
    return node.op->kind == Kind::line_read ? g_[node.inputs[0]].feedback : node.inputs[0];
  }

  void visit(int id) {
    const Node node = g_[id];  // a copy: the graph grows
    switch (node.op->kind) {
      case Kind::pointwise: pointwise(id, node); return;
      case Kind::handle: pass(id, node.feedback); return;
      case Kind::sequence: pass(id, node.inputs.back()); return;
      case Kind::reduce: pass(id, node.inputs[0], ticks_of(node)); return;
      case Kind::window:
      case Kind::overlap_add:
      case Kind::hold: across_clocks(id, node); return;
      case Kind::expand:
      case Kind::contract:
      case Kind::reshape: change_shape(id, node); return;
      case Kind::linear: multiply(id, node); return;
      case Kind::outer: multiply_out(id, node); return;
      case Kind::view:
      case Kind::view_sum:
      case Kind::matmul:
      case Kind::cumulate:
      case Kind::take:
      case Kind::scatter_add:
        if (const Signal dy = adjoints_.take(id)) passes::tensor_gradients(g_, id, dy, active_, adjoints_);
        return;
      case Kind::fft: transform(id, node); return;
      case Kind::cell: start(id, node); return;
      case Kind::line_read:
        if (!feedback_read_[at(id)] && adjoints_.take(id)) read_back(id, signal(node.inputs[1]));
        return;
      case Kind::delay:
        if (node.type.shape.rank > 0) return delay_back(id, node);
        if (adjoints_.take(id)) read_back(id, signal(node.inputs[1]));
        return;
      case Kind::recur:
      case Kind::result:
        throw Error(ErrorCode::bad_type,
                    "gradient: " + describe(g_, id) + " is a closed loop; take gradients before close_loops");
      case Kind::constant:
      case Kind::tensor:
      case Kind::param:
      case Kind::input:
      case Kind::sample_rate:
      case Kind::frame_index:
      case Kind::noise:
      case Kind::table:
      case Kind::gather:
      case Kind::scatter:
      case Kind::line:
      case Kind::state:
      case Kind::argument:
      case Kind::extremum:
      case Kind::composite: return;  // sources, and what `tables_` does
    }
  }

  /// The clock on which a reduce sums.
  static Type ticks_of(const Node& node) {
    const std::int32_t hop = node.attributes.hop;
    return hop > 0 ? Type{.clock = Clock::hop, .hop = hop} : every_frame;
  }

  void pass(int id, int to) { pass(id, to, type_of(id)); }

  void pass(int id, int to, Type use) {
    if (const Signal dy = adjoints_.take(id); dy && active_[at(to)]) adjoints_.add(to, dy, use, adjoints_.guard(id));
  }

  /// window and overlap_add are each other's adjoint, in the other direction of time; hold lays its value down for a period.
  void across_clocks(int id, const Node& node) {
    const Signal dy = adjoints_.take(id);
    const int x = node.inputs[0];
    if (!dy || !active_[at(x)]) return;
    const Type use = node.op->kind == Kind::window ? every_frame : type_of(x);
    const bool holds = node.op->kind == Kind::hold;
    const Attributes made{.size = holds ? use.hop : node.attributes.size,
                          .name = node.path + "/adjoint",
                          .hop = holds ? use.hop : node.attributes.hop,
                          .reversed = !node.attributes.reversed};
    const OpDef& op = node.op->kind == Kind::window ? ops::overlap_add : ops::window;
    const Signal dx = g_.add(op, std::span(&dy, 1), made, node.origin);
    adjoints_.add(x, holds ? sum(dx) : dx, use, {});
  }

  void change_shape(int id, const Node& node) {
    const Signal dy = adjoints_.take(id);
    const int x = node.inputs[0];
    if (!dy || !active_[at(x)]) return;
    const Shape shape = type_of(x).shape;
    const Signal guard = adjoints_.guard(id);
    if (node.op->kind == Kind::reshape) {
      const Signal used = guard ? reshape(passes::expanded(guard, node.type.shape, node.type), shape) : guard;
      return adjoints_.add(x, reshape(dy, shape), node.type, used);
    }
    adjoints_.add(x, node.op->kind == Kind::contract ? passes::expanded(dy, shape, node.type) : dy, node.type, guard);
  }

  /// y[..., o] = sum over i of m[o, i] x[..., i].
  void multiply(int id, const Node& node) {
    const Signal dy = adjoints_.take(id);
    if (!dy) return;
    const int x = node.inputs[0], m = node.inputs[1];
    const bool transposed = node.attributes.size == 1;
    const Signal guard = adjoints_.guard(id);
    const Signal used = guard && type_of(guard.id).shape.rank == 0 ? guard : Signal{};
    if (active_[at(x)]) {
      const std::array<Signal, 2> inputs{dy, signal(m)};
      adjoints_.add(x, g_.add(ops::linear, inputs, {.size = transposed ? 0 : 1}, node.origin), node.type, used);
    }
    if (!active_[at(m)]) return;
    adjoints_.add(m, transposed ? outer(signal(x), dy) : outer(dy, signal(x)), node.type, used);
  }

  /// y[n, m] = sum over l of a[l, n] b[l, m].
  void multiply_out(int id, const Node& node) {
    const Signal dy = adjoints_.take(id);
    if (!dy) return;
    const Signal a = signal(node.inputs[0]), b = signal(node.inputs[1]), guard = adjoints_.guard(id);
    const Signal used = guard && type_of(guard.id).shape.rank == 0 ? guard : Signal{};
    const bool moving = moves(type_of(dy.id));  // a matrix of `linear` rests
    if (active_[at(a.id)]) adjoints_.add(a.id, moving ? times(b, transpose(dy)) : linear(b, dy), node.type, used);
    if (!active_[at(b.id)]) return;
    adjoints_.add(b.id, moving ? times(a, dy) : g_.add(ops::linear, std::array{a, dy}, {.size = 1}, node.origin), node.type,
                  used);
  }

  /// Sum over k of x[..., k] m[k, j].
  Signal times(Signal x, Signal m) {
    Shape shape = type_of(x.id).shape;
    std::int32_t& last = shape.extent[at(shape.rank - 1)];
    const auto rows = static_cast<std::int32_t>(shape.elements() / last);
    const Signal product = matmul(reshape(x, extents({rows, last})), m);
    last = type_of(m.id).shape.extent[1];
    return reshape(product, shape);
  }

  /// What a bin or a frame becomes depends on all of them: a guard of single elements does not pass.
  void transform(int id, const Node& node) {
    const Signal dy = adjoints_.take(id);
    const int x = node.inputs[0];
    if (!dy || !active_[at(x)]) return;
    const std::array<Signal, 1> inputs{signal(x)};
    std::array<Signal, 1> dx{};
    node.op->gradient({.x = inputs, .y = signal(id), .dy = dy, .dx = dx});
    const Signal guard = adjoints_.guard(id);
    adjoints_.add(x, dx[0], node.type, guard && type_of(guard.id).shape.rank == 0 ? guard : Signal{});
  }

  /// The value at frame 0 is the initial one.
  void start(int id, const Node& node) {
    const Signal dy = adjoints_.take(id);
    if (!dy || !active_[at(node.inputs[0])]) return;
    const Signal first = node.attributes.reversed ? Signal{} : lt(frame_index(g_), 1.0);
    if (first) adjoints_.add(node.inputs[0], select(first, dy, 0.0), every_frame, adjoints_.guard(id));
  }

  void pointwise(int id, const Node& node) {
    const Signal dy = adjoints_.take(id);
    if (!dy || node.op->zero_derivative) return;
    std::vector<Signal> x, dx(node.inputs.size());
    for (const int input : node.inputs) x.push_back(signal(input));
    const Signal guard = adjoints_.guard(id);
    if (node.attributes.rule) {
      stated(id, *node.attributes.rule, x, dy, dx);
    } else {
      node.op->gradient({.x = x, .y = signal(id), .dy = node.op->chooses ? g_.constant(1) : dy, .dx = dx});
    }
    for (std::size_t k = 0; k < dx.size(); ++k) {
      if (!dx[k] || !active_[at(node.inputs[k])]) continue;
      if (node.op->chooses) {
        const Signal taken = guard ? logical_and(guard, dx[k]) : dx[k];
        adjoints_.add(node.inputs[k], select(dx[k], dy, 0.0), node.type, taken);
      } else {
        // Where the value is not used its factor may be infinite: 0, not 0 times infinity.
        adjoints_.add(node.inputs[k], guard && dx[k].id != dy.id ? select(guard, dx[k], 0.0) : dx[k], node.type, guard);
      }
    }
  }

  /// The rule of a custom_gradient, whose inputs are y and what the rule is for.
  void stated(int id, const GradientRule& rule, std::span<const Signal> x, Signal dy, std::span<Signal> dx) {
    rule.of({.x = x.subspan(1), .y = signal(id), .dy = dy, .dx = dx.subspan(1)});
    for (std::size_t k = 1; k < dx.size(); ++k) {
      if (!dx[k]) continue;
      const std::string what = "gradient: the rule of " + describe(g_, id) + ": dx[" + std::to_string(k - 1) + "]";
      if (dx[k].graph != &g_) throw Error(ErrorCode::mixed_graphs, what + " belongs to another graph");
      const Type &made = g_[dx[k].id].type, &most = g_[id].type;
      if (made.dtype != DType::signal || made.clock > most.clock) {
        throw Error(ErrorCode::bad_type, what + " is a " + to_string(made) + "; what it is for is a " + to_string(most));
      }
    }
  }

  void close_loops() {
    for (const OpenLoop& loop : open_) {
      const Signal arrived = adjoints_.take(loop.of);
      check(type_of(loop.of).clock == Clock::frame, "cells and reads of lines change every frame");
      g_.close(loop.state, arrived ? arrived : g_.constant(0));
    }
    tables_.close(g_, adjoints_);
  }

  Graph& g_;
  const int count_;
  const std::vector<bool> feedback_read_;
  const std::vector<bool> active_;
  Adjoints adjoints_;
  passes::TableAdjoints tables_;
  std::vector<OpenLoop> open_;
};

void check_loss(Signal loss, std::span<const Signal> wrt) {
  if (!loss) throw Error(ErrorCode::bad_value, "gradient: the loss is an empty signal");
  const Type& type = (*loss.graph)[loss.id].type;
  if (type.dtype != DType::signal || type.clock > Clock::control || type.shape.rank != 0) {
    throw Error(ErrorCode::bad_type, "gradient: the loss, " + describe(*loss.graph, loss.id) + ", is a " + to_string(type) +
                                         ", not one number a call; make it one with time_sum or time_mean");
  }
  for (const Signal x : wrt) {
    if (x.graph != loss.graph)
      throw Error(ErrorCode::mixed_graphs, "gradient: the loss and what to derive it by are of two graphs");
  }
}

}  // namespace

Signal time_mean(Signal x) {
  const Signal total = ops::time_sum(x);
  const Signal one = x.graph->constant(1);
  return total / x.graph->add(ops::time_sum, std::span(&one, 1), {.hop = (*x.graph)[total.id].attributes.hop});
}

Gradient gradient(Signal loss, std::span<const Signal> wrt) {
  check_loss(loss, wrt);
  const Graph::Scope scope(*loss.graph, "gradient");
  Reverse reverse(loss, wrt);
  Gradient made;
  for (const Signal x : wrt) {
    made.of.push_back(reverse.adjoint(x.id));
    made.why_none.push_back(made.of.back() ? std::string() : passes::blocked_ways(*loss.graph, x, loss));
  }
  return made;
}

}  // namespace dgen
