#include "dsp/state.h"

#include <array>

#include "dgen/tensor.h"
#include "dgen/time.h"

namespace dgen::dsp {

Shape shape_of(std::span<const Signal> x) {
  Shape shape;
  for (const Signal one : x) {
    const Type& type = (*one.graph)[one.id].type;
    if (type.dtype == DType::signal) shape = broadcast(shape, type.shape);
  }
  return shape;
}

Signal state_of(Graph& graph, std::span<const Signal> x) {
  const Shape shape = shape_of(x);
  const Signal zero = graph.constant(0);
  return ops::cell(shape.rank == 0 ? zero : expand(zero, shape));
}

Signal state_of(Signal x, Signal initial) {
  const std::array both{x, initial};
  const Shape shape = shape_of(both);
  return ops::cell(shape == shape_of(std::span(both).last(1)) ? initial : expand(initial, shape));
}

}  // namespace dgen::dsp
