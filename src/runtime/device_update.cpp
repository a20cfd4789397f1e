#include "runtime/device_update.h"

#include <array>

#include "base/index.h"
#include "ir/verify.h"
#include "ops/expand_exponential.h"
#include "ops/expand_logarithm.h"

namespace dgen::runtime {

namespace {

using ir::Scalar;
using ir::Value;

constexpr ir::Type f64{Scalar::f64, false};
constexpr ir::Type i32{Scalar::i32, false};
constexpr std::int64_t chunk = 64;  ///< elements that one work item looks through
constexpr double nepers_per_decibel = 0.11512925464970229;

/// One kernel of an update, and what its lines are made of.
class Kernel {
 public:
  Kernel(ir::Module& module, const std::string& name, const std::string& why)
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
  UpdateWriter(const UpdateSpec& spec, const UpdatePlaces& places, const std::string& name, std::int64_t begin)
      : spec_(spec), places_(places), end_(begin), n_(spec.elements()), chunks_((n_ + chunk - 1) / chunk) {
    module_.name = name;
    module_.run = ir::Run::forward;
    made_.block = {.elements = n_, .slots = spec.slots};
    numbers_ = add("step", made_.block.numbers());
    given_ = add("given", spec.settings + n_);
    sums_ = add("sums", std::max<std::int64_t>(places.sums, 1));
    for (int* each : {&slopes_, &next_}) *each = add("work", n_);
    for (int* each : {&squares_, &clipped_, &bad_}) *each = add("chunk", chunks_);
    add_tables();
  }

  DeviceUpdate write() {
    for (std::size_t r = 0; r < places_.runs.size(); ++r) {
      write_hand_over(places_.runs[r]);
      write_take_sums(places_.runs[r]);
    }
    made_.first_update = static_cast<int>(made_.lowered.block.size());
    write_slopes();
    write_slope_chunks();
    write_norm();
    write_moves();
    write_value_chunks();
    write_verdict();
    write_commit();
    ir::verify(module_);
    made_.block_offset = module_.buffers[at(numbers_)].offset;
    made_.given_offset = module_.buffers[at(given_)].offset;
    made_.end = end_;
    return std::move(made_);
  }

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

  void launch(Kernel& kernel, std::int64_t items) {
    made_.lowered.block.push_back(
        {.kernel = static_cast<int>(module_.kernels.size()), .grid = lower::Grid::one, .elements = items});
    module_.kernels.push_back(kernel.take());
  }

  /// In the part of the items [first, first + count): body(their number from 0 on).
  template <class Body>
  void part(Kernel& k, std::int64_t first, std::int64_t count, Body body) {
    const Value item = k.item();
    k.b().branch((item >= static_cast<double>(first)) & (item < static_cast<double>(first + count)),
                 [&] { body(item - static_cast<double>(first)); });
  }

  // Between the runs.

  void write_hand_over(const UpdatePlaces::Run& run) {
    made_.hand_over.push_back(run.params.size > 0 ? static_cast<int>(made_.lowered.block.size()) : -1);
    if (run.params.size == 0) return;
    Kernel k(module_, "hand_over", "parameters of a run, and sums that it needs");
    const int params = alias(run.params);
    std::int64_t first = 0;
    for (const ParamSource& source : run.sources) {
      part(k, first, source.elements, [&](Value e) { k.b().store(params, k.item(), source_value(k, source, e)); });
      first += source.elements;
    }
    launch(k, first);
  }

  /// What a float cannot hold of x.
  Value rest(Kernel& k, Value x) {
    const Value first = convert(Scalar::f64, convert(Scalar::f32, x));
    return convert(Scalar::f32, select(k.is_finite(first), x - first, k.number(0)));
  }

  Value ticks(Kernel& k, double hop) {
    const Value begin = convert(Scalar::f64, k.b().argument(1)), end = begin + convert(Scalar::f64, k.b().argument(0));
    const auto before = [&](Value frame) { return -floor(-(frame / hop)); };
    return before(end) - before(begin);
  }

  Value source_value(Kernel& k, const ParamSource& source, Value e) {
    using From = ParamSource::From;
    const auto first = static_cast<double>(source.number);
    const auto sum = [&] { return k.load(sums_, e + first); };
    const auto frames = [&] { return convert(Scalar::f64, k.b().argument(0)); };
    switch (source.from) {
      case From::host: {
        const Value element = e + first, value = value_of(k, element);
        return convert(Scalar::f32, min(max(value, k.load(least_, element)), k.load(most_, element)));
      }
      case From::sum: return convert(Scalar::f32, sum());
      case From::sum_rest: return rest(k, sum());
      case From::frames: return convert(Scalar::f32, frames());
      case From::frames_rest: return rest(k, frames());
      case From::ticks: return convert(Scalar::f32, ticks(k, first));
      case From::ticks_rest: return rest(k, ticks(k, first));
    }
    return k.b().number({Scalar::f32, false}, 0);
  }

