// Coefficients of skewed cascades, in double, when they change.

#include <map>
#include <utility>

#include "dgen/error.h"
#include "lower/access.h"
#include "lower/affine_map.h"
#include "lower/pointwise.h"
#include "lower/scan_powers.h"
#include "lower/skewed_cascade.h"
#include "lower/skewed_states.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;
using Values = std::vector<Value>;

namespace {

/// What a node of the body is where one of the values that change per frame is 1 and all others are 0.
class Response {
 public:
  Response(const Graph& body, ir::Builder& builder, int kept, int one) : body_(body), b_(builder), kept_(kept), one_(one) {}

  /// Only through what comes after `inputs`, which are 0 where they are not 1. No builder: 0.
  Value of(int id, const std::vector<int>& inputs) {
    if (id == one_) return b_.number({Scalar::f64}, 1);
    if (std::find(inputs.begin(), inputs.end(), id) != inputs.end()) return {};
    const Node& node = body_[id];
    if (node.op->kind == Kind::constant) return b_.number({Scalar::f64}, node.attributes.value);
    if (node.op->kind == Kind::argument) return b_.load(kept_, whole(b_, node.attributes.size), false);
    if (const auto known = value_.find(id); known != value_.end()) return known->second;
    return value_[id] = computed(node, inputs);
  }

 private:
  Value computed(const Node& node, const std::vector<int>& inputs) {
    Values x;
    bool heard = node.type.clock <= Clock::control;
    for (const int input : node.inputs) {
      x.push_back(of(input, inputs));
      heard = heard || (x.back().builder && body_[input].type.clock > Clock::control);
    }
    if (!heard) return {};
    for (Value& one : x) one = one.builder ? one : b_.number({Scalar::f64}, 0);
    return lower_pointwise(*node.op, b_, x);
  }

  const Graph& body_;
  ir::Builder& b_;
  const int kept_, one_;
  std::map<int, Value> value_;
};

class SkewedCoefficients {
 public:
  SkewedCoefficients(ir::Builder& builder, const Recurrence& recurrence, const Cascade& system, const SkewedBuffers& buffers)
      : b_(builder), recurrence_(recurrence), system_(system), buffers_(buffers), row_(*cascade_row(recurrence, system)),
        places_(system) {}

  void write() {
    for (std::size_t s = 0; s < system_.sections.size(); ++s) take_section(s);
    for (std::int64_t s = places_.sections; s < places_.padded(); ++s) keep(d0, s, number(1));
    b_.loop(whole(b_, 0), whole(b_, skewed_places), true, [&](Value i) { write_places(i); });
    begin_block_at_own_states(b_, system_, buffers_);
  }

 private:
  Value number(double x) const { return b_.number({Scalar::f64}, x); }

  void keep(SectionNumber what, std::int64_t section, Value x) {
    b_.store(buffers_.numbers, whole(b_, what * skewed_places + places_.of(section)), x);
  }

  /// The state nodes of a section, as the body names them, and its input.
  std::vector<int> inputs_of(std::size_t s) const {
    std::vector<int> made{row_.input[s]};
    for (std::size_t k = 0; k < system_.sections[s].states; ++k)
      made.push_back(recurrence_.states[system_.sections[s].first + k].node);
    return made;
  }

  void take_section(std::size_t s) {
    const Graph& body = *recurrence_.body;
    const Cascade::Section& section = system_.sections[s];
    const std::vector<int> inputs = inputs_of(s);
    const auto place = static_cast<std::int64_t>(s);
    const auto put = [&](int what, Value x) { keep(static_cast<SectionNumber>(what), place, x.builder ? x : number(0)); };
    const std::size_t n = section.states;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j)
        put(a00 + 2 * static_cast<int>(k) + static_cast<int>(j),
            Response(body, b_, buffers_.kept, -1).of(section.matrix[k * n + j], {}));
    }
    Response of_input(body, b_, buffers_.kept, inputs[0]);
    for (std::size_t k = 0; k < n; ++k) put(b0 + static_cast<int>(k), of_input.of(section.offset[k], inputs));
    put(d0, of_input.of(row_.input[s + 1], inputs));
    for (std::size_t k = 0; k < n; ++k)
      put(c0 + static_cast<int>(k), Response(body, b_, buffers_.kept, inputs[k + 1]).of(row_.input[s + 1], inputs));
    put(two_states, number(n == 2 ? 1 : 0));
  }

  Values product_with(const Values& m, const Values& x) const { return {m[0] * x[0] + m[1] * x[1], m[2] * x[0] + m[3] * x[1]}; }
  Values row_with(const Values& x, const Values& m) const { return {x[0] * m[0] + x[1] * m[2], x[0] * m[1] + x[1] * m[3]}; }

  /// A vector of places at a time.
  void write_places(Value i) {
    const auto given = [&](int what) { return b_.load(buffers_.numbers, i + whole(b_, what * skewed_places), true); };
    const auto put = [&](std::int64_t what, Value x) {
      b_.store(buffers_.coefficients, i + whole(b_, what * skewed_places), convert(Scalar::f32, finite(x)));
    };
    Values m{given(a00), given(a01), given(a10), given(a11)}, in{given(b0), given(b1)}, out{given(c0), given(c1)};
    if (system_.states > system_.sections.size()) {
      const Value pair = given(two_states) != 0.0;
      Values turn = equal_diagonal(m);
      turn = {select(pair, turn[0], 1.0), select(pair, turn[1], 0.0)};
      m = turned_matrix(turn, m), in = turned(turn, in, false), out = turned(turn, out, false);
      for (std::size_t k = 0; k < 2; ++k)
        b_.store(buffers_.turns, i + whole(b_, static_cast<std::int64_t>(k) * skewed_places), turn[k]);
    } else {
      b_.store(buffers_.turns, i, b_.broadcast(number(1)));
    }
    const Values squared = product(m, m, 2), fourth = product(squared, squared, 2);
    for (std::size_t k = 0; k < 4; ++k) put(power + static_cast<std::int64_t>(k), k % 3 == 0 ? fourth[k] - 1.0 : fourth[k]);
    for (std::int64_t frame = skew_frames - 1; frame >= 0; --frame) {
      for (std::int64_t k = 0; k < 2; ++k) put(input_part + skew_frames * k + frame, in[static_cast<std::size_t>(k)]);
      if (frame > 0) put(through + skew_frames - frame, out[0] * in[0] + out[1] * in[1]);
      in = product_with(m, in);
    }
    put(through, given(d0));
    for (std::int64_t frame = 0; frame < skew_frames; ++frame) {
      for (std::int64_t k = 0; k < 2; ++k) put(state_part + 2 * frame + k, out[static_cast<std::size_t>(k)]);
      out = row_with(out, m);
    }
  }

  ir::Builder& b_;
  const Recurrence& recurrence_;
  const Cascade& system_;
  const SkewedBuffers& buffers_;
  const CascadeRow row_;
  const SkewedPlaces places_;
};

}  // namespace

void take_skewed_coefficients(ir::Builder& b, const Recurrence& recurrence, const Cascade& system, const SkewedBuffers& buffers,
                              const std::function<Value(std::size_t argument)>& coefficient) {
  for (std::size_t k = 1; k < system.arguments; ++k)
    b.store(buffers.kept, whole(b, static_cast<std::int64_t>(k)), coefficient(k));
  SkewedCoefficients(b, recurrence, system, buffers).write();
}

}  // namespace dgen::lower
