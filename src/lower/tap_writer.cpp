#include "lower/tap_writer.h"

#include <vector>

#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr int taps_at_once = 4;  ///< a vector apart: with 8 vectors of output they fit the registers of every target

class TapWriter {
 public:
  TapWriter(ir::Builder& b, const TapBuffers& buffers, std::int64_t taps, int past, Value origin)
      : b_(b), buffers_(buffers), taps_(taps), past_(past), origin_(origin), lanes_(b.lanes()) {}

  /// Output vectors `frame` … of `count` vectors.
  void tile(Value frame, int count) {
    sums_.clear();
    for (int j = 0; j < count; ++j) sums_.push_back(b_.local("sum" + std::to_string(j), b_.number({Scalar::f32, true}, 0)));
    const Value origin = origin_ + frame, four = lanes_ * whole(b_, taps_at_once);
    const Value groups = quotient(whole(b_, taps_), four), zero = whole(b_, 0);
    b_.loop(zero, groups, false, [&](Value group) {
      b_.loop(zero, lanes_, false, [&](Value r) { add_taps_apart(origin, group * four + r, count); });
    });
    b_.loop(groups * four, whole(b_, taps_), false, [&](Value tap) { add_tap(origin, tap, count); });
    for (int j = 0; j < count; ++j) b_.store(buffers_.sums, frame + vectors(j), sums_[static_cast<std::size_t>(j)].get());
  }

  Value vectors(int count) const { return lanes_ * whole(b_, count); }

  Value quotient(Value x, Value by) const { return convert(Scalar::i32, convert(Scalar::f64, x) / convert(Scalar::f64, by)); }

 private:
  /// Taps tap, tap + lanes, … of every output vector.
  void add_taps_apart(Value origin, Value tap, int count) {
    std::vector<Value> coefficient, sum;
    for (int q = 0; q < taps_at_once; ++q) coefficient.push_back(coefficient_at(tap + vectors(q)));
    for (const ir::Local& one : sums_) sum.push_back(one.get());
    const Value oldest = origin - tap - vectors(taps_at_once - 1);
    for (int i = 0; i < count + taps_at_once - 1; ++i) {
      const Value x = b_.load_once(past_, oldest + vectors(i));
      for (int j = 0; j < count; ++j) {
        const int q = j - i + taps_at_once - 1;
        if (q < 0 || q >= taps_at_once) continue;
        Value& to = sum[static_cast<std::size_t>(j)];
        to = to + coefficient[static_cast<std::size_t>(q)] * x;
      }
    }
    for (std::size_t j = 0; j < sum.size(); ++j) sums_[j].set(sum[j]);
  }

  void add_tap(Value origin, Value tap, int count) {
    const Value coefficient = coefficient_at(tap);
    for (int j = 0; j < count; ++j) {
      const ir::Local& sum = sums_[static_cast<std::size_t>(j)];
      sum.set(sum.get() + coefficient * b_.load(past_, origin - tap + vectors(j), true));
    }
  }

  Value coefficient_at(Value tap) { return b_.broadcast(b_.load(buffers_.coefficients, tap, false)); }

  ir::Builder& b_;
  const TapBuffers& buffers_;
  const std::int64_t taps_;
  const int past_;
  const Value origin_, lanes_;
  std::vector<ir::Local> sums_;  ///< by output vector
};

}  // namespace

void write_taps(ir::Builder& b, const TapBuffers& buffers, std::int64_t taps, int past, Value origin, Value frames) {
  TapWriter writer(b, buffers, taps, past, origin);
  const Value eight = writer.vectors(8), four = writer.vectors(4), tiles = writer.quotient(frames, eight);
  b.loop(whole(b, 0), tiles, false, [&](Value n) { writer.tile(n * eight, 8); });
  const ir::Local done = b.local("done", tiles * eight);
  b.branch(done.get() + four <= frames, [&] {
    writer.tile(done.get(), 4);
    done.set(done.get() + four);
  });
  b.loop(done.get(), frames, true, [&](Value frame) { writer.tile(frame, 1); });
}

void add_tap_kernel(const schedule::Schedule& schedule, const Buffers& buffers, ir::Module& module) {
  const Graph& g = *schedule.graph;
  ir::Function function{.name = "taps",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "coefficients of FIR filters, one behind another"};
  ir::Builder b(module, function);
  for (const auto& [root, sum] : schedule.taps.sums) {
    for (std::size_t k = 0; k < sum.runs.size(); ++k) {
      const TapBuffers& made = buffers.taps.at({root, static_cast<int>(k)});
      if (!made.from_control) continue;
      for (std::size_t tap = 0; tap < sum.runs[k].taps.size(); ++tap) {
        const auto [coefficient, negative] = sum.runs[k].taps[tap];
        const bool fixed = coefficient < 0 || g[coefficient].op->kind == Kind::constant;
        const double number = coefficient < 0 || !fixed ? 1 : g[coefficient].attributes.value;
        const Value x = fixed ? b.number({Scalar::f64, false}, number)
                              : b.load(buffers.control, whole(b, buffers.control_slot.at(coefficient)), false);
        b.store(made.coefficients, whole(b, static_cast<std::int64_t>(tap)), convert(Scalar::f32, negative ? -x : x));
      }
    }
  }
  if (!function.body.empty()) module.kernels.push_back(std::move(function));
}

}  // namespace dgen::lower