  /// As the host adds them up: each lane and what it could not hold, in order.
  void write_take_sums(const UpdatePlaces::Run& run) {
    made_.take_sums.push_back(run.sums.empty() ? -1 : static_cast<int>(made_.lowered.block.size()));
    if (run.sums.empty()) return;
    Kernel k(module_, "take_sums", "sums over time, in double");
    std::int64_t first = 0;
    for (const UpdatePlaces::Run::Sum& sum : run.sums) {
      const int total = alias(sum.total), more = alias(sum.rest);
      part(k, first, sum.elements, [&](Value e) {
        const ir::Local added = k.b().local("sum", k.number(0));
        k.b().loop(k.whole(0), k.whole(sum.total.size / sum.elements), false, [&](Value lane) {
          const Value place = lane * k.whole(sum.elements) + e;
          const Value x = convert(Scalar::f64, k.load(total, place)), y = convert(Scalar::f64, k.load(more, place));
          added.set(added.get() + select(k.is_finite(x), x + y, x));
        });
        k.b().store(sums_, e + static_cast<double>(sum.number), added.get());
      });
      first += sum.elements;
    }
    launch(k, first);
  }

  // The update.

  Value wanted(Kernel& k, const UpdatePlaces::Number& from, Value e) {
    if (from.is_sum) return k.load(sums_, e + static_cast<double>(from.first));
    if (from.constants.empty()) return convert(Scalar::f64, k.load(alias(from.buffer), e + static_cast<double>(from.first)));
    const int table = add("constants", static_cast<std::int64_t>(from.constants.size()), ir::Space::constant, from.constants);
    return k.load(table, e);
  }

  Value by_mapping(Kernel& k, Value e, Value linear, Value log, Value decibel) {
    const Value mapping = k.load(mapping_, e);
    return select(mapping == static_cast<double>(Mapping::linear), linear,
                  select(mapping == static_cast<double>(Mapping::log), log, decibel));
  }

  Value rate_of(Kernel& k, Value e) { return k.load(given_, e + static_cast<double>(spec_.settings)); }
  Value value_of(Kernel& k, Value e) { return k.load(numbers_, e + static_cast<double>(made_.block.value())); }

  void write_slopes() {
    Kernel k(module_, "slopes", "gradients by the coordinates in which steps are taken: a work item an element");
    const Value e = k.item();
    const ir::Local gradient = k.b().local("gradient", k.number(0));
    std::int64_t first = 0;
    for (const UpdatedParameter& p : spec_.parameters) {
      if (p.gradient >= 0)
        part(k, first, p.elements, [&](Value own) { gradient.set(wanted(k, places_.wanted[at(p.gradient)], own)); });
      first += p.elements;
    }
    const Value value = value_of(k, e), by_value = gradient.get();
    k.b().store(numbers_, e + static_cast<double>(made_.block.gradient()), by_value);
    const Value slope = by_mapping(k, e, by_value, by_value * value, by_value * value * nepers_per_decibel);
    k.b().store(slopes_, e, select(rate_of(k, e) < 0.0, k.number(0), slope));
    launch(k, n_);
  }

  Value clipped(Kernel& k, Value slope) {
    if (spec_.clip_value <= 0) return slope;
    return min(max(slope, k.number(-spec_.clip_value)), k.number(spec_.clip_value));
  }

  /// The elements of this work item's chunk.
  template <class Body>
  void each_of_chunk(Kernel& k, Body body) {
    const Value begin = k.item() * k.whole(chunk);
    k.b().loop(begin, min_of(begin + static_cast<double>(chunk), k.whole(n_)), false, body);
  }
  static Value min_of(Value a, Value b) { return select(b < a, b, a); }

  void note_first(const ir::Local& first, Value holds, Value e) {
    first.set(select(holds & (first.get() < 0.0), convert(Scalar::f64, e), first.get()));
  }

  void write_slope_chunks() {
    Kernel k(module_, "slope_chunks", "squares of slopes, and the first that is not finite: a work item for 64 elements");
    const ir::Local sum = k.b().local("sum", k.number(0)), cut = k.b().local("cut", k.number(0));
    const ir::Local bad = k.b().local("bad", k.number(-1));
    each_of_chunk(k, [&](Value e) {
      const Value slope = k.load(slopes_, e), short_slope = clipped(k, slope);
      sum.set(sum.get() + slope * slope);
      cut.set(cut.get() + short_slope * short_slope);
      note_first(bad, ~k.is_finite(slope), e);
    });
    k.b().store(squares_, k.item(), sum.get());
    k.b().store(clipped_, k.item(), cut.get());
    k.b().store(bad_, k.item(), bad.get());
    launch(k, chunks_);
  }

