#include "dgen/vectors.h"

#include <string>
#include <vector>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "graph/describe.h"

namespace dgen {

namespace {

/// 1 at `index`, else 0: [size].
Signal unit_vector(Graph& g, std::size_t index, std::size_t size) {
  std::vector<double> values(size, 0.0);
  values[index] = 1;
  return tensor(g, values, extents({static_cast<std::int32_t>(size)}));
}

}  // namespace

Signal stack(std::span<const Signal> values) {
  if (values.empty()) throw Error(ErrorCode::bad_value, "stack: there are no values");
  if (!values[0]) throw Error(ErrorCode::bad_value, "stack: value 1 is an empty signal; it was never assigned");
  Graph& g = *values[0].graph;
  const Graph::Scope scope(g, "stack");
  Signal vector{};
  for (std::size_t k = 0; k < values.size(); ++k) {
    // A product checks that the value is a signal of this graph.
    const Signal part = values[k] * unit_vector(g, k, values.size());
    if (g[values[k].id].type.shape.rank != 0) {
      throw Error(ErrorCode::bad_type, "stack: " + describe(g, values[k].id) + " is a " + to_string(g[values[k].id].type) +
                                           "; every value is one number");
    }
    vector = vector ? vector + part : part;
  }
  return vector;
}

Signal param_vector(Graph& graph, std::string_view name, std::span<const double> contents, const ParamOptions& options,
                    const char* file, int line) {
  std::vector<Signal> values;
  for (std::size_t k = 0; k < contents.size(); ++k)
    values.push_back(graph.param(std::string(name) + "[" + std::to_string(k) + "]", contents[k], options, file, line));
  return stack(values);
}

}  // namespace dgen
