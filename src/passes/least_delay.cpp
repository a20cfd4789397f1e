#include "passes/least_delay.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/index.h"
#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"

namespace dgen::passes {

namespace {

double lesser(double a, double b) { return std::min(a, b); }
double greater(double a, double b) { return std::max(a, b); }
double whole_below(double x) { return std::floor(x); }
double whole_above(double x) { return std::ceil(x); }
Signal lesser(Signal a, Signal b) { return min(a, b); }
Signal greater(Signal a, Signal b) { return max(a, b); }
Signal whole_below(Signal x) { return floor(x); }
Signal whole_above(Signal x) { return ceil(x); }

/// A range whose ends are numbers, or signals of control clock.
template <class Number>
struct Range {
  Number low, high;
};

/// Ranges of nodes, from `resting`: that of a node that does not change within a call, or none to look at what it is made of.
template <class Number>
class RangeFinder {
 public:
  using Found = std::optional<Range<Number>>;
  using Resting = std::function<Found(int id)>;

  /// clips: whether a clip of what is not known says something of it.
  RangeFinder(const Graph& g, const std::vector<int>& alias, Resting resting, std::function<Number(double)> number,
              bool clips = true)
      : g_(g), alias_(alias), resting_(std::move(resting)), number_(std::move(number)), clips_(clips) {}

  Found of(int given) {
    const int id = alias_[at(given)];
    const auto [known, fresh] = known_.try_emplace(id);  // none while its own loop is looked at
    if (!fresh) return known->second;
    Found found = resting_(id);
    if (!found) found = made_by(g_[id]);
    return known_[id] = found;
  }

 private:
  using R = Range<Number>;

  Found made_by(const Node& node) {
    if (node.op->kind == Kind::noise) return within(-1, 1);
    if (node.op->kind == Kind::cell && node.feedback >= 0) return either(of(node.inputs[0]), of(node.feedback));
    if (node.op->kind != Kind::pointwise) return {};
    if (node.op == &ops::sin || node.op == &ops::cos || node.op == &ops::tanh) return within(-1, 1);
    if (node.op == &ops::fract) return within(0, 1);
    if (node.op == &ops::wrap) return wrapped(of(node.inputs[1]), of(node.inputs[2]));
    if (node.op == &ops::clamp) return clamped(of(node.inputs[0]), of(node.inputs[1]), of(node.inputs[2]));
    if (node.op == &ops::select) return either(of(node.inputs[1]), of(node.inputs[2]));
    const Found a = of(node.inputs[0]);
    if (!a) return {};
    if (node.op == &ops::neg) return R{-a->high, -a->low};
    if (node.op == &ops::floor) return R{whole_below(a->low), whole_below(a->high)};
    if (node.op == &ops::ceil) return R{whole_above(a->low), whole_above(a->high)};
    if (node.op == &ops::abs) return R{number_(0), greater(a->high, -a->low)};
    if (node.inputs.size() != 2) return {};
    const Found b = of(node.inputs[1]);
    return b ? arithmetic(*node.op, *a, *b) : Found{};
  }

  Found arithmetic(const OpDef& op, const R& a, const R& b) const {
    if (&op == &ops::add) return R{a.low + b.low, a.high + b.high};
    if (&op == &ops::sub) return R{a.low - b.high, a.high - b.low};
    if (&op == &ops::min) return R{lesser(a.low, b.low), lesser(a.high, b.high)};
    if (&op == &ops::max) return R{greater(a.low, b.low), greater(a.high, b.high)};
    if (&op != &ops::mul) return {};
    const Number w = a.low * b.low, x = a.low * b.high, y = a.high * b.low, z = a.high * b.high;
    return R{lesser(lesser(w, x), lesser(y, z)), greater(greater(w, x), greater(y, z))};
  }

  Found within(double low, double high) const { return R{number_(low), number_(high)}; }

  Found either(const Found& a, const Found& b) const {
    if (!a || !b) return {};
    return R{lesser(a->low, b->low), greater(a->high, b->high)};
  }

  Found wrapped(const Found& low, const Found& high) const { return either(low, high); }

  Found clamped(const Found& x, const Found& low, const Found& high) const {
    if (!low || !high || (!x && !clips_)) return {};
    if (!x) return R{low->low, greater(low->high, high->high)};
    return R{greater(low->low, lesser(x->low, high->low)), greater(low->high, lesser(x->high, high->high))};
  }

  const Graph& g_;
  const std::vector<int>& alias_;
  const Resting resting_;
  const std::function<Number(double)> number_;
  const bool clips_;
  std::map<int, Found> known_;
};

}  // namespace

namespace {

/// `range_of`: of a parameter or an input; none where that is not known.
std::optional<Bounds> bounds(const Graph& g, const std::vector<int>& alias, int id,
                             const std::function<std::optional<Range<double>>(const Node& node)>& range_of, bool clips) {
  using Finder = RangeFinder<double>;
  Finder finder(
      g, alias,
      [&](int x) -> Finder::Found {
        const Node& node = g[x];
        if (node.op->kind == Kind::constant) return Range<double>{node.attributes.value, node.attributes.value};
        if (node.op->kind == Kind::sample_rate) return Range<double>{44100, 44100};
        return range_of(node);
      },
      [](double x) { return x; }, clips);
  const auto found = finder.of(id);
  if (!found || std::isnan(found->low) || std::isnan(found->high)) return {};
  return Bounds{found->low, found->high};
}

}  // namespace

std::optional<Bounds> bounds_of(const Graph& g, const std::vector<int>& alias, int id) {
  return bounds(
      g, alias, id,
      [](const Node& node) -> std::optional<Range<double>> {
        if (node.op->kind != Kind::param) return {};
        return Range<double>{node.attributes.param->min, node.attributes.param->max};
      },
      true);
}

std::optional<Bounds> usual_bounds_of(const Graph& g, const std::vector<int>& alias, int id) {
  return bounds(
      g, alias, id,
      [](const Node& node) -> std::optional<Range<double>> {
        if (node.op->kind == Kind::input) return Range<double>{-1, 1};
        if (node.op->kind != Kind::param) return {};
        return Range<double>{node.attributes.param->initial, node.attributes.param->initial};
      },
      false);
}

Signal least_signal(const Graph& g, const std::vector<int>& alias, int id, const std::function<Signal(int id)>& mapped) {
  using Finder = RangeFinder<Signal>;
  Graph& out = *mapped(id).graph;
  Finder finder(
      g, alias,
      [&](int x) -> Finder::Found {
        const Type& type = g[x].type;
        if (type.dtype != DType::signal || type.clock > Clock::control || type.shape.rank > 0) return {};
        return Range<Signal>{mapped(x), mapped(x)};
      },
      [&](double x) { return out.constant(x); });
  const auto found = finder.of(id);
  check(found.has_value(), "a delay that is known to be long has a bound at control rate");
  return found->low;
}

}  // namespace dgen::passes