  void write_norm() {
    Kernel k(module_, "norm", "the norm of the slopes, whether the step goes on, and the loss");
    const ir::Local sum = k.b().local("sum", k.number(0)), cut = k.b().local("cut", k.number(0));
    const ir::Local bad = k.b().local("bad", k.number(-1));
    k.b().loop(k.whole(0), k.whole(chunks_), false, [&](Value c) {
      sum.set(sum.get() + k.load(squares_, c));
      cut.set(cut.get() + k.load(clipped_, c));
      bad.set(select(bad.get() < 0.0, k.load(bad_, c), bad.get()));
    });
    const Value loss = wanted(k, places_.wanted[0], k.whole(0)), norm = sqrt(cut.get());
    k.store(numbers_, UpdateBlock::loss, loss);
    k.store(numbers_, UpdateBlock::norm, sqrt(sum.get()));
    k.store(numbers_, UpdateBlock::bad_slope, bad.get());
    const Value scale = spec_.clip_norm > 0 ? select(norm > spec_.clip_norm, spec_.clip_norm / norm, k.number(1)) : k.number(1);
    k.store(numbers_, UpdateBlock::scale, scale);
    k.store(numbers_, UpdateBlock::goes, select(k.is_finite(loss) & (bad.get() < 0.0), k.number(1), k.number(0)));
    launch(k, 1);
  }

  Value coordinate(Kernel& k, Value e, Value value) {
    const Value positive = select(k.load(mapping_, e) == 0.0, k.number(1), value);
    const Value log = ops::expand::log(std::array{positive});
    return by_mapping(k, e, value, log, log / nepers_per_decibel);
  }

  Value moved(Kernel& k, Value e, Value value, Value move) {
    const Value nepers = by_mapping(k, e, k.number(0), move, move * nepers_per_decibel);
    const Value factor = ops::expand::exp(std::array{nepers});
    return by_mapping(k, e, value + move, value * factor, value * factor);
  }

  void write_moves() {
    Kernel k(module_, "moves", "the optimiser's rule: a work item an element");
    const Value e = k.item(), value = value_of(k, e), factor = rate_of(k, e);
    k.b().store(next_, e, value);
    const Value goes = k.load(numbers_, UpdateBlock::goes);
    k.b().branch((goes > 0.0) & (factor >= 0.0), [&] {
      const auto slot_place = [&](int number) { return e + static_cast<double>(made_.block.slot(number)); };
      const Value move = spec_.move({.position = coordinate(k, e, value),
                                     .slope = clipped(k, k.load(slopes_, e)) * k.load(numbers_, UpdateBlock::scale),
                                     .rate = k.load(given_, 0) * factor,
                                     .setting = [&](int number) { return k.load(given_, number); },
                                     .slot = [&](int number) { return k.load(numbers_, slot_place(number)); },
                                     .keep = [&](int number, Value x) { k.b().store(numbers_, slot_place(number), x); }});
      k.b().store(next_, e, min(max(moved(k, e, value, move), k.load(least_, e)), k.load(most_, e)));
    });
    launch(k, n_);
  }

  void write_value_chunks() {
    Kernel k(module_, "value_chunks", "the first value that would not be finite: a work item for 64 elements");
    const ir::Local bad = k.b().local("bad", k.number(-1));
    each_of_chunk(k, [&](Value e) { note_first(bad, ~k.is_finite(k.load(next_, e)), e); });
    k.b().store(bad_, k.item(), bad.get());
    launch(k, chunks_);
  }

  void write_verdict() {
    Kernel k(module_, "verdict", "whether all values are finite");
    const ir::Local bad = k.b().local("bad", k.number(-1));
    k.b().loop(k.whole(0), k.whole(chunks_), false,
               [&](Value c) { bad.set(select(bad.get() < 0.0, k.load(bad_, c), bad.get())); });
    k.store(numbers_, UpdateBlock::bad_value, bad.get());
    launch(k, 1);
  }

  void write_commit() {
    Kernel k(module_, "commit", "values that are all finite are taken: a work item an element");
    const Value e = k.item(), goes = k.load(numbers_, UpdateBlock::goes), bad = k.load(numbers_, UpdateBlock::bad_value);
    k.b().branch((goes > 0.0) & (bad < 0.0),
                 [&] { k.b().store(numbers_, e + static_cast<double>(made_.block.value()), k.load(next_, e)); });
    launch(k, n_);
  }

  const UpdateSpec& spec_;
  const UpdatePlaces& places_;
  DeviceUpdate made_;
  ir::Module& module_ = made_.lowered.module;
  std::int64_t end_;
  const std::int64_t n_, chunks_;
  int numbers_ = -1, given_ = -1, sums_ = -1, slopes_ = -1, next_ = -1, squares_ = -1, clipped_ = -1, bad_ = -1;
  int least_ = -1, most_ = -1, mapping_ = -1;
};

}  // namespace

std::int64_t UpdateSpec::elements() const {
  std::int64_t sum = 0;
  for (const UpdatedParameter& p : parameters) sum += p.elements;
  return sum;
}

DeviceUpdate make_update(const UpdateSpec& spec, const UpdatePlaces& places, const std::string& name, std::int64_t begin) {
  return UpdateWriter(spec, places, name, begin).write();
}

}  // namespace dgen::runtime
