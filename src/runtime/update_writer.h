#pragma once
// Writes the kernels of an update: what they are made of.

#include "base/index.h"
#include "runtime/device_update.h"

namespace dgen::runtime {

using ir::Scalar;
using ir::Value;

inline constexpr ir::Type f64{Scalar::f64, false};
inline constexpr ir::Type i32{Scalar::i32, false};
inline constexpr std::int64_t update_chunk = 64;  ///< elements that one work item looks through

/// One kernel of an update, and what its lines are made of.
class UpdateKernel {
 public:
  UpdateKernel(ir::Module& module, const std::string& name, const std::string& why)
      : function_{.name = name, .arguments = {i32, {Scalar::i64, false}, i32, i32}, .why = why}, b_(module, function_) {}

  ir::Builder& b() { return b_; }
  Value item() { return b_.argument(2); }
  Value whole(std::int64_t n) { return b_.integer(i32, n); }
  Value number(double x) { return b_.number(f64, x); }
  Value load(int buffer, std::int64_t k) { return b_.load(buffer, whole(k), false); }
  Value load(int buffer, Value k) { return b_.load(buffer, k, false); }
  void store(int buffer, std::int64_t k, Value x) { b_.store(buffer, whole(k), x); }
  Value is_finite(Value x) { return x - x == 0.0; }
  ir::Function take() { return std::move(function_); }

 private:
  ir::Function function_;
  ir::Builder b_;
};

class UpdateWriter {
 public:
  UpdateWriter(const UpdateSpec& spec, const UpdatePlaces& places, const std::string& name, std::int64_t begin);
  DeviceUpdate write();

 private:
  int add(ir::Buffer buffer) {
    module_.buffers.push_back(std::move(buffer));
    return static_cast<int>(module_.buffers.size()) - 1;
  }
  int add(const std::string& name, std::int64_t size, ir::Space space = ir::Space::state, std::vector<double> contents = {}) {
    const std::int64_t offset = end_;
    end_ = (end_ + size * 8 + 63) / 64 * 64;
    return add(
        {.name = name, .space = space, .scalar = Scalar::f64, .size = size, .offset = offset, .contents = std::move(contents)});
  }
  /// A buffer of another program, where it lies.
  int alias(const ir::Buffer& other) {
    return add(
        {.name = other.name, .space = ir::Space::state, .scalar = other.scalar, .size = other.size, .offset = other.offset});
  }

  void add_tables() {
    std::vector<double> least, most, mapping;
    for (const UpdatedParameter& p : spec_.parameters) {
      least.insert(least.end(), at(static_cast<int>(p.elements)), p.min);
      most.insert(most.end(), at(static_cast<int>(p.elements)), p.max);
      mapping.insert(mapping.end(), at(static_cast<int>(p.elements)), static_cast<double>(p.mapping));
    }
    least_ = add("least", n_, ir::Space::constant, std::move(least));
    most_ = add("most", n_, ir::Space::constant, std::move(most));
    mapping_ = add("mapping", n_, ir::Space::constant, std::move(mapping));
  }

  void launch(UpdateKernel& kernel, std::int64_t items) {
    made_.lowered.block.push_back(
        {.kernel = static_cast<int>(module_.kernels.size()), .grid = lower::Grid::one, .elements = items});
    module_.kernels.push_back(kernel.take());
  }

  /// In the part of the items [first, first + count): body(their number from 0 on).
  template <class Body>
  void part(UpdateKernel& k, std::int64_t first, std::int64_t count, Body body) {
    const Value item = k.item();
    k.b().branch((item >= static_cast<double>(first)) & (item < static_cast<double>(first + count)),
                 [&] { body(item - static_cast<double>(first)); });
  }

  /// The elements of this work item's chunk.
  template <class Body>
  void each_of_chunk(UpdateKernel& k, Body body) {
    const Value begin = k.item() * k.whole(update_chunk);
    k.b().loop(begin, min_of(begin + static_cast<double>(update_chunk), k.whole(n_)), false, body);
  }

  void write_hand_over(const UpdatePlaces::Run& run);
  /// What a float cannot hold of x.
  Value rest(UpdateKernel& k, Value x);
  Value ticks(UpdateKernel& k, double hop);
  Value source_value(UpdateKernel& k, const ParamSource& source, Value e);
  /// As the host adds them up: each lane and what it could not hold, in order.
  void write_take_sums(const UpdatePlaces::Run& run);
  Value wanted(UpdateKernel& k, const UpdatePlaces::Number& from, Value e);
  Value by_mapping(UpdateKernel& k, Value e, Value linear, Value log, Value decibel);
  Value rate_of(UpdateKernel& k, Value e);
  Value value_of(UpdateKernel& k, Value e);
  void write_slopes();
  Value clipped(UpdateKernel& k, Value slope);
  static Value min_of(Value a, Value b);
  void note_first(const ir::Local& first, Value holds, Value e);
  static Value share(UpdateKernel& k, Value x, Value largest);
  Value largest_clipped(UpdateKernel& k, Value largest);
  void write_slope_chunks();
  void write_norm();
  Value coordinate(UpdateKernel& k, Value e, Value value);
  Value moved(UpdateKernel& k, Value e, Value value, Value move);
  void write_moves();
  void write_value_chunks();
  void write_verdict();
  void write_commit();

  const UpdateSpec& spec_;
  const UpdatePlaces& places_;
  DeviceUpdate made_;
  ir::Module& module_ = made_.lowered.module;
  std::int64_t end_;
  const std::int64_t n_, chunks_;
  int numbers_ = -1, given_ = -1, sums_ = -1, slopes_ = -1, next_ = -1, squares_ = -1, clipped_ = -1;
  int largest_ = -1, bad_ = -1;
  int least_ = -1, most_ = -1, mapping_ = -1;
};

}  // namespace dgen::runtime
