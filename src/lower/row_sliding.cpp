#include "lower/row_sliding.h"

#include <algorithm>
#include <cmath>

#include "base/index.h"
#include "lower/butterflies.h"
#include "lower/row_steps.h"
#include "lower/rows.h"
#include "lower/stockham.h"

namespace dgen::lower {

using ir::Value;

namespace {

/// Operations a tick: a bin takes 6, and its share of the sums over the first window of a sub-block; a transform of n numbers
/// about 2.5 n log2 n, and as much as 6 n to transpose and untangle.
bool is_cheaper(std::int64_t n) {
  constexpr double sub_block = 256;
  const double size = static_cast<double>(n);
  return n >= 2 * ir::padding && size / 2 * 6 * (1 + size / sub_block) < size * (2.5 * std::log2(size) + 6);
}

bool is_used_once(const Graph& g, int id) {
  std::ptrdiff_t users = 0;
  for (const Node& node : g.nodes()) users += std::count(node.inputs.begin(), node.inputs.end(), id);
  for (const Output& output : g.outputs()) users += output.node == id ? 1 : 0;
  return users == 1;
}

/// Bins 0 … n/2, a vector at a time.
class Bins {
 public:
  Bins(RowContext& rows, std::int64_t n) : rows_(rows), b_(rows.builder), count_(n / 2 + 1) {
    roots_ = roots_of_unity(rows.buffers, n, padded(count_));
  }

  /// The last vector begins where it fits, so that some bins come twice.
  void each(const std::function<void(Value bin)>& body) {
    b_.loop(rows_.whole(0), rows_.whole(count_), true, [&](Value e) {
      const Value last = rows_.whole(count_) - b_.lanes();
      body(select(e < last, e, last));
    });
  }
  /// Each bin once: lanes behind the last hold anything.
  void each_once(const std::function<void(Value bin)>& body) { b_.loop(rows_.whole(0), rows_.whole(count_), true, body); }

  /// Of a row with real parts in front of the imaginary ones.
  Complex load(const Row& row, Value bin) {
    return {rows_.load(row, bin, true), rows_.load(row, bin + rows_.whole(count_), true)};
  }
  void store(const Row& row, Value bin, const Complex& z) {
    b_.store(row.buffer, row.base + bin, z.re);
    b_.store(row.buffer, row.base + bin + rows_.whole(count_), z.im);
  }
  /// z exp(2 pi i k / n), or the other way round.
  Complex turned(const Complex& z, Value bin, bool forward) {
    const Value re = b_.load(roots_.re, bin, true), minus = b_.load(roots_.im, bin, true);
    const Value im = forward ? -minus : minus;
    return {z.re * re - z.im * im, z.re * im + z.im * re};
  }
  /// 0 behind the last bin.
  Value inside(Value bin, Value x) { return select(b_.broadcast(bin) + b_.lane() < b_.broadcast(rows_.whole(count_)), x, 0.0); }

 private:
  RowContext& rows_;
  ir::Builder& b_;
  const std::int64_t count_;
  ComplexBuffer roots_;
};

/// Spectra of windows one frame apart. Counting how many of the last frames are 0, and how many are bounded, says where sliding
/// must not go on: what it leaves of earlier frames is small beside them, but not beside silence, and of NaN it is NaN.
class Sliding {
 public:
  Sliding(RowContext& rows, int id)
      : rows_(rows), b_(rows.builder), id_(id), window_(rows.g[id].inputs[0]), size_(rows.g[id].attributes.size),
        bins_(rows, size_) {
    std::vector<ir::Buffer>& all = b_.module().buffers;
    counts_ = static_cast<int>(all.size());
    all.push_back(
        {.name = "counts" + std::to_string(counts_), .space = ir::Space::scratch, .scalar = ir::Scalar::i32, .size = 2});
  }

  void write() {
    rows_.ticks.at(whole(0));
    b_.branch(rows_.ticks.in_time < whole(1), [&] { count_first(); });
    rows_.each_tick([&] { step(); });
  }

 private:
  Value whole(std::int64_t number) { return rows_.whole(number); }

  /// Where the spectrum of a tick of the block lies.
  Row spectrum(Value number) { return {rows_.scratch.at(id_), number * whole(rows_.stride(id_)), false}; }

  /// Goes on counting with the next frame.
  void count(Value x) {
    constexpr double bound = 1e30;  // sums of as many as a window has do not overflow
    const Value silent = b_.load(counts_, whole(0), false) + whole(1), bounded = b_.load(counts_, whole(1), false) + whole(1);
    b_.store(counts_, whole(0), select(x == 0.0, silent, whole(0)));
    b_.store(counts_, whole(1), select(abs(x) < bound, bounded, whole(0)));
  }

