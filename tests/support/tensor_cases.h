#pragma once
// Every op on tensors in a small use, for the suites that compare values, gradients and compiled code.

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen::testing {

struct TensorCase {
  std::string_view name;
  std::vector<Shape> shapes;  ///< of the inputs
  std::function<Signal(std::span<const Signal>)> make;
  bool differentiable = true;
};

const std::vector<TensorCase>& tensor_cases();

/// Inputs of these shapes at the ticks of `hop`, each made of a host channel and a parameter of its own.
std::vector<Signal> tick_inputs(Graph& g, std::span<const Shape> shapes, std::int64_t hop);

/// Fixed numbers that differ from element to element.
Signal weights(Graph& g, const Shape& shape);

}  // namespace dgen::testing
