#include "lower/hop_kernel.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/elements.h"
#include "lower/access.h"
#include "lower/frame_kernel.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

HopKernel::HopKernel(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers, ir::Module& module)
    : stage_(stage), g_(*schedule.graph), buffers_(buffers),
      module_(module), function_{.arguments = {{Scalar::i32, false}, {Scalar::i64, false}}}, builder_(module, function_),
      backward_(module.run == ir::Run::backward), hop_(stage.hop), frames_(builder_.argument(0)),
      position_(builder_.argument(1)) {
  const Value position32 = convert(Scalar::i32, position_);
  first_ = backward_ ? 1 - position32 - frames_ : position32;
  // Matrices are read once for the ticks of a block; few ticks would leave most of a block empty.
  group_ = hop_ <= 16 ? 8 : hop_ <= 64 ? 4 : 1;
}

ir::Function HopKernel::write(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers,
                              ir::Module& module, std::string name) {
  HopKernel kernel(schedule, stage, buffers, module);
  kernel.plan();
  kernel.place_rows();
  kernel.prepare();
  kernel.count_ticks();
  kernel.begin_held();
  ir::Builder& b = kernel.builder_;
  const int bits = kernel.group_ == 8 ? 3 : kernel.group_ == 4 ? 2 : 0;
  const Value blocks = bits == 0 ? kernel.ticks_ : (kernel.ticks_ + whole(b, kernel.group_ - 1)) >> bits;
  b.loop(whole(b, 0), blocks, false, [&](Value block) { kernel.write_block(block); });
  kernel.spread_held();
  kernel.function_.name = std::move(name);
  kernel.function_.why = stage.why;
  return std::move(kernel.function_);
}

// ---- plan ----

bool HopKernel::is_full_sum(int id) const {
  return g_[id].op->kind == Kind::contract && elements(id) == 1 && elements(g_[id].inputs[0]) > 1;
}

/// Element by element from inputs of as many elements, or of fewer that are broadcast.
bool HopKernel::is_element_wise(int id) const {
  switch (g_[id].op->kind) {
    case Kind::pointwise:
    case Kind::reshape:
    case Kind::expand:
    case Kind::frame_index:
    case Kind::hold:
    case Kind::reduce: return true;
    case Kind::contract: return elements(id) == elements(g_[id].inputs[0]);
    case Kind::constant:
    case Kind::param:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::noise:
    case Kind::delay:
    case Kind::table:
    case Kind::gather:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::line_read:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument:
    case Kind::tensor:
    case Kind::window:
    case Kind::overlap_add:
    case Kind::linear:
    case Kind::composite: break;
  }
  return false;
}

std::int64_t HopKernel::stride(int id) const { return row_stride(g_[id].type.shape); }

/// The first step in which all that the node needs is there: elements of the same number may come from the same step.
int HopKernel::step_after_inputs(int id, std::int64_t count) const {
  int first = 0;
  for (const int x : g_[id].inputs) {
    const auto made = step_of_.find(x);
    if (made == step_of_.end()) continue;
    const bool fits = count > 0 && is_element_wise(x) && elements(x) == count;
    first = std::max(first, made->second + (fits ? 0 : 1));
  }
  return first;
}

void HopKernel::join(int id, std::int64_t count, bool sums) {
  const int first = step_after_inputs(id, count);
  for (int s = first; s < static_cast<int>(steps_.size()); ++s) {
    Step& step = steps_[at(s)];
    if (step.form != Step::Form::elements || step.count != count) continue;
    (sums ? step.sums : step.nodes).push_back(id);
    step_of_[id] = s;
    return;
  }
  steps_.push_back({.count = count});
  (sums ? steps_.back().sums : steps_.back().nodes).push_back(id);
  step_of_[id] = static_cast<int>(steps_.size()) - 1;
}

