#include "passes/merge_equal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <tuple>

namespace dgen::passes {

namespace {

/// The numbers of a tensor are compared, not where they lie.
using Key = std::tuple<const OpDef*, std::vector<int>, std::uint64_t, std::int64_t, Bound, bool, std::int32_t,
                       std::array<std::int32_t, 8>, std::vector<double>, std::vector<std::int32_t>, const void*, const void*,
                       const void*>;

Key key_of(const Node& node, std::span<const int> inputs) {
  std::vector<int> x(inputs.begin(), inputs.end());
  if (node.op->commutative) std::sort(x.begin(), x.end());
  const Attributes& a = node.attributes;
  std::array<std::int32_t, 8> shape{a.axis, a.shape.rank};
  std::copy(a.shape.extent.begin(), a.shape.extent.end(), shape.begin() + 2);
  const bool by_content = node.op->kind == Kind::tensor;
  return {node.op,
          std::move(x),
          std::bit_cast<std::uint64_t>(a.value),
          a.size,
          a.bound,
          a.reversed,
          a.hop,
          shape,
          by_content ? *a.table : std::vector<double>{},
          a.map ? *a.map : std::vector<std::int32_t>{},
          by_content ? nullptr : a.table.get(),
          a.recurrence.get(),
          a.rule.get()};
}

bool may_merge(Kind kind) {
  switch (kind) {
    case Kind::pointwise:
    case Kind::delay:
    case Kind::gather:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::reduce:
    case Kind::tensor:
    case Kind::window:
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::linear:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:
    case Kind::line_read:
    case Kind::result: return true;
    case Kind::constant:
    case Kind::param:
    case Kind::input:
    case Kind::table:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::state:
    case Kind::argument:
    case Kind::composite: return false;
  }
  return false;
}

}  // namespace

Rewritten merge_equal(const Graph& graph, std::span<const int>) {
  std::map<Key, int> known;
  return rewrite(graph, {}, [&](Graph& out, const Node& node, std::span<const int> inputs) -> Signal {
    if (!may_merge(node.op->kind)) return {};
    const auto [found, fresh] = known.try_emplace(key_of(node, inputs), out.size());
    if (!fresh) return {&out, found->second};
    const Signal made = out.copy(node, inputs);
    found->second = made.id;
    return made;
  });
}

}  // namespace dgen::passes
