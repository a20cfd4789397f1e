#include "passes/tensor_gradients.h"

#include <array>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "graph/tensor_elements.h"

namespace dgen::passes {

namespace {

using Map = std::vector<std::int32_t>;

class Rule {
 public:
  Rule(Graph& graph, int id, Signal dy, const std::vector<bool>& active, Adjoints& adjoints)
      : g_(graph), id_(id), node_(graph[id]), dy_(dy), active_(active), adjoints_(adjoints) {}

  void view() {
    std::int32_t first = 0;  // of this input's elements
    for (const int x : node_.inputs) {
      const Shape shape = g_[x].type.shape;
      const auto count = static_cast<std::int32_t>(shape.elements());
      if (active_[at(x)]) {
        Map map;
        for (const std::int32_t e : *node_.attributes.map) map.push_back(e >= first && e < first + count ? e - first : -1);
        adjoints_.add(x, view_back(dy_, map, shape), node_.type, guard_back(map, shape));
      }
      first += count;
    }
  }

  /// Each element was added to one place: its adjoint is that of the place.
  void view_sum() {
    const Shape shape = g_[node_.inputs[0]].type.shape;
    const Signal guard = adjoints_.guard(id_);
    const Signal used = guard && is_shaped(guard) ? mapped(ops::view, in_shape(guard), *node_.attributes.map, shape) : guard;
    adjoints_.add(node_.inputs[0], mapped(ops::view, dy_, *node_.attributes.map, shape), node_.type, used);
  }

  /// C = A B: dA = dC B', dB = A' dC.
  void matmul() {
    const int a = node_.inputs[0], b = node_.inputs[1];
    const bool left = node_.attributes.size & 1, right = node_.attributes.size & 2;  // transposed
    const auto product = [&](Signal x, bool x_transposed, Signal y, bool y_transposed) {
      const bool turns = y_transposed && g_[y.id].type.clock < node_.type.clock;  // once, not at every tick
      const std::array inputs{x, turns ? turned(y) : y};
      y_transposed = y_transposed && !turns;
      return g_.add(ops::matmul, inputs, {.size = (x_transposed ? 1 : 0) + (y_transposed ? 2 : 0)}, node_.origin);
    };
    if (active_[at(a)]) add(a, left ? product(signal(b), right, dy_, true) : product(dy_, false, signal(b), !right));
    if (active_[at(b)]) add(b, right ? product(dy_, true, signal(a), left) : product(signal(a), !left, dy_, false));
  }

  /// y[i] = x[i] + a[i] y[i-1]: the adjoint of x is l[i] = dy[i] + a[i+1] l[i+1], that of a[i] is l[i] y[i-1].
  void cumulate() {
    const int x = node_.inputs[0], a = node_.inputs[1];
    const bool from_end = node_.attributes.size == 1;
    const Attributes made{.size = from_end ? 0 : 1, .axis = node_.attributes.axis};
    const std::array inputs{dy_, neighbour(signal(a), from_end ? -1 : 1)};
    const Signal later = g_.add(ops::cumulate, inputs, made, node_.origin);
    if (active_[at(x)]) add(x, later);
    if (active_[at(a)]) add(a, later * neighbour(signal(id_), from_end ? 1 : -1));
  }

  void take() {
    const int x = node_.inputs[0];
    const std::int32_t size = g_[x].type.shape.extent[at(node_.attributes.axis)];
    const Attributes made{.size = size, .bound = node_.attributes.bound, .axis = node_.attributes.axis};
    if (active_[at(x)]) add(x, g_.add(ops::scatter_add, std::array{dy_, signal(node_.inputs[1])}, made, node_.origin));
  }

  void scatter_add() {
    const int x = node_.inputs[0];
    const Attributes made{.bound = node_.attributes.bound, .axis = node_.attributes.axis};
    const Shape shape = g_[x].type.shape;
    Signal index = signal(node_.inputs[1]);
    if (g_[index.id].type.shape.rank < shape.rank) index = expand(index, shape);
    if (active_[at(x)]) add(x, g_.add(ops::take, std::array{dy_, index}, made, node_.origin));
  }