  /// The frames of the sub-block's first window but the last.
  void count_first() {
    const Row window = rows_.row(window_);
    for (const int k : {0, 1}) b_.store(counts_, whole(k), whole(0));
    b_.loop(whole(0), whole(size_ - 1), false, [&](Value e) { count(rows_.load(window, e, false)); });
  }

  void step() {
    const Row window = rows_.row(window_);
    count(rows_.load(window, whole(size_ - 1), false));
    const Value is_first = rows_.ticks.in_time < whole(1);
    const Value is_clean = b_.load(counts_, whole(1), false) == whole(size_);  // at the frame before it was not
    const Value is_silent = whole(size_) <= b_.load(counts_, whole(0), false);
    b_.branch(
        is_first | is_clean, [&] { begin(); },
        [&] {
          b_.branch(
              is_silent, [&] { clear(); }, [&] { slide(); });
        });
  }

  /// From the window itself: the sum over j of x[j] w^(j+1), w = exp(-2 pi i k / n), turned on by a frame.
  void begin() {
    const Row window = rows_.row(window_), now = spectrum(rows_.ticks.in_group);
    bins_.each([&](Value bin) {
      const ir::Local re = b_.local("re", b_.number({ir::Scalar::f32, true}, 0));
      const ir::Local im = b_.local("im", b_.number({ir::Scalar::f32, true}, 0));
      b_.loop(whole(0), whole(size_), false, [&](Value from_end) {
        const Value x = b_.broadcast(rows_.load(window, whole(size_ - 1) - from_end, false));
        const Complex z = bins_.turned({re.get() + x, im.get()}, bin, false);
        re.set(z.re), im.set(z.im);
      });
      bins_.store(now, bin, bins_.turned({re.get(), im.get()}, bin, true));
    });
  }

  void clear() {
    const Row now = spectrum(rows_.ticks.in_group);
    const Value zero = b_.number({ir::Scalar::f32, true}, 0);
    bins_.each([&](Value bin) { bins_.store(now, bin, {zero, zero}); });
  }

  /// X[t] = (X[t-1] + x[t] - x[t-n]) exp(2 pi i k / n).
  void slide() {
    const Value number = rows_.ticks.in_group, last = whole(rows_.ticks.group - 1);
    const Row window = rows_.row(window_), now = spectrum(number);
    const Row before = spectrum(select(number < whole(1), last, number - whole(1)));
    const Ring& ring = rows_.buffers.history.at(rows_.g[window_].inputs[0]);
    const Value left = b_.load(ring.buffer, (rows_.ticks.frame - whole(size_)) & whole(ring.capacity - 1), false);
    const Value difference = b_.broadcast(rows_.load(window, whole(size_ - 1), false) - left);
    bins_.each([&](Value bin) {
      const Complex z = bins_.load(before, bin);
      bins_.store(now, bin, bins_.turned({z.re + difference, z.im}, bin, true));
    });
  }

  RowContext& rows_;
  ir::Builder& b_;
  const int id_, window_;
  const std::int64_t size_;
  int counts_ = -1;
  Bins bins_;
};

/// Inverse transforms of the spectra Y of the ticks, n frames each, laid over one another in reversed time. With
/// B[m] = (B[m+1] + Y[m]) exp(-2 pi i k / n) and u[m] the sum of c Re B[m] over bins, frame m gets u[m] - u[m+n]: what lies
/// n frames later has gone round once.
class SlidingAdd {
 public:
  SlidingAdd(RowContext& rows, int id)
      : rows_(rows), b_(rows.builder), spectra_(rows.g[rows.g[id].inputs[0]].inputs[0]), size_(rows.g[id].attributes.size),
        sums_(rows.buffers.added.at(id)), bins_(rows, size_) {
    const auto scratch = [&](std::int64_t size) {
      std::vector<ir::Buffer>& all = b_.module().buffers;
      all.push_back({.name = "sliding" + std::to_string(all.size()), .space = ir::Space::scratch, .size = size});
      return static_cast<int>(all.size()) - 1;
    };
    state_ = {scratch(size_ / 2 + 1 + ir::padding), scratch(size_ / 2 + 1 + ir::padding)};
    lanes_ = scratch(side_by_side * ir::padding), columns_ = scratch(side_by_side * ir::padding);
    std::vector<double> weights(static_cast<std::size_t>(size_ / 2 + 1 + ir::padding), 2 / static_cast<double>(size_));
    weights.front() = weights[static_cast<std::size_t>(size_ / 2)] = 1 / static_cast<double>(size_);
    weights_ = rows.buffers.constant_row(weights);
  }

  void write() {
    rows_.ticks.at(whole(0));
    const Value first = rows_.ticks.local, end = first + rows_.ticks.in_block;
    once_if(first < whole(1), [&] { clear(); });
    rows_.each_tick([&] {
      const Row spectrum = rows_.row(spectra_);
      step(rows_.ticks.in_group, &spectrum);
    });
    add(first, rows_.ticks.in_block, true);
    once_if(rows_.ticks.count <= end, [&] { run_out(end); });
  }