void HopKernel::plan() {
  const auto append = [this](Step::Form form, int id) { steps_.push_back({.form = form, .nodes = {id}}); };
  for (const int id : stage_.nodes) {
    const Kind kind = g_[id].op->kind;
    if (kind == Kind::window) continue;  // its elements are where the past is kept
    if (is_full_sum(id)) {
      join(id, elements(g_[id].inputs[0]), true);
    } else if (is_element_wise(id)) {
      join(id, elements(id), false);
    } else {
      check(kind == Kind::linear || kind == Kind::contract, "a stage on ticks computes elements, products and sums");
      append(kind == Kind::linear ? Step::Form::linear : Step::Form::contract, id);
      step_of_[id] = static_cast<int>(steps_.size()) - 1;
    }
  }
  for (const int id : stage_.adds) append(Step::Form::add, id);
  std::vector<int> leaving = stage_.stores;
  for (const int c : stage_.outputs) leaving.push_back(g_.outputs()[at(c)].node);
  for (const int id : leaving) {
    if (g_[id].type.clock == Clock::hop && !is_element_wise(id)) append(Step::Form::copy, id);
  }
}

/// Rows for what another step reads.
void HopKernel::place_rows() {
  const auto need = [this](int id) {
    if (!step_of_.contains(id) || scratch_.contains(id)) return;
    module_.buffers.push_back({.name = "rows" + std::to_string(id), .space = ir::Space::scratch, .size = group_ * stride(id)});
    scratch_[id] = static_cast<int>(module_.buffers.size()) - 1;
  };
  for (const auto& [id, step] : step_of_) {
    const bool joined = is_element_wise(id) || is_full_sum(id);
    for (const int x : g_[id].inputs) {
      const auto made = step_of_.find(x);
      const bool direct = joined && made != step_of_.end() && made->second == step && is_element_wise(x);
      if (!direct) need(x);
    }
    if (!is_element_wise(id)) need(id);
  }
  for (const Step& step : steps_) {
    if (step.form == Step::Form::add) need(g_[step.nodes[0]].inputs[0]);
    if (step.sums.empty() || lanes_ >= 0) continue;
    module_.buffers.push_back({.name = "lanes", .space = ir::Space::scratch, .size = ir::padding});
    lanes_ = static_cast<int>(module_.buffers.size()) - 1;
  }
}

// ---- ticks ----

void HopKernel::prepare() {
  for (const int id : stage_.nodes) {
    for (const int x : g_[id].inputs) {
      const auto slot = buffers_.control_slot.find(x);
      if (slot == buffers_.control_slot.end() || prepared_.contains(x)) continue;
      prepared_[x] = convert(Scalar::f32, builder_.load(buffers_.control, whole(builder_, slot->second), false));
    }
  }
}

/// Tick k of the sub-block in time is at its frame first_local_ + k hop. Counted in double, which is exact up to 2^53.
void HopKernel::count_ticks() {
  if (hop_ == 1) {
    ticks_ = frames_;
    first_local_ = whole(builder_, 0);
    return;
  }
  const Value begin = convert(Scalar::f64, position_), end = begin + convert(Scalar::f64, frames_);
  const auto ticks_before = [this](Value frame) { return -floor(-(frame / static_cast<double>(hop_))); };
  const Value before = ticks_before(begin);
  ticks_ = convert(Scalar::i32, ticks_before(end) - before);
  first_local_ = convert(Scalar::i32, before * static_cast<double>(hop_) - begin);
}

void HopKernel::at_tick(Value g) {
  in_group_ = g;
  const Value last = ticks_ - 1;
  const Value number = tick_ + g;
  const Value inside = select(number < ticks_, number, last);  // whole blocks repeat the last tick
  in_time_ = backward_ ? last - inside : inside;
  const Value true_local = first_local_ + in_time_ * whole(builder_, hop_);
  local_ = backward_ ? frames_ - 1 - true_local : true_local;
  frame_ = first_ + local_;
}

void HopKernel::write_block(Value block) {
  tick_ = block * whole(builder_, group_);
  const Value left = ticks_ - tick_, all = whole(builder_, group_);
  const Value valid = group_ == 1 ? all : select(left < all, left, all);
  const auto each_tick = [&](const std::function<void()>& body) {
    builder_.loop(whole(builder_, 0), valid, false, [&](Value g) {
      at_tick(g);
      value_.clear();
      body();
      value_.clear();
    });
  };
  for (const Step& step : steps_) {
    switch (step.form) {
      case Step::Form::elements: each_tick([&] { step.count == 1 ? write_numbers(step) : write_elements(step); }); break;
      case Step::Form::linear: write_linear(step.nodes[0]); break;
      case Step::Form::contract: each_tick([&] { write_contract(step.nodes[0]); }); break;
      case Step::Form::add: each_tick([&] { write_add(step.nodes[0]); }); break;
      case Step::Form::copy: each_tick([&] { write_copy(step.nodes[0]); }); break;
    }
  }
}

