#include "support/random_tensors.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dgen/axes.h"
#include "dgen/compare.h"
#include "dgen/fourier.h"
#include "dgen/indexing.h"
#include "dgen/math.h"
#include "dgen/products.h"
#include "dgen/spectral.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "dgen/views.h"
#include "support/random.h"

namespace dgen::testing {

namespace {

class TensorGenerator {
 public:
  TensorGenerator(Graph& graph, std::uint64_t seed, bool compiled) : g_(graph), random_(seed), compiled_(compiled) {}

  void build() {
    for (int k = 0; k < 3; ++k) control_.push_back(g_.param("p" + std::to_string(k + 1), random_.uniform(-0.9, 0.9)));
    frames_ = {g_.input() * control_[0], sin(frame_index(g_) * (0.3 + 0.1 * control_[1]))};
    const Signal past = ops::cell(0.2 * control_[2]);
    g_.close(past, 0.6 * past + frames_[0]);
    frames_.push_back(past);
    if (!compiled_ && random_.chance(0.3)) add_bank();
    for (int k = random_.between(1, 2); k > 0; --k) add_ticks();
    g_.output(frames_.back());
    if (random_.chance(0.5)) g_.output(random_.pick(frames_));
  }

 private:
  /// Histories of several elements at the frame clock.
  void add_bank() {
    const Signal state = ops::cell(tensor(g_, {0.1, -0.2, 0.3}) * control_[1]);
    g_.close(state, state * tensor(g_, {0.9, 0.5, -0.7}) + random_.pick(frames_));
    frames_.push_back(sum(tanh(state)));
  }

  /// Down to a hop clock, through tensor ops, and up again.
  void add_ticks() {
    const std::int64_t hop = random_.chance(0.3) ? 1 : random_.between(2, 9);
    std::vector<Signal> values;
    for (int k = random_.between(1, 2); k > 0; --k) {
      const std::int64_t size = random_.between(1, 12);
      values.push_back(window(random_.pick(frames_), size, hop));
    }
    for (int k = random_.between(2, 7); k > 0; --k) values.push_back(step(values, hop));
    const Signal last = values.back();
    frames_.push_back(random_.chance(0.5) ? overlap_add(ensure_axis(last)) : 0.3 * total(last) * random_.pick(frames_));
    if (random_.chance(0.3)) frames_.push_back(hold(total(random_.pick(values))) + frames_.back());
  }

  Signal ensure_axis(Signal x) { return shape(x).rank == 0 ? expand(x, extents({3})) : flat(x); }
  Shape shape(Signal x) { return g_[x.id].type.shape; }
  Signal flat(Signal x) { return reshape(x, extents({static_cast<std::int32_t>(shape(x).elements())})); }
  Signal total(Signal x) { return sum_to(x, {}); }

  Signal table(const Shape& of) {
    std::vector<double> numbers;
    for (std::int64_t k = 0; k < of.elements(); ++k) numbers.push_back(random_.uniform(-0.8, 0.8));
    if (random_.chance(0.5)) return tensor(g_, numbers, of);
    const Signal learnt = g_.param("t" + std::to_string(g_.params().size()), of, initial::Values{std::move(numbers)});
    return random_.chance(0.5) ? learnt : sin(learnt * random_.pick(control_)) + sum_to(learnt, {}) * 0.1;
  }

  /// One of the Fourier transforms of a vector of 2, 4, … 20 elements.
  Signal transformed(Signal x) {
    const std::int32_t size = static_cast<std::int32_t>(shape(x).elements());
    if (size == 14) return x;  // there is none
    if (size >= 4 && random_.chance(0.5)) {
      const Signal z = reshape(x, extents({2, size / 2}));
      return random_.chance(0.5) ? 0.3 * fft(z) : ifft(z);
    }
    const Signal z = rfft(x);
    return random_.chance(0.5) ? 0.3 * z : irfft(z * table(shape(z)));
  }

  /// Elements of a vector in other places, along an axis in turn, or the largest.
  Signal related(Signal x) {
    const std::int32_t size = shape(x).extent[0];
    switch (random_.below(5)) {
      case 0: return flip(x) + pad(slice(x, 0, {.step = 2}), 0, size / 2, 0);
      case 1: return size % 2 == 0 ? transpose(reshape(x, extents({2, size / 2}))) : repeat(x, 0, 2) * 0.5;
      case 2: return cumulate(x, table(extents({size})) * 0.5);
      case 3: return max_over(x);
      default: return places(x);
    }
  }
  /// Elements added up in the places of a map.
  Signal places(Signal x) {
    std::vector<std::int32_t> map;
    for (std::int32_t k = 0; k < shape(x).extent[0]; ++k) map.push_back(random_.between(-1, 3));
    return g_.add(ops::view_sum, std::array{x},
                  {.shape = extents({4}), .map = std::make_shared<const std::vector<std::int32_t>>(std::move(map))});
  }
  Signal product(Signal x) {
    const std::int32_t size = shape(x).extent[0];
    const Signal column = table(extents({size, random_.between(1, 3)}));
    return random_.chance(0.5) ? matmul(reshape(x, extents({1, size})), column) * 0.3 : outer(x, 0.3 * sin(x));
  }
  /// Elements by their numbers, some of which are outside; or such elements put back in their places.
  Signal picked(Signal x) {
    const std::int32_t size = shape(x).extent[0];
    const Signal index = tensor(g_, {0.25, random_.between(0, size) + 0.25, random_.between(-1, size) + 0.5});
    return random_.chance(0.5) ? take(x, index) : scatter_add(take(x, index), index, size);
  }

  Signal step(const std::vector<Signal>& values, std::int64_t hop) {
    const Signal x = random_.pick(values);
    const std::int32_t count = static_cast<std::int32_t>(shape(x).elements());
    switch (random_.below(14)) {
      case 0: return x * random_.pick(control_) + 0.1;
      case 1: return tanh(x) * table(shape(x));
      case 2: return shape(x).rank > 0 ? sum(x) * 0.3 : x + tick_frame(g_, hop) * 0.01;
      case 3:
        return linear(ensure_axis(x),
                      table(extents({random_.between(1, 20), static_cast<std::int32_t>(shape(ensure_axis(x)).elements())})));
      case 4: return count % 2 == 0 ? reshape(x, extents({2, count / 2})) : reshape(x, extents({count, 1}));
      case 5: return sin(flat(x)) + table(extents({2, 1}));
      case 6: return magnitude(x, x * 0.5 + random_.pick(control_));
      case 7: return select(gt(x, 0.05), sqrt(abs(x) + 0.1), x);
      case 8: return x * sum_to(random_.pick(values), {}) * 0.3;
      case 9: return transformed(window(random_.pick(frames_), 2 * random_.between(1, 10), hop) + 0.2 * total(x));
      case 10: return related(flat(ensure_axis(x)));
      case 11: return product(flat(ensure_axis(x)));
      case 12: return picked(flat(ensure_axis(x)));
      default: return random_.chance(0.5) ? expand(total(x) * 0.2, extents({random_.between(1, 9)})) : max(x, 0.3 * total(x));
    }
  }

  Graph& g_;
  Random random_;
  const bool compiled_;
  std::vector<Signal> control_, frames_;
};

}  // namespace

RandomGraph random_tensors(std::uint64_t seed, bool compiled) {
  RandomGraph made{seed, std::make_unique<Graph>()};
  TensorGenerator(*made.graph, seed, compiled).build();
  return made;
}

}  // namespace dgen::testing
