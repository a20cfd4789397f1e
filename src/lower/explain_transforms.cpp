#include <map>

#include "lower/row_plan.h"

namespace dgen::lower {

namespace {

/// What a step's transforms are called, how many there are aside.
std::string form_of_transform(const Graph& g, const RowStep& step) {
  const Node& node = g[step.nodes.front()];
  const std::string size = std::to_string(node.attributes.size), bins = std::to_string(node.attributes.size / 2 + 1);
  switch (step.form) {
    case RowStep::Form::sliding:
      return "spectra of " + size + " frames slide: " + bins +
             " bins side by side, each from that of the frame before, anew in every sub-block";
    case RowStep::Form::sliding_add: return "frames of " + size + " are gathered by sliding sums: " + bins + " bins side by side";
    case RowStep::Form::fft:
      return "Fourier transforms of " + size + ": " +
             (transforms_across(g, step.nodes.front()) ? std::to_string(side_by_side) + " windows side by side"
                                                       : "bins side by side, window by window");
    case RowStep::Form::elements:
    case RowStep::Form::linear:
    case RowStep::Form::linear_once:
    case RowStep::Form::outer:
    case RowStep::Form::outer_sum:
    case RowStep::Form::contract:
    case RowStep::Form::view:
    case RowStep::Form::view_sum:
    case RowStep::Form::matmul:
    case RowStep::Form::cumulate:
    case RowStep::Form::extremum:
    case RowStep::Form::take:
    case RowStep::Form::scatter_add:
    case RowStep::Form::window:
    case RowStep::Form::hold:
    case RowStep::Form::recur:
    case RowStep::Form::add:
    case RowStep::Form::copy: break;
  }
  return {};
}

}  // namespace

std::string explain_transforms(const Graph& graph, const schedule::Stage& stage, ir::Run run) {
  if (stage.order != schedule::Order::ticks) return {};
  std::map<std::string, int> counts;
  for (const RowStep& step : plan_rows(graph, stage, run).steps) {
    if (const std::string form = step.nodes.empty() ? "" : form_of_transform(graph, step); !form.empty()) ++counts[form];
  }
  std::string text;
  for (const auto& [form, count] : counts) text += "; " + (count > 1 ? std::to_string(count) + " times " : "") + form;
  return text;
}

}  // namespace dgen::lower
