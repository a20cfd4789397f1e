#include "dsp/each_element.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dgen/error.h"
#include "dgen/tensor.h"
#include "dgen/views.h"
#include "dsp/state.h"
#include "graph/describe.h"

namespace dgen::dsp {

namespace {

constexpr std::int64_t most_elements = 1024;  // each is code of its own

bool is_number(Signal x) { return (*x.graph)[x.id].type.shape.rank == 0; }

void check_elements(const Graph& graph, std::span<const Signal> x, const Shape& shape) {
  if (shape.elements() <= most_elements) return;
  const Signal large = *std::find_if_not(x.begin(), x.end(), is_number);
  throw Error(ErrorCode::limit_exceeded, describe(graph, large.id) + ": a delay or a table is read for each of the " +
                                             std::to_string(shape.elements()) + " elements of " + to_string(shape) +
                                             "; it may be read for " + std::to_string(most_elements));
}

}  // namespace

Signal each_element(Graph& graph, std::span<const Signal> x, const std::function<Signal(std::span<const Signal>)>& of) {
  const Shape shape = shape_of(x);
  if (shape.rank == 0) return of(x);
  check_elements(graph, x, shape);
  const auto count = static_cast<std::int32_t>(shape.elements());
  std::vector<Signal> rows;
  for (const Signal one : x) rows.push_back(is_number(one) ? one : reshape(expand(one, shape), extents({count})));
  std::vector<Signal> made;
  for (std::int32_t e = 0; e < count; ++e) {
    std::vector<Signal> inputs;
    for (const Signal row : rows) inputs.push_back(is_number(row) ? row : element(row, 0, e));
    made.push_back(of(inputs));
  }
  return reshape(stack(made, 0), shape);
}

}  // namespace dgen::dsp