 private:
  Value whole(std::int64_t number) { return rows_.whole(number); }

  void once_if(Value condition, const std::function<void()>& body) {
    b_.loop(whole(0), select(condition, whole(1), whole(0)), false, [&](Value) { body(); });
  }

  void clear() {
    const Value zero = b_.number({ir::Scalar::f32, true}, 0);
    bins_.each_once([&](Value bin) { b_.store(state_.re, bin, zero), b_.store(state_.im, bin, zero); });
  }

  /// B of the next frame in reversed time, and the lanes of its u, number `number` of up to 16.
  void step(Value number, const Row* spectrum) {
    const ir::Local sum = b_.local("sum", b_.number({ir::Scalar::f32, true}, 0));
    bins_.each_once([&](Value bin) {
      Complex z{b_.load(state_.re, bin, true), b_.load(state_.im, bin, true)};
      if (spectrum) z = z + bins_.load(*spectrum, bin);
      z = bins_.turned(z, bin, false);
      b_.store(state_.re, bin, z.re), b_.store(state_.im, bin, z.im);
      sum.set(sum.get() + bins_.inside(bin, z.re * b_.load(weights_, bin, true)));
    });
    b_.store(lanes_, number * whole(ir::padding), sum.get());
  }

  /// Adds the first `count` numbers u to frames `first` …; with `takes` also subtracts them n frames on, but that of the
  /// sub-block's last tick: there B has gone round once and comes again from `run_out`.
  void add(Value first, Value count, bool takes) {
    b_.loop(whole(0), b_.lanes(), true, [&](Value e) {  // once: lanes of a number become a column
      std::vector<Value> vectors;
      for (std::int64_t t = 0; t < side_by_side; ++t) vectors.push_back(b_.load(lanes_, whole(t * ir::padding) + e, true));
      vectors = interleaved(vectors);
      for (std::size_t k = 0; k < vectors.size(); ++k)
        b_.store(columns_, b_.lanes() * whole(static_cast<std::int64_t>(k)), vectors[k]);
    });
    b_.loop(whole(0), whole(side_by_side), true, [&](Value t) {
      const ir::Local sum = b_.local("sum", b_.number({ir::Scalar::f32, true}, 0));
      b_.loop(whole(0), b_.lanes(), false,
              [&](Value lane) { sum.set(sum.get() + b_.load(columns_, lane * whole(side_by_side) + t, true)); });
      const Value number = b_.broadcast(t) + b_.lane(), zero = b_.number({ir::Scalar::f32, true}, 0);
      const Value to = whole(sums_margin) + first + t;
      b_.store(sums_, to, b_.load(sums_, to, true) + select(number < b_.broadcast(count), sum.get(), zero));
      if (!takes) return;
      const Value before_last = rows_.ticks.count - whole(1) - first, round = to + whole(size_);
      b_.store(sums_, round, b_.load(sums_, round, true) - select(number < b_.broadcast(before_last), sum.get(), zero));
    });
  }

  /// Frames that windows of the sub-block reach and ticks of it do not.
  void run_out(Value end) {
    const std::int64_t groups = (size_ - 1 + side_by_side - 1) / side_by_side;
    b_.loop(whole(0), whole(groups), false, [&](Value group) {
      const Value begin = group * whole(side_by_side);
      b_.loop(whole(0), whole(side_by_side), false, [&](Value number) { step(number, nullptr); });
      add(end + begin, whole(size_ - 1) - begin, false);
    });
  }

  RowContext& rows_;
  ir::Builder& b_;
  const int spectra_;
  const std::int64_t size_;
  const int sums_;
  Bins bins_;
  ComplexBuffer state_;
  int lanes_ = -1, columns_ = -1, weights_ = -1;
};

}  // namespace

bool slides(const Graph& g, int id) {
  const Node& node = g[id];
  if (node.op->kind != Kind::fft || node.attributes.transform != Transform::real_forward) return false;
  const Node& x = g[node.inputs[0]];
  return x.op->kind == Kind::window && x.attributes.hop == 1 && x.type.shape.rank == 1 && transforms_across(g, id) &&
         is_cheaper(node.attributes.size);
}

bool slides_back(const Graph& g, int id) {
  const Node& node = g[id];
  if (node.op->kind != Kind::overlap_add || node.attributes.hop != 1 || node.type.shape.rank != 0) return false;
  const int x = node.inputs[0];
  return g[x].op->kind == Kind::fft && g[x].attributes.transform == Transform::real_inverse && transforms_across(g, x) &&
         is_used_once(g, x) && is_cheaper(node.attributes.size);
}

void write_sliding_step(RowContext& rows, int id) { Sliding(rows, id).write(); }

void write_sliding_add_step(RowContext& rows, int id) { SlidingAdd(rows, id).write(); }

}  // namespace dgen::lower
