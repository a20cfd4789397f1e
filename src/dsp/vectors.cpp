#include "dgen/vectors.h"

#include <string>
#include <vector>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/views.h"
#include "dsp/interpolate.h"
#include "graph/describe.h"

namespace dgen {

namespace {

void check_values(std::span<const Signal> values, const std::string& op) {
  if (values.empty()) throw Error(ErrorCode::bad_value, op + ": there are no values");
  for (std::size_t k = 0; k < values.size(); ++k) {
    const Signal value = values[k];
    const std::string which = op + ": value " + std::to_string(k + 1);
    if (!value) throw Error(ErrorCode::bad_value, which + " is an empty signal; it was never assigned");
    if (value.graph != values[0].graph)
      throw Error(ErrorCode::mixed_graphs, which + ", " + describe(*value.graph, value.id) + ", belongs to another graph");
    const Type& type = (*value.graph)[value.id].type;
    if (type.dtype == DType::signal && type.shape.rank == 0) continue;
    throw Error(ErrorCode::bad_type,
                which + ", " + describe(*value.graph, value.id) + ", is a " + to_string(type) + "; every value is one number");
  }
}

}  // namespace

Signal stack(std::span<const Signal> values) {
  check_values(values, "stack");
  return stack(values, 0);
}

Signal lookup(std::span<const Signal> values, Signal index, Bound bound, int order) {
  check_values(values, "lookup");
  if (!index) throw Error(ErrorCode::bad_value, "lookup: the index is an empty signal; it was never assigned");
  if (order != 0 && order != 1 && order != 3)
    throw Error(ErrorCode::bad_value,
                "lookup: the order must be 0 (none), 1 (linear) or 3 (cubic), got " + std::to_string(order));
  Graph& g = *values[0].graph;
  const Graph::Scope scope(g, "lookup");
  const auto size = static_cast<double>(values.size());
  return dsp::interpolate(order, index, [&](Signal k) {
    if (bound == Bound::clip) k = clamp(k, 0.0, size - 1);
    if (bound == Bound::wrap) k = wrap(k, 0.0, size);
    Signal element{};
    for (std::size_t j = 0; j < values.size(); ++j) {
      const Signal part = select(eq(k, static_cast<double>(j)), values[j], 0.0);
      element = element ? element + part : part;
    }
    return element;
  });
}

std::vector<Signal> param_list(Graph& graph, std::string_view name, std::span<const double> contents, const ParamOptions& options,
                               const char* file, int line) {
  std::vector<Signal> values;
  for (std::size_t k = 0; k < contents.size(); ++k)
    values.push_back(graph.param(std::string(name) + "[" + std::to_string(k) + "]", contents[k], options, file, line));
  return values;
}

Signal param_vector(Graph& graph, std::string_view name, std::span<const double> contents, const ParamOptions& options,
                    const char* file, int line) {
  return stack(param_list(graph, name, contents, options, file, line));
}

}  // namespace dgen
