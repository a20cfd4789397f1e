#include "dgen/batch.h"

#include <string>
#include <vector>

#include "base/index.h"
#include "dgen/axes.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "ops/axes.h"

namespace dgen {

namespace {

/// `shape` with the lanes in front.
Shape with_lanes(std::int32_t lanes, const Shape& shape, const std::string& what) {
  Shape made{.rank = shape.rank + 1};
  if (made.rank > static_cast<int>(made.extent.size()))
    throw Error(ErrorCode::bad_type,
                what + ": with the lanes the shape " + to_string(shape) + " would have more than 6 dimensions");
  made.extent[0] = lanes;
  for (int k = 0; k < shape.rank; ++k) made.extent[at(k + 1)] = shape.extent[at(k)];
  return made;
}

}  // namespace

Batch batch(Graph& graph, std::int64_t lanes) {
  constexpr std::int64_t most = 65536;
  if (lanes < 1 || lanes > most)
    throw Error(ErrorCode::bad_value, "batch: " + std::to_string(lanes) + " lanes; it must be 1 … " + std::to_string(most));
  return {graph, static_cast<std::int32_t>(lanes)};
}

Signal Batch::param(std::string_view name, const Initialiser& initial, const Shape& shape, const ParamOptions& options,
                    const char* file, int line) const {
  return graph_.param(name, with_lanes(lanes_, shape, "param '" + std::string(name) + "'"), initial, options, file, line);
}

Signal Batch::same(Operand x) const {
  const ops::TensorArgument from("same", x);
  return expand(from.signal, with_lanes(lanes_, from.shape, "same"));
}

int Batch::channel(int input, int lane) const { return input * lanes_ + lane; }

Signal Batch::input(int input, const char* file, int line) const {
  std::vector<Signal> each;
  for (int lane = 0; lane < lanes_; ++lane) each.push_back(graph_.input(channel(input, lane)));
  return stack(each, 0, file, line);
}

Signal Batch::windows(int input, std::int64_t size, std::int64_t hop, const char* file, int line) const {
  std::vector<Signal> each;
  for (int lane = 0; lane < lanes_; ++lane) each.push_back(window(graph_.input(channel(input, lane)), size, hop));
  return stack(each, 0, file, line);
}

Signal Batch::losses(Operand x, Reduction reduction) const {
  const ops::TensorArgument from("losses", x);
  if (from.shape.rank == 0 || from.shape.extent[0] != lanes_) {
    from.refuse(ErrorCode::bad_type,
                "the first axis of a value of this batch has its " + std::to_string(lanes_) + " lanes; `same` gives one to all");
  }
  if (reduction == Reduction::none)
    from.refuse(ErrorCode::bad_value, "a loss is one number for each lane; reduction is mean or sum");
  std::vector<int> axes;
  for (int k = 1; k < from.shape.rank; ++k) axes.push_back(k);
  const bool averages = reduction == Reduction::mean;
  const Signal each = averages ? mean(x, axes) : sum(x, axes);
  if (!moves(graph_[each.id].type)) return each;
  return averages ? time_mean(each) : ops::time_sum(each);
}

Signal Batch::total(Operand losses) const { return sum(losses, 0); }

}  // namespace dgen