// ---- values ----

HopKernel::Row HopKernel::row(int id) {
  const Node& node = g_[id];
  ir::Builder& b = builder_;
  if (node.op->kind == Kind::window) {
    const Ring& ring = buffers_.history.at(node.inputs[0]);
    const Value mask = whole(b, ring.capacity - 1);
    if (backward_) return {ring.buffer, (frame_ & mask) + whole(b, ring.capacity), true};
    return {ring.buffer, (frame_ - whole(b, node.attributes.size - 1)) & mask, false};
  }
  const Value width = whole(b, stride(id));
  if (const auto rows = scratch_.find(id); rows != scratch_.end()) return {rows->second, in_group_ * width, false};
  if (node.op->kind == Kind::input) return {buffers_.input.at(static_cast<int>(node.attributes.size)), in_time_ * width, false};
  if (node.op->kind == Kind::tensor) return {buffers_.tensor.at(id), whole(b, 0), false};
  return {buffers_.crossing.at(id), in_time_ * width, false};
}

/// Elements of a node where elements e … of a value of `count` elements are computed.
Value HopKernel::of(int id, Value e, std::int64_t count) {
  const bool wide = count > 1;
  const Node& node = g_[id];
  if (const auto known = value_.find(id); known != value_.end()) return known->second;
  if (node.op->kind == Kind::constant) return builder_.number({Scalar::f32, wide}, node.attributes.value);
  if (const auto known = prepared_.find(id); known != prepared_.end())
    return wide ? builder_.broadcast(known->second) : known->second;
  const Row from = row(id);
  if (elements(id) == 1) {
    const Value number = builder_.load(from.buffer, from.base, false);
    return wide ? builder_.broadcast(number) : number;
  }
  check(elements(id) == count, "an input has one element or as many as what is made of it");
  return value_[id] =
             from.back ? builder_.load_back(from.buffer, from.base - e) : builder_.load(from.buffer, from.base + e, true);
}

Value HopKernel::tick_number() {
  const Value local = first_local_ + in_time_ * whole(builder_, hop_);
  return convert(Scalar::f32, convert(Scalar::f64, position_) + convert(Scalar::f64, local));
}

Value HopKernel::compute(int id, Value e, std::int64_t count) {
  const Node& node = g_[id];
  if (node.op->kind == Kind::frame_index) return tick_number();
  std::vector<Value> x;
  for (const int input : node.inputs) {
    const bool spread = elements(input) > 1 && elements(input) != count;
    if (!spread) {
      x.push_back(of(input, e, count));
      continue;
    }
    // Broadcast along some axes: the elements are picked by a table.
    const int table = buffers_.index_table(broadcast_index(g_[input].type.shape, node.type.shape));
    const Row from = row(input);
    const Value index = builder_.load(table, e, true), base = builder_.broadcast(from.base);
    x.push_back(builder_.gather(from.buffer, from.back ? base - index : base + index));
  }
  return node.op->kind == Kind::pointwise ? lower_pointwise(*node.op, builder_, x) : x[0];
}

/// Puts an element-wise value where others read it.
void HopKernel::store_elements(int id, Value e, Value value) {
  const Value width = whole(builder_, stride(id));
  if (const auto rows = scratch_.find(id); rows != scratch_.end()) builder_.store(rows->second, in_group_ * width + e, value);
  if (g_[id].type.clock != Clock::hop) return;
  if (const auto crossing = buffers_.crossing.find(id); crossing != buffers_.crossing.end())
    builder_.store(crossing->second, in_time_ * width + e, value);
  for (const int c : stage_.outputs) {
    if (g_.outputs()[at(c)].node == id) builder_.store(buffers_.output.at(c), in_time_ * width + e, value);
  }
}

// ---- steps ----

