#include "passes/lane_rows.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>

#include "base/index.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "passes/batch_coupled.h"
#include "passes/batch_isomorphic.h"

namespace dgen::passes {

namespace {

std::vector<int> ids_of(std::span<const Signal> signals) {
  std::vector<int> ids;
  for (const Signal s : signals) ids.push_back(s.id);
  return ids;
}

}  // namespace

Shape vector_shape(std::size_t count) { return extents({static_cast<std::int32_t>(count)}); }

LaneRows::LaneRows(const RecurBody& loop, const LaneOrder& order, Graph& body, Graph& out, std::span<const int> map)
    : loop_(loop), old_(loop.body), order_(order), body_(body), out_(out), map_(map), values_(order.classes.size()),
      class_of_(at(old_.size()), -1) {
  for (std::size_t c = 0; c < order.classes.size(); ++c) {
    for (const Lane& lane : order.classes[c].lanes) class_of_[at(lane.node)] = static_cast<int>(c);
  }
}

int LaneRows::give(Signal outer) {
  inputs_.push_back(outer.id);
  return static_cast<int>(inputs_.size()) - 1;
}

Signal LaneRows::argument(int outer) {
  const auto [known, fresh] = arguments_.try_emplace(outer, -1);
  if (fresh) {
    known->second = body_.typed(ops::argument, out_[outer].type, {.size = std::ssize(inputs_)}).id;
    inputs_.push_back(outer);
  }
  return signal(known->second);
}

Signal LaneRows::leaf(int id) {
  const Node& node = old_[id];
  if (node.op->kind == Kind::constant) return body_.constant(node.attributes.value);
  return argument(map_[at(loop_.given(id))]);
}

Signal LaneRows::as_number(Element x) { return x.index < 0 ? signal(x.signal) : gathered(std::array{x}, Shape{}); }

Element LaneRows::element(const Source& from, Element before, std::size_t lane) {
  if (from.node < 0) return {body_.constant(from.number).id, -1};
  if (loop_.is_leaf(from.node)) return {leaf(from.node).id, -1};
  const int c = class_of_[at(from.node)];
  if (c < 0) return {numbers_.at(from.node), -1};
  const std::vector<Element>& value = values_[at(c)];
  const std::vector<std::size_t>& places = order_.classes[at(c)].places.at(from.node);
  for (const std::size_t p : places) {
    if (before.index >= 0 && value[p] == Element{before.signal, before.index + 1}) return value[p];
  }
  for (const std::size_t p : places) {
    if (p % longest_vector == lane % longest_vector) return value[p];
  }
  return value[places.front()];
}

bool LaneRows::rests(const Source& from) const {
  return from.node < 0 || (loop_.is_leaf(from.node) && !loop_.leaf_moves(from.node));
}

Signal LaneRows::row(std::span<const Source> from) {
  if (std::ranges::all_of(from, [this](const Source& x) { return rests(x); })) return resting_row(from);
  std::vector<Element> elements;
  for (std::size_t k = 0; k < from.size(); ++k)
    elements.push_back(element(from[k], elements.empty() ? Element{} : elements.back(), k));
  return gathered(elements, vector_shape(from.size()));
}

Signal LaneRows::gathered(std::span<const Element> elements, const Shape& shape) {
  const Element first = elements.front();
  const bool same = std::ranges::all_of(elements, [&](const Element& x) { return x == first; });
  if (same && first.index < 0) return signal(first.signal);
  bool in_order = body_[first.signal].type.shape == shape;
  for (std::size_t k = 0; k < elements.size(); ++k)
    in_order = in_order && elements[k] == Element{first.signal, static_cast<int>(k)};
  if (in_order) return signal(first.signal);
  std::vector<Signal> inputs;
  std::map<int, std::int32_t> offset;
  std::int32_t total = 0;
  auto picked = std::make_shared<std::vector<std::int32_t>>();
  for (const Element& x : elements) {
    const Node& node = body_[x.signal];
    if (node.op->kind == Kind::constant && node.attributes.value == 0) {
      picked->push_back(-1);
      continue;
    }
    const auto [known, fresh] = offset.try_emplace(x.signal, total);
    if (fresh) {
      inputs.push_back(signal(x.signal));
      total += static_cast<std::int32_t>(node.type.shape.elements());
    }
    picked->push_back(known->second + std::max(x.index, 0));
  }
  const auto key = std::pair(std::vector<std::int32_t>(*picked), ids_of(inputs));
  if (const auto known = views_.find(key); known != views_.end() && shape.rank == 1) return signal(known->second);
  const Signal made = body_.add(ops::view, inputs, {.name = std::string(lanes_name), .shape = shape, .map = std::move(picked)});
  if (shape.rank == 1) views_[key] = made.id;
  return made;
}

Signal LaneRows::outer_number(const Source& from) {
  if (from.node < 0) return out_.constant(from.number);
  const Node& node = old_[from.node];
  return node.op->kind == Kind::constant ? out_.constant(node.attributes.value) : Signal{&out_, map_[at(loop_.given(from.node))]};
}

Signal LaneRows::resting_row(std::span<const Source> from) {
  std::vector<Signal> numbers;
  for (const Source& x : from) numbers.push_back(outer_number(x));
  const bool same = std::ranges::all_of(numbers, [&](Signal s) { return s.id == numbers[0].id; });
  if (!same) return argument(outer_row(numbers).id);
  const Node& node = out_[numbers[0].id];
  return node.op->kind == Kind::constant ? body_.constant(node.attributes.value) : argument(numbers[0].id);
}

Signal LaneRows::outer_row(const std::vector<Signal>& numbers) {
  const auto [known, fresh] = rows_.try_emplace(ids_of(numbers), -1);
  if (!fresh) return {&out_, known->second};
  const Shape shape = vector_shape(numbers.size());
  std::vector<double> values;
  for (const Signal s : numbers) {
    if (out_[s.id].op->kind == Kind::constant) values.push_back(out_[s.id].attributes.value);
  }
  if (values.size() == numbers.size()) {
    known->second = tensor(out_, values, shape).id;
  } else {
    auto order = std::make_shared<std::vector<std::int32_t>>(numbers.size());
    std::iota(order->begin(), order->end(), 0);
    known->second = out_.add(ops::view, numbers, {.name = std::string(batch_name), .shape = shape, .map = std::move(order)}).id;
  }
  return {&out_, known->second};
}

}  // namespace dgen::passes
