#pragma once
// Short rows of control clock, in double: what phases and coefficients of voices are made of.

#include "lower/buffers.h"
#include "schedule/exact_rows.h"

namespace dgen::lower {

/// The kernel of a stage that `runs_in_double`. Makes Buffers::control_row, and Buffers::exact_row beside it.
ir::Function write_exact_rows(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers,
                              ir::Module& module);

/// Element e, in double, of a row that rests: a tensor, a parameter or a control value with a shape.
ir::Value exact_element(const Graph& graph, Buffers& buffers, ir::Builder& builder, int id, ir::Value e);

}  // namespace dgen::lower