void HopKernel::write_elements(const Step& step) {
  std::vector<ir::Local> sums;
  for (std::size_t k = 0; k < step.sums.size(); ++k)
    sums.push_back(builder_.local("sum", builder_.number({Scalar::f32, true}, 0)));
  builder_.loop(whole(builder_, 0), whole(builder_, step.count), true, [&](Value e) {
    value_.clear();
    for (const int id : step.nodes) value_[id] = compute(id, e, step.count);
    for (const int id : step.nodes) store_elements(id, e, spread(value_.at(id)));
    for (std::size_t k = 0; k < sums.size(); ++k) {
      Value x = of(g_[step.sums[k]].inputs[0], e, step.count);
      if (step.count % ir::padding != 0) {
        const Value inside = builder_.broadcast(e) + builder_.lane() < builder_.broadcast(whole(builder_, step.count));
        x = select(inside, x, 0.0);
      }
      sums[k].set(sums[k].get() + x);
    }
    value_.clear();
  });
  for (std::size_t k = 0; k < sums.size(); ++k) finish_sum(step.sums[k], sums[k].get());
}

Value HopKernel::spread(Value x) { return builder_.broadcast(x); }

/// Adds the lanes of a vector.
void HopKernel::finish_sum(int id, Value partial) {
  const Value zero = whole(builder_, 0), all = whole(builder_, ir::padding);
  builder_.loop(zero, all, true, [&](Value e) { builder_.store(lanes_, e, builder_.number({Scalar::f32, true}, 0)); });
  builder_.store(lanes_, zero, partial);
  const ir::Local total = builder_.local("total", builder_.number({Scalar::f32, false}, 0));
  builder_.loop(zero, all, false, [&](Value e) { total.set(total.get() + builder_.load(lanes_, e, false)); });
  builder_.store(scratch_.at(id), in_group_, total.get());
}

void HopKernel::write_numbers(const Step& step) {
  const Value zero = whole(builder_, 0);
  for (const int id : step.nodes) {
    const Node& node = g_[id];
    if (node.op->kind == Kind::reduce) {
      const Value x = of(node.inputs[0], zero, 1);
      const int sum = buffers_.sum.at(id);
      builder_.store(sum, zero, builder_.load(sum, zero, false) + convert(Scalar::f64, x));
    } else if (node.op->kind == Kind::hold) {
      hold(id, of(node.inputs[0], zero, 1));
    } else {
      const Value x = compute(id, zero, 1);
      value_[id] = x;
      store_elements(id, zero, x);
    }
  }
}

/// Lays a value down at the frames up to the next tick.
Value HopKernel::hold(int id, Value x) {
  const Value wide = builder_.broadcast(x), end = local_ + whole(builder_, hop_);
  const int held = buffers_.crossing.at(id);
  builder_.loop(local_, select(end < frames_, end, frames_), true, [&](Value i) { builder_.store(held, i, wide); });
  builder_.store(buffers_.held.at(id), whole(builder_, 0), x);
  return x;
}

/// The value of the last tick goes on up to the first one here.
void HopKernel::begin_held() {
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind != Kind::hold || hop_ == 1) continue;
    const Value before = builder_.broadcast(builder_.load(buffers_.held.at(id), whole(builder_, 0), false));
    const Value end = select(first_local_ < frames_, first_local_, frames_);
    builder_.loop(whole(builder_, 0), end, true, [&](Value i) { builder_.store(buffers_.crossing.at(id), i, before); });
  }
}

/// Outputs and pasts of held values.
void HopKernel::spread_held() {
  for (const int id : stage_.nodes) {
    if (g_[id].op->kind != Kind::hold) continue;
    builder_.loop(whole(builder_, 0), frames_, true, [&](Value i) {
      const Value x = builder_.load(buffers_.crossing.at(id), i, true);
      const auto has = [id](const std::vector<int>& list) { return std::find(list.begin(), list.end(), id) != list.end(); };
      if (has(stage_.fills)) store_to_ring(builder_, buffers_.ring.at(id), first_ + i, x);
      if (has(stage_.windows)) store_to_history(builder_, buffers_.history.at(id), first_ + i, x);
      for (const int c : stage_.outputs) {
        if (g_.outputs()[at(c)].node == id) builder_.store(buffers_.output.at(c), i, x);
      }
    });
  }
}

