// Loops over values with shapes in which elements do not meet: a work item takes one element through the frames.

#include "base/index.h"
#include "lower/access.h"
#include "lower/device_kernel.h"
#include "lower/frame_kernel.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// One element of a recurrence.
class ElementLoop {
 public:
  ElementLoop(const Graph& g, int recur, DeviceBuffers& buffers, ir::Builder& builder, Value e)
      : g_(g), recur_(recur), recurrence_(*g[recur].attributes.recurrence), body_(*recurrence_.body), buffers_(buffers),
        b_(builder), e_(e) {}

  /// given(k): input k of the recur.
  template <class Given>
  void begin(Value position, bool backward, Given given) {
    for (std::size_t k = 0; k < recurrence_.states.size(); ++k) {
      Value first = b_.load(buffer(k), e_, false);
      if (!backward) first = ir::select(position == like(position, 0), given(recurrence_.states[k].initial), first);
      states_.push_back(b_.local("s" + std::to_string(k), first));
    }
  }

  template <class Given>
  std::vector<Value> tick(Given given) {
    std::vector<Value> value(at(body_.size()));
    for (int id = 0; id < body_.size(); ++id) value[at(id)] = compute(id, value, given);
    std::vector<Value> results;
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
  Value compute(int id, const std::vector<Value>& value, Given given) {
    const Node& node = body_[id];
    switch (node.op->kind) {
      case Kind::constant: return b_.number({Scalar::f32, false}, node.attributes.value);
      case Kind::tensor: return b_.load(tensor(node), node.type.shape.elements() == 1 ? whole(b_, 0) : e_, false);
      case Kind::argument: return given(static_cast<int>(node.attributes.size));
      case Kind::state: return states_[static_cast<std::size_t>(node.attributes.size)].get();
      default: break;
    }
    std::vector<Value> x;
    for (const int input : node.inputs) x.push_back(value[at(input)]);
    return node.op->kind == Kind::pointwise ? lower_pointwise(*node.op, b_, x) : x[0];
  }

  int tensor(const Node& node) { return buffers_.constant_row(*node.attributes.table); }

  const Graph& g_;
  const int recur_;
  const Recurrence& recurrence_;
  const Graph& body_;
  DeviceBuffers& buffers_;
  ir::Builder& b_;
  const Value e_;
  std::vector<ir::Local> states_;
};

}  // namespace

void DeviceKernel::write_row_loops() {
  each_loop([this](int recur) {
    element_ = item_;
    const auto given = [&](int k) { return of(g_[recur].inputs[at(k)]); };
    prepare(recur);
    go_to(whole(builder_, 0));
    ElementLoop loop(g_, recur, buffers_, builder_, item_);
    loop.begin(position_, backward_, given);
    builder_.loop(whole(builder_, 0), frames_, false, [&](Value i) {
      go_to(i);
      set_results(recur, loop.tick(given));
      store_tick();
    });
    loop.end();
  });
}

}  // namespace dgen::lower
