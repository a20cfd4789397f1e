#include "lower/control_rows.h"

#include <map>

#include "lower/access.h"
#include "lower/pointwise.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// Rows for the kernels that read this one, in both precisions.
void place(const Graph& g, Buffers& buffers, ir::Module& module, int id) {
  const std::string number = std::to_string(id);
  module.buffers.push_back({.name = "control" + number, .size = row_stride(g[id].type.shape)});
  buffers.control_row[id] = static_cast<int>(module.buffers.size()) - 1;
  module.buffers.push_back({.name = "exact" + number, .scalar = Scalar::f64, .size = g[id].type.shape.elements()});
  buffers.exact_row[id] = static_cast<int>(module.buffers.size()) - 1;
}

}  // namespace

Value exact_element(const Graph& g, Buffers& buffers, ir::Builder& b, int id, Value e) {
  if (const auto row = buffers.exact_row.find(id); row != buffers.exact_row.end()) return b.load(row->second, e, false);
  if (g[id].op->kind == Kind::tensor) return b.load(buffers.exact_constant(*g[id].attributes.table), e, false);
  const auto [buffer, first] = buffers.control_elements(g, id);
  return convert(Scalar::f64, b.load(buffer, whole(b, first) + e, false));
}

ir::Function write_exact_rows(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers,
                              ir::Module& module) {
  const Graph& g = *schedule.graph;
  for (const int id : stage.nodes) place(g, buffers, module, id);
  ir::Function function{.name = "control_rows",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = stage.why};
  ir::Builder b(module, function);
  std::map<int, Value> numbers;  // the same for every element
  for (const int id : stage.nodes) {
    for (const int x : g[id].inputs) {
      if (g[x].type.shape.rank > 0 || numbers.contains(x)) continue;
      numbers[x] = g[x].op->kind == Kind::constant ? b.number({Scalar::f64, false}, g[x].attributes.value)
                                                   : b.load(buffers.control, whole(b, buffers.control_slot.at(x)), false);
    }
  }
  b.loop(whole(b, 0), whole(b, g[stage.nodes[0]].type.shape.elements()), false, [&](Value e) {
    std::map<int, Value> value = numbers;
    for (const int id : stage.nodes) {
      std::vector<Value> x;
      for (const int input : g[id].inputs) {
        const auto [known, fresh] = value.try_emplace(input);
        if (fresh) known->second = exact_element(g, buffers, b, input, e);
        x.push_back(known->second);
      }
      value[id] = lower_pointwise(*g[id].op, b, x);
      b.store(buffers.exact_row.at(id), e, value[id]);
      b.store(buffers.control_row.at(id), e, convert(Scalar::f32, value[id]));
    }
  });
  return function;
}

}  // namespace dgen::lower