 private:
  Signal signal(int id) { return {&g_, id}; }
  bool is_shaped(Signal x) const { return g_[x.id].type.shape.rank > 0; }
  Signal in_shape(Signal guard) { return expanded(guard, node_.type.shape, node_.type); }

  /// A condition for the whole value carries over; one for elements does not where each input goes into many.
  void add(int input, Signal contribution) {
    const Signal guard = adjoints_.guard(id_);
    adjoints_.add(input, contribution, node_.type, guard && !is_shaped(guard) ? guard : Signal{});
  }

  /// The transpose of matrices.
  Signal turned(Signal x) {
    Shape shape = g_[x.id].type.shape;
    const std::int32_t rows = shape.extent[at(shape.rank - 2)], columns = shape.extent[at(shape.rank - 1)];
    std::swap(shape.extent[at(shape.rank - 2)], shape.extent[at(shape.rank - 1)]);
    Map map;
    for (std::int32_t first = 0; first < shape.elements(); first += rows * columns) {
      for (std::int32_t e = 0; e < rows * columns; ++e) map.push_back(first + e % rows * columns + e / rows);
    }
    return mapped(ops::view, x, map, shape);
  }

  Signal mapped(const OpDef& op, Signal x, const Map& map, const Shape& shape) {
    const Attributes made{.name = node_.path + "/adjoint", .shape = shape, .map = std::make_shared<const Map>(map)};
    return g_.add(op, std::span(&x, 1), made, node_.origin);
  }

  /// Where no two elements come from one, the adjoint of a view is the view back.
  Signal view_back(Signal x, const Map& map, const Shape& shape) {
    Map back(static_cast<std::size_t>(shape.elements()), -1);
    bool once = true;
    for (std::size_t e = 0; e < map.size(); ++e) {
      if (map[e] < 0) continue;
      once = once && back[at(map[e])] < 0;
      back[at(map[e])] = static_cast<std::int32_t>(e);
    }
    return once ? mapped(ops::view, x, back, shape) : mapped(ops::view_sum, x, map, shape);
  }

  /// An element is used where any that is a view of it is.
  Signal guard_back(const Map& map, const Shape& shape) {
    const Signal guard = adjoints_.guard(id_);
    return guard && is_shaped(guard) ? gt(view_back(in_shape(guard), map, shape), 0.0) : guard;
  }

  /// Element k of the result is element k + step along the axis, 0 beyond the ends.
  Signal neighbour(Signal x, std::int64_t step) {
    const Shape shape = g_[x.id].type.shape;
    const int behind = node_.type.shape.rank - node_.attributes.axis;  // x may lack leading axes
    if (behind > shape.rank) return x;
    if (shape.extent[at(shape.rank - behind)] == 1 && x.id != id_) return x;  // the same for all
    const Along along(shape, shape.rank - behind);
    Map map;
    for (std::int64_t e = 0; e < shape.elements(); ++e) {
      const std::int64_t k = e / along.inner % along.extent + step;
      map.push_back(k < 0 || k >= along.extent ? -1 : static_cast<std::int32_t>(e + step * along.inner));
    }
    return mapped(ops::view, x, map, shape);
  }

  Graph& g_;
  const int id_;
  const Node node_;  // a copy: the graph grows
  const Signal dy_;
  const std::vector<bool>& active_;
  Adjoints& adjoints_;
};

}  // namespace

void tensor_gradients(Graph& graph, int id, Signal dy, const std::vector<bool>& active, Adjoints& adjoints) {
  Rule rule(graph, id, dy, active, adjoints);
  const Kind kind = graph[id].op->kind;
  if (kind == Kind::view) return rule.view();
  if (kind == Kind::view_sum) return rule.view_sum();
  if (kind == Kind::matmul) return rule.matmul();
  if (kind == Kind::cumulate) return rule.cumulate();
  if (kind == Kind::take) return rule.take();
  check(kind == Kind::scatter_add, "an op that relates the elements of tensors");
  rule.scatter_add();
}

}  // namespace dgen::passes
