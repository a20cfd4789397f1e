#include "support/random_graph.h"

#include <algorithm>
#include <cmath>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/feedback.h"
#include "support/random.h"
#include "support/safe_op.h"

namespace dgen::testing {

namespace {

class Generator {
 public:
  Generator(Graph& graph, std::uint64_t seed) : g_(graph), random_(seed) {}

  void build() {
    const int target = random_.between(5, 37);
    add_sources();
    open_states(target);
    while (g_.size() < target) add_step();
    close_states();
    add_outputs();
  }

 private:
  struct Memory {
    Signal table;
    int size = 0;
    Signal written{};  ///< the last write
  };

  Signal any() { return random_.chance(0.1) ? random_.pick(control_) : recent(); }
  /// A frame signal, more likely one made lately, so that most nodes reach an output.
  Signal recent() {
    const int count = static_cast<int>(frame_.size());
    return frame_[static_cast<std::size_t>(std::max(random_.below(count), random_.below(count)))];
  }
  double gain() { return random_.uniform(0.2, 0.9) * (random_.chance(0.3) ? -1 : 1); }
  Signal keep(Signal s) { return frame_.push_back(s), s; }

  void add_sources() {
    for (int k = random_.between(1, 2); k > 0; --k) keep(g_.input(k - 1));
    const int params = random_.between(0, 2);
    for (int k = 0; k < params; ++k)
      control_.push_back(g_.param("p" + std::to_string(k + 1), random_.uniform(-0.9, 0.9), {.min = -1, .max = 1}));
    control_.push_back(g_.constant(random_.uniform(-1.5, 1.5)));
    if (random_.chance(0.2)) control_.push_back(997.0 / sample_rate(g_));
    if (random_.chance(0.2)) keep(noise(g_, random_.below(1000)));
    if (random_.chance(0.3)) keep(sin(frame_index(g_) * random_.uniform(0.01, 0.5)));
  }

  void open_states(int target) {
    const int most = std::max(1, target / 14);
    for (int k = random_.between(0, most); k > 0; --k) cells_.push_back(keep(ops::cell(random_.pick(control_))));
    for (int k = random_.between(0, most); k > 0; --k) lines_.push_back(g_.add(ops::line, {}, {.size = random_.between(0, 40)}));
    for (const Signal past : lines_) keep(ops::line_read(past, time_of(past)));
    if (random_.chance(0.3)) handles_.push_back(keep(g_.feedback()));
    if (target > 12 && random_.chance(0.4)) add_table();
  }

  void add_table() {
    std::vector<double> contents;
    for (int k = random_.between(3, 32); k > 0; --k) contents.push_back(random_.uniform(-1, 1));
    const int size = static_cast<int>(contents.size());
    const Signal made = g_.add(ops::table, {}, {.table = std::make_shared<const std::vector<double>>(std::move(contents))});
    tables_.push_back({made, size});
  }

  void add_step() {
    const double which = random_.uniform(0, 1);
    if (which < 0.10)
      control_.push_back(add_op(true));
    else if (which < 0.18 && !lines_.empty())
      add_line_read();
    else if (which < 0.22)
      add_delay();
    else if (which < 0.34 && !tables_.empty())
      add_table_access(tables_[static_cast<std::size_t>(random_.below(static_cast<int>(tables_.size())))]);
    else if (which < 0.40)
      add_smoother();
    else if (which < 0.43)
      add_phase();
    else
      keep(add_op(false));
  }

  /// Brings a signal of magnitude 2 or so into a range.
  Signal fit(Signal s, Domain range) {
    if (range.lo <= -2 && range.hi >= 2) return s;
    const double middle = (range.lo + range.hi) / 2, half = (range.hi - range.lo) / 2;
    const int way = random_.below(8);
    if (way == 0) return wrap(s, range.lo, range.hi);
    if (way < 4) return clamp(s, range.lo, range.hi);
    return middle + half * tanh(s);
  }

  /// A pointwise op whose value is scaled to within 2 and to a slope of about 1.
  Signal add_op(bool control) {
    const SafeOp& safe = random_.pick(safe_ops());
    std::vector<Signal> x;
    for (const Domain& domain : safe.domain) {
      Signal s = control ? random_.pick(control_) : any();
      for (int k = 0; k < 3 && !x.empty() && s.id == x.front().id; ++k) s = any_of(control);
      x.push_back(fit(safe.op->kink ? off_landmarks(s) : s, domain));
    }
    const Signal y = g_.add(*safe.op, x, {});
    const double scale = 1 / std::max({1.0, safe.bound / 2, safe.slope / 1.25});
    return scale < 1 ? y * static_cast<double>(static_cast<float>(scale)) : y;
  }
  /// Moves what a cosine of a small angle, say, holds next to 1 away from there: a jump at 1 would tell roundings apart.
  Signal off_landmarks(Signal s) { return s * random_.uniform(0.7, 0.95); }
  Signal any_of(bool control) { return control ? random_.pick(control_) : any(); }

