#pragma once
// One element of a loop over values with shapes in which elements do not meet, frame after frame.

#include <string>
#include <vector>

#include "base/index.h"
#include "dgen/error.h"
#include "lower/access.h"
#include "lower/device_buffers.h"
#include "lower/pointwise.h"

namespace dgen::lower {

/// Whether what is of as many elements, or of one, as its input has the input's elements.
constexpr bool keeps_elements(Kind kind) { return kind == Kind::expand || kind == Kind::reshape || kind == Kind::contract; }

/// One element of a recurrence.
class ElementLoop {
 public:
  ElementLoop(const Graph& g, int recur, DeviceBuffers& buffers, ir::Builder& builder, ir::Value e)
      : g_(g), recur_(recur), recurrence_(*g[recur].attributes.recurrence), body_(*recurrence_.body), buffers_(buffers),
        b_(builder), e_(e) {}

  /// given(k): input k of the recur.
  template <class Given>
  void begin(ir::Value position, bool backward, Given given) {
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
      ir::Value first = b_.load(buffer(k), e_, false);
      if (!backward) first = ir::select(position == like(position, 0), given(recurrence_.states[k].initial), first);
      states_.push_back(b_.local("s" + std::to_string(k), first));
    }
  }

  /// From these states on.
  void begin(const std::vector<ir::Value>& first) {
    for (std::size_t k = 0; k < first.size(); ++k) states_.push_back(b_.local("s" + std::to_string(k), first[k]));
  }

  template <class Given>
  std::vector<ir::Value> tick(Given given) {
    std::vector<ir::Value> value(at(body_.size()));
    for (int id = 0; id < body_.size(); ++id) value[at(id)] = compute(id, value, given);
    std::vector<ir::Value> results;
    for (const int result : recurrence_.results) results.push_back(value[at(result)]);
    for (std::size_t k = 0; k < states_.size(); ++k) states_[k].set(value[at(recurrence_.states[k].next)]);
    return results;
  }

  void end() {
    for (std::size_t k = 0; k < states_.size(); ++k) b_.store(buffer(k), e_, states_[k].get());
  }

 private:
  int buffer(std::size_t k) const { return buffers_.state.at({recur_, static_cast<int>(k)}); }

  template <class Given>
  ir::Value compute(int id, const std::vector<ir::Value>& value, Given given) {
    const Node& node = body_[id];
    const Kind kind = node.op->kind;
    if (kind == Kind::constant) return b_.number({ir::Scalar::f32, false}, node.attributes.value);
    if (kind == Kind::tensor) return b_.load(tensor(node), node.type.shape.elements() == 1 ? whole(b_, 0) : e_, false);
    if (kind == Kind::argument) return given(static_cast<int>(node.attributes.size));
    if (kind == Kind::state) return states_[static_cast<std::size_t>(node.attributes.size)].get();
    std::vector<ir::Value> x;
    for (const int input : node.inputs) x.push_back(value[at(input)]);
    if (kind == Kind::pointwise) return lower_pointwise(*node.op, b_, x);
    check(keeps_elements(kind), "elements of a loop that are apart are computed, or stay where they are");
    return x[0];
  }

  int tensor(const Node& node) { return buffers_.constant_row(*node.attributes.table); }

  const Graph& g_;
  const int recur_;
  const Recurrence& recurrence_;
  const Graph& body_;
  DeviceBuffers& buffers_;
  ir::Builder& b_;
  const ir::Value e_;
  std::vector<ir::Local> states_;
};

}  // namespace dgen::lower
