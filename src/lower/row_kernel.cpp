#include "lower/row_kernel.h"

#include "ir/builder.h"
#include "lower/row_sliding.h"
#include "lower/row_steps.h"

namespace dgen::lower {

void write_step(RowContext& rows, const RowStep& step) {
  const int id = step.nodes.empty() ? -1 : step.nodes.front();
  const auto each_tick = [&](auto write, const auto& what) { rows.each_tick([&] { write(rows, what); }); };
  switch (step.form) {
    case RowStep::Form::elements:
      if (has_loops(rows.g, step)) return write_looped_elements_step(rows, step);
      return each_tick(step.count == 1 ? write_numbers_step : write_elements_step, step);
    case RowStep::Form::linear: return write_linear_step(rows, id);
    case RowStep::Form::linear_once: return write_linear_once_step(rows, id);
    case RowStep::Form::outer: return each_tick(write_outer_step, id);
    case RowStep::Form::outer_sum: return write_outer_sum_step(rows, id);
    case RowStep::Form::fft: return write_fft_step(rows, id);
    case RowStep::Form::sliding: return write_sliding_step(rows, id);
    case RowStep::Form::sliding_add: return write_sliding_add_step(rows, id);
    case RowStep::Form::contract: return each_tick(write_contract_step, id);
    case RowStep::Form::window: return each_tick(write_window_step, id);
    case RowStep::Form::hold: return each_tick(write_hold_step, id);
    case RowStep::Form::recur: return write_recur_step(rows, id);
    case RowStep::Form::view: return each_tick(write_view_step, id);
    case RowStep::Form::view_sum: return each_tick(write_view_sum_step, id);
    case RowStep::Form::matmul: return each_tick(write_matmul_step, id);
    case RowStep::Form::cumulate: return each_tick(write_cumulate_step, id);
    case RowStep::Form::extremum: return each_tick(write_extremum_step, id);
    case RowStep::Form::take: return each_tick(write_take_step, id);
    case RowStep::Form::scatter_add: return each_tick(write_scatter_add_step, id);
    case RowStep::Form::add: return each_tick(write_overlap_add_step, id);
    case RowStep::Form::copy: return write_copy_step(rows, id);
  }
}

ir::Function write_row_kernel(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers,
                              ir::Module& module, std::string name) {
  ir::Function function{.arguments = {{ir::Scalar::i32, false}, {ir::Scalar::i64, false}}};
  ir::Builder builder(module, function);
  RowContext rows(schedule, stage, buffers, module, builder);
  rows.ticks.begin();
  begin_held(rows);
  builder.loop(rows.whole(0), rows.ticks.blocks(), false, [&](ir::Value block) {
    rows.ticks.begin_block(block);
    for (const RowStep& step : rows.plan.steps) write_step(rows, step);
  });
  spread_held(rows);
  move_overlaps(rows);
  if (stage.order == schedule::Order::control_rows) function.when = ir::When::change;
  function.name = std::move(name);
  function.why = stage.why;
  return function;
}

}  // namespace dgen::lower