  /// A constant, a control value, or something that moves over a few frames. Off whole numbers, where floor jumps.
  Signal time_of(Signal past) { return position(static_cast<int>(g_[past.id].attributes.size)); }
  Signal position(int size) {
    const double base = random_.between(-1, size) + random_.uniform(0.1, 0.9);
    if (random_.chance(0.5)) return g_.constant(base);
    if (random_.chance(0.4)) return base + random_.uniform(1, 3) * random_.pick(control_);
    if (random_.chance(0.5)) return base + random_.uniform(1, 3) * sin(frame_index(g_) * random_.uniform(0.01, 0.2));
    return base + random_.uniform(0.2, 1) * any();
  }

  void add_line_read() {
    const Signal past = random_.pick(lines_);
    keep(ops::line_read(past, time_of(past)));
  }

  void add_delay() {
    const int size = random_.between(0, 20);
    keep(g_.add(ops::delay_tap, std::array{any(), position(size)}, {.size = size}));
  }

  /// A read or a write; of reads after a write, some in a sequence with it.
  void add_table_access(Memory& memory) {
    const Signal index = random_.chance(0.4) ? mod(frame_index(g_), static_cast<double>(memory.size)) : position(memory.size);
    if (random_.chance(0.35)) {
      memory.written = ops::table_write(memory.written ? memory.written : memory.table, index, any());
      g_.close(memory.table, memory.written);
      return;
    }
    const Bound bound = std::array{Bound::clip, Bound::wrap, Bound::zero}[static_cast<std::size_t>(random_.below(3))];
    const Signal read = g_.add(ops::table_read, std::array{memory.table, index}, {.bound = bound});
    keep(memory.written && random_.chance(0.6) ? seq(memory.written, read) : read);
  }

  /// y = x + a (y before - x): an affine loop.
  void add_smoother() {
    const Signal x = any(), before = ops::cell(random_.pick(control_));
    const Signal a = random_.chance(0.5) ? g_.constant(random_.uniform(0.3, 0.97)) : fit(any(), {0.3, 0.95});
    const Signal y = x + a * (before - x);
    g_.close(before, y);
    keep(random_.chance(0.5) ? y : before);
  }

  void add_phase() {
    const Signal before = ops::cell(g_.constant(0));
    g_.close(before, wrap(before + fit(random_.pick(control_), {0.01237, 0.1931}), 0, 1));
    keep(before);
  }

  void close_states() {
    for (const Signal before : cells_) g_.close(before, excited());
    for (const Signal past : lines_) g_.close(past, excited());
    for (const Signal later : handles_) {
      const Signal before = ops::cell(g_.constant(random_.uniform(-1, 1)));
      g_.close(before, excited());
      g_.close(later, gain() * before);
    }
  }

  /// What goes round a loop: without input it would die away, into numbers that float32 flushes and comparisons jump at.
  Signal excited() { return gain() * any() + random_.uniform(0.05, 0.3) * g_.input(0); }

  void add_outputs() {
    const std::size_t last = frame_.size() - 1;
    for (std::size_t k = 0; k <= std::min<std::size_t>(last, static_cast<std::size_t>(random_.below(4))); ++k)
      g_.output(frame_[last - k]);
  }

  Graph& g_;
  Random random_;
  std::vector<Signal> frame_, control_;
  std::vector<Signal> cells_, lines_, handles_;
  std::vector<Memory> tables_;
};

}  // namespace

RandomGraph random_graph(std::uint64_t seed) {
  auto graph = std::make_unique<Graph>();
  Generator(*graph, seed).build();
  check_loops(*graph);
  return {seed, std::move(graph)};
}

std::vector<std::vector<double>> random_input(std::uint64_t seed, int channels, std::int64_t frames) {
  Random random(seed);
  std::vector<std::vector<double>> input(static_cast<std::size_t>(channels));
  for (auto& channel : input)
    for (std::int64_t n = 0; n < frames; ++n) channel.push_back(random.uniform(-1, 1));
  return input;
}

std::string to_text(const RandomGraph& random) {
  return "random graph of seed " + std::to_string(random.seed) + ":\n" + dgen::to_text(*random.graph);
}

}  // namespace dgen::testing