/// Lanes are outputs; a column of the matrix is read once for all ticks of the block.
void HopKernel::write_linear(int id) {
  const Node& node = g_[id];
  const int x = node.inputs[0];
  const Shape &from = g_[x].type.shape, &to = node.type.shape;
  const std::int64_t inputs = from.extent[at(from.rank - 1)], outputs = to.extent[at(to.rank - 1)];
  const std::int64_t leads = elements(x) / inputs;
  const int matrix = buffers_.matrix.at(id);
  const Value columns = whole(builder_, (outputs + ir::padding - 1) / ir::padding * ir::padding);
  std::vector<Row> rows;
  for (int g = 0; g < group_; ++g) {
    at_tick(whole(builder_, g));
    rows.push_back(row(x));
  }
  const auto product = [&](Value lead) {
    builder_.loop(whole(builder_, 0), whole(builder_, outputs), true, [&](Value o) {
      std::vector<ir::Local> sums;
      for (int g = 0; g < group_; ++g) sums.push_back(builder_.local("sum", builder_.number({Scalar::f32, true}, 0)));
      builder_.loop(whole(builder_, 0), whole(builder_, inputs), false, [&](Value i) {
        const Value weight = builder_.load(matrix, i * columns + o, true);
        const Value place = leads == 1 ? i : lead * whole(builder_, inputs) + i;
        for (std::size_t g = 0; g < rows.size(); ++g) {
          const Value one = builder_.load(rows[g].buffer, rows[g].back ? rows[g].base - place : rows[g].base + place, false);
          sums[g].set(sums[g].get() + builder_.broadcast(one) * weight);
        }
      });
      for (int g = 0; g < group_; ++g) {
        const Value base = whole(builder_, g * stride(id)) + (leads == 1 ? o : lead * whole(builder_, outputs) + o);
        builder_.store(scratch_.at(id), base, sums[at(g)].get());
      }
    });
  };
  if (leads == 1) return product({});
  builder_.loop(whole(builder_, 0), whole(builder_, leads), false, product);
}

/// Sums over some axes, an element at a time.
void HopKernel::write_contract(int id) {
  const int x = g_[id].inputs[0];
  const int table = buffers_.index_table(broadcast_index(g_[id].type.shape, g_[x].type.shape));
  const Row from = row(x), to = row(id);
  builder_.loop(whole(builder_, 0), whole(builder_, elements(id)), false, [&](Value e) {
    builder_.store(to.buffer, to.base + e, builder_.number({Scalar::f32, false}, 0));
  });
  builder_.loop(whole(builder_, 0), whole(builder_, elements(x)), false, [&](Value e) {
    const Value target = to.base + builder_.load(table, e, false);
    const Value addend = builder_.load(from.buffer, from.back ? from.base - e : from.base + e, false);
    builder_.store(to.buffer, target, builder_.load(to.buffer, target, false) + addend);
  });
}

/// Adds frames to the sums of this frame and the coming ones; in reversed time the last element belongs to this frame.
void HopKernel::write_add(int id) {
  const std::int64_t size = g_[id].attributes.size;
  const Row from = row(g_[id].inputs[0]);
  const int sums = buffers_.added.at(id);
  const Value margin = whole(builder_, sums_margin);
  builder_.loop(whole(builder_, 0), whole(builder_, size), true, [&](Value e) {
    Value x = from.back ? builder_.load_back(from.buffer, from.base - e) : builder_.load(from.buffer, from.base + e, true);
    if (size % ir::padding != 0)
      x = select(builder_.broadcast(e) + builder_.lane() < builder_.broadcast(whole(builder_, size)), x, 0.0);
    if (backward_) {
      const Value to = margin + local_ + whole(builder_, size - 1) - e;
      builder_.store_back(sums, to, builder_.load_back(sums, to) + x);
    } else {
      const Value to = margin + local_ + e;
      builder_.store(sums, to, builder_.load(sums, to, true) + x);
    }
  });
}

/// A value that lies in rows, for later stages and the host.
void HopKernel::write_copy(int id) {
  const std::int64_t count = elements(id);
  const Row from = row(id);
  const Value width = whole(builder_, stride(id));
  const auto put = [&](Value e, Value x) {
    if (const auto crossing = buffers_.crossing.find(id); crossing != buffers_.crossing.end())
      builder_.store(crossing->second, in_time_ * width + e, x);
    for (const int c : stage_.outputs) {
      if (g_.outputs()[at(c)].node == id) builder_.store(buffers_.output.at(c), in_time_ * width + e, x);
    }
  };
  if (count == 1) return put(whole(builder_, 0), builder_.load(from.buffer, from.base, false));
  builder_.loop(whole(builder_, 0), whole(builder_, count), true, [&](Value e) {
    put(e, from.back ? builder_.load_back(from.buffer, from.base - e) : builder_.load(from.buffer, from.base + e, true));
  });
}

}  // namespace dgen::lower
