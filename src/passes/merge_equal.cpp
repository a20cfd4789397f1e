#include "passes/merge_equal.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

namespace dgen::passes {

namespace {

using Key =
    std::tuple<const OpDef*, std::vector<int>, std::uint64_t, std::int64_t, Bound, bool, const void*, const void*, const void*>;

Key key_of(const Node& node, std::span<const int> inputs) {
  std::vector<int> x(inputs.begin(), inputs.end());
  if (node.op->commutative) std::sort(x.begin(), x.end());
  const Attributes& a = node.attributes;
  return {node.op,
          std::move(x),
          std::bit_cast<std::uint64_t>(a.value),
          a.size,
          a.bound,
          a.reversed,
          a.table.get(),
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
