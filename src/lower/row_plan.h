#pragma once
// Which steps a stage on ticks goes through: work over the ticks and elements in loops of its own.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ir/ir.h"
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
    fft,
    sliding,      ///< transforms of windows one frame apart
    sliding_add,  ///< overlapping frames of inverse transforms, one frame apart
    contract,
    view,
    view_sum,
    matmul,
    cumulate,
    extremum,
    take,
    scatter_add,
    window,  ///< of a value with a shape
    hold,    ///< of a value with a shape, over the frames of its tick
    recur,   ///< a loop over values with shapes whose elements meet, tick after tick
    add,     ///< overlapping frames
    copy,    ///< of rows to later stages and the host
  };
  Form form = Form::elements;
  std::int64_t count = 1;  ///< elements: of every node
  std::vector<int> nodes{};
  std::vector<int> sums{};  ///< elements: contracts to one number of nodes of this step, or of earlier ones
};

/// A view of elements that lie one behind another in a row: that row, from element `first` on.
struct RowPart {
  int of = -1;
  std::int64_t first = 0;
};

struct RowPlan {
  std::vector<RowStep> steps;
  std::map<int, RowPart> parts;  ///< by node: there is no step for them
  std::map<int, int> step_of;    ///< by node; without those that `lies_in_place`

  /// The node in whose row the elements of a node are.
  int origin(int id) const {
    for (auto part = parts.find(id); part != parts.end(); part = parts.find(id)) id = part->second.of;
    return id;
  }
};

/// Whether a step of elements has loops in it: it goes through the ticks of a block with a vector of elements at a time.
bool has_loops(const Graph& graph, const RowStep& step);

RowPlan plan_rows(const Graph& graph, const schedule::Stage& stage, ir::Run run);

/// How the Fourier transforms of a stage on ticks run, to be added to why it runs as it does; empty where it has none.
std::string explain_transforms(const Graph& graph, const schedule::Stage& stage, ir::Run run);

/// Element by element from inputs of as many elements, or of fewer that are broadcast.
bool is_element_wise(const Graph& graph, int id);

/// Whether no step computes a node of rows: its elements are where the past, or sums for coming frames, are kept.
bool lies_in_place(const Graph& graph, int id);

/// Whether every element of a loop over values with shapes is a loop by itself.
bool is_separate_loop(const Graph& graph, int recur);

/// Transforms of as many ticks run side by side, one in each lane.
inline constexpr std::int64_t side_by_side = ir::padding;
/// Whether a node is a Fourier transform that is short enough, on a clock with enough ticks, to run so.
bool transforms_across(const Graph& graph, int id);

/// The sum of all elements.
bool is_full_sum(const Graph& graph, int id);

inline std::int64_t elements_of(const Graph& graph, int id) { return graph[id].type.shape.elements(); }

}  // namespace dgen::lower
