#pragma once
// Which steps a stage on ticks goes through: work over the ticks and elements in loops of its own.

#include <cstdint>
#include <map>
#include <vector>

#include "schedule/schedule.h"

namespace dgen::lower {

/// One step. A new form has its place in `form_of`, in the switch of row_kernel.cpp, and a file of its own.
struct RowStep {
  enum class Form {
    elements,  ///< element by element, of several nodes with as many elements
    linear,
    linear_once,  ///< of control values
    outer,
    outer_sum,  ///< a sum over time of an outer product that nobody else needs
    contract,
    add,   ///< overlapping frames
    copy,  ///< of rows to later stages and the host
  };
  Form form = Form::elements;
  std::int64_t count = 1;  ///< elements: of every node
  std::vector<int> nodes{};
  std::vector<int> sums{};  ///< elements: contracts to one number of nodes of this step, or of earlier ones
};

struct RowPlan {
  std::vector<RowStep> steps;
  std::map<int, int> step_of;  ///< by node; without windows, whose elements are where the past is kept
};

RowPlan plan_rows(const Graph& graph, const schedule::Stage& stage);

/// Element by element from inputs of as many elements, or of fewer that are broadcast.
bool is_element_wise(const Graph& graph, int id);

/// The sum of all elements.
bool is_full_sum(const Graph& graph, int id);

inline std::int64_t elements_of(const Graph& graph, int id) { return graph[id].type.shape.elements(); }

}  // namespace dgen::lower
