#include "support/frame_tensors.h"

#include <array>
#include <functional>

#include "dgen/compare.h"
#include "dgen/delays.h"
#include "dgen/math.h"
#include "dgen/nn.h"
#include "dgen/oscillators.h"
#include "dgen/tensor.h"
#include "dgen/time.h"

namespace dgen::testing {

namespace {

/// What each graph begins with.
struct Given {
  Graph& g;
  Signal x;            ///< the input
  Signal gain, drive;  ///< parameters
  Signal tone;         ///< a frame signal of a parameter
};

/// Numbers of magnitude at most `size`, all different.
Signal numbers(Graph& g, const Shape& shape, double size = 0.8) {
  std::vector<double> values;
  for (std::int64_t k = 0; k < shape.elements(); ++k) {
    const double turn = 0.618 * static_cast<double>(k + 1);
    values.push_back(size * (2 * (turn - static_cast<double>(static_cast<std::int64_t>(turn))) - 1));
  }
  return tensor(g, values, shape);
}

Signal delayed(Signal x, Signal frames, std::int64_t size) {
  return x.graph->add(ops::delay_tap, std::array{x, frames}, {.size = size});
}

Signal elements(const Given& v) {
  return sum(tanh(v.x * numbers(v.g, extents({17})) + v.tone) * numbers(v.g, extents({17}), 0.3));
}

Signal axes(const Given& v) {
  const Signal grid = v.x * numbers(v.g, extents({3, 1})) + v.tone * numbers(v.g, extents({1, 5}));
  const Signal rows = sum(grid * grid), columns = reshape(sum_to(grid, extents({1, 5})), extents({5}));
  return sum(sin(rows)) + 0.2 * sum(columns * numbers(v.g, extents({5})));
}

/// Sums of rows that are longer than a vector, each seen by all elements of its row.
Signal columns(const Given& v) {
  const Signal rows = v.x * numbers(v.g, extents({3, 19})) + v.tone;
  return sum(sum(rows * reshape(sum(tanh(rows)), extents({3, 1}))));
}

Signal products(const Given& v) {
  const Signal hidden = tanh(linear(v.x * numbers(v.g, extents({6})) + v.tone, numbers(v.g, extents({20, 6}))));
  return sum(linear(hidden, numbers(v.g, extents({3, 20}), 0.2)));
}

Signal windows(const Given& v) {
  const Signal rows = window(v.x * numbers(v.g, extents({3})) + v.tone, 7, 4);
  return hold(sum(sum(rows * numbers(v.g, extents({3, 7}), 0.3))));
}

Signal every_frame_window(const Given& v) {
  return sum(sum(window(v.x * numbers(v.g, extents({2})), 18, 1) * numbers(v.g, extents({18}), 0.2))) + v.tone;
}

Signal overlaps(const Given& v) {
  const Signal frames = window(v.x, 12, 5) * numbers(v.g, extents({12}));
  const Signal rows = overlap_add(reshape(frames, extents({3, 4})));
  return sum(rows * numbers(v.g, extents({3}))) * v.tone;
}

Signal held(const Given& v) {
  const Signal spectrum = window(v.x + v.tone, 20, 6) * 0.3;
  const Signal rows = hold(spectrum);
  return sum(rows * numbers(v.g, extents({20}))) + sum(tanh(v.x * hold(sum(spectrum)) * numbers(v.g, extents({3}))));
}

Signal delays(const Given& v) {
  const Signal rows = v.x * numbers(v.g, extents({5})) + v.tone;
  return sum(delayed(rows, v.g.constant(9), 9) * rows) + sum(delayed(rows * rows, 4.0 * v.drive, 6));
}

/// The past of values that rest: nothing before the first frame.
Signal resting(const Given& v) {
  const Signal rows = v.gain * numbers(v.g, extents({3})), frame = rows * numbers(v.g, extents({3}));
  const Signal past = sum(delayed(rows, v.g.constant(9), 9)) + sum(delayed(numbers(v.g, extents({4})), 4.0 * v.drive, 6));
  const Signal windows = sum(sum(window(frame, 7, 4) * numbers(v.g, extents({3, 7}))));
  return past * v.x + hold(windows) +
         v.g.add(ops::overlap_add, std::array{v.drive * numbers(v.g, extents({12}))}, {.size = 12, .hop = 5}) * v.tone;
}

Signal modulated_delays(const Given& v) {
  const Signal rows = v.x * numbers(v.g, extents({5})) + v.tone;
  return sum(delayed(rows, 3.0 + 2.0 * sin(frame_index(v.g) * 0.05), 6) * numbers(v.g, extents({5})));
}

Signal history(const Given& v) {
  const Signal past = ops::cell(numbers(v.g, extents({4})));
  v.g.close(past, v.x * numbers(v.g, extents({4})) + v.tone);
  return sum(past * v.x);
}

/// One-poles of many speeds, an oscillator that saturates: every element by itself.
Signal bank(const Given& v) {
  const Signal state = ops::cell(numbers(v.g, extents({40})));
  v.g.close(state, state * numbers(v.g, extents({40}), 0.95) + v.x);
  const Signal folded = ops::cell(expand(v.g.constant(0), extents({3})));
  v.g.close(folded, tanh(folded * numbers(v.g, extents({3}), 1.5) * v.drive + v.x));
  return sum(state * numbers(v.g, extents({40}), 0.1)) + sum(folded);
}

/// Resonators, each of two states.
Signal resonators(const Given& v) {
  const Shape shape = extents({18});
  const Signal cosine = ops::cell(expand(v.g.constant(1), shape)), sine = ops::cell(expand(v.g.constant(0), shape));
  const Signal angle = numbers(v.g, shape, 0.7), radius = v.g.constant(0.99);
  const Signal c = cos(angle), s = sin(angle);
  v.g.close(cosine, radius * (c * cosine - s * sine) + v.x * v.gain);
  v.g.close(sine, radius * (s * cosine + c * sine));
  return 0.2 * sum(sine) + 0.1 * sum(cosine * v.x);
}

/// Every element feeds every other.
Signal coupled(const Given& v) {
  const Shape shape = extents({6});
  const Signal state = ops::cell(numbers(v.g, shape));
  v.g.close(state, v.gain * tanh(state - expand(sum(state) * (1.0 / 3), shape)) + v.x * numbers(v.g, shape));
  return sum(state * numbers(v.g, shape));
}

/// A feedback matrix, and one for the gradient that is not square.
Signal matrix(const Given& v) {
  const Signal state = ops::cell(numbers(v.g, extents({18})));
  const Signal mixed = linear(tanh(state), numbers(v.g, extents({5, 18}), 0.3));
  v.g.close(state, linear(mixed, numbers(v.g, extents({18, 5}), 0.4)) * v.gain + v.x * numbers(v.g, extents({18})));
  return sum(state * numbers(v.g, extents({18}), 0.2)) + v.tone;
}

/// Lanes of which each has elements that meet, and no other's.
Signal lanes(const Given& v) {
  const Shape shape = extents({4, 3});
  const Signal state = ops::cell(numbers(v.g, shape));
  const Signal mixed = linear(state, numbers(v.g, extents({3, 3}), 0.5));
  const Signal mean = expand(reshape(sum(state) * (1.0 / 3), extents({4, 1})), shape);
  v.g.close(state, tanh(mixed - v.gain * mean) + v.x * numbers(v.g, shape));
  return sum(sum(state * numbers(v.g, shape)));
}

/// States that change places, of two shapes and a number.
Signal exchanged(const Given& v) {
  const Signal a = ops::cell(numbers(v.g, extents({2, 3}))), b = ops::cell(expand(v.g.constant(0), extents({2, 3})));
  const Signal level = ops::cell(v.gain);
  v.g.close(a, b);
  v.g.close(b, 0.6 * a * numbers(v.g, extents({3})) + v.x + 0.1 * level);
  v.g.close(level, 0.5 * tanh(sum(sum(b))));
  return sum(sum(a)) + level;
}

/// A network with learnt matrices in its loop.
Signal gru(const Given& v) {
  const nn::GruCell cell = nn::gru_cell(v.g, "gru", 2, 5, 3);
  return sum(cell.run(v.x * numbers(v.g, extents({2})) + v.tone) * numbers(v.g, extents({5})));
}

/// Phases whose steps are learnt, move, and start again.
Signal phases(const Given& v) {
  const Signal resting = sin(two_pi * phasor(2000.0 * v.gain * numbers(v.g, extents({18}))));
  const Signal moving = sin(two_pi * phasor(900.0 * v.tone * numbers(v.g, extents({3})), gt(v.x, 0.9)));
  const Signal restarted = cos(two_pi * phasor(700.0 * v.drive, gt(v.x * numbers(v.g, extents({2})), 0.7)));
  return sum(resting * numbers(v.g, extents({18}), 0.2)) + sum(moving) * v.x + sum(restarted);
}

/// Lines that feed each other, each of a time of its own, and delays of times that move.
Signal echoes(const Given& v) {
  const Shape shape = extents({3});
  const Signal state = ops::cell(expand(v.g.constant(0), shape)), times = 20.0 + 40.0 * v.drive * numbers(v.g, shape);
  const Signal mixed = linear(delay(state, times, 40.0), numbers(v.g, extents({3, 3}), 0.6));
  v.g.close(state, tanh(mixed) + v.x * numbers(v.g, shape));
  return sum(state) + sum(delay(v.x * numbers(v.g, extents({2})), 9.0 + 4.0 * v.tone, 20.0));
}

/// From rows to numbers, through a loop of those, and back.
Signal there_and_back(const Given& v) {
  const Signal first = sum(tanh(v.x * numbers(v.g, extents({4}))));
  const Signal state = ops::cell(v.g.constant(0.2));
  v.g.close(state, tanh(0.7 * state + first));
  const Signal again = sum(state * numbers(v.g, extents({9})) * delayed(first, v.g.constant(3), 3));
  return again + sum(window(again, 5, 2) * numbers(v.g, extents({5}))) * v.tone;
}

}  // namespace

std::vector<FrameTensors> frame_tensors() {
  struct Entry {
    const char* name;
    Signal (*build)(const Given&);
    bool has_gradient = true;
  };
  constexpr Entry entries[] = {
      {"elements", elements},
      {"axes", axes},
      {"columns", columns},
      {"products", products},
      {"windows", windows},
      {"window", every_frame_window},
      {"overlaps", overlaps},
      {"held", held},
      {"delays", delays},
      {"resting", resting},
      {"modulated", modulated_delays, false},
      {"history", history},
      {"bank", bank},
      {"resonators", resonators},
      {"coupled", coupled},
      {"matrix", matrix},
      {"lanes", lanes},
      {"exchanged", exchanged},
      {"gru", gru},
      {"phases", phases},
      {"echoes", echoes},
      {"there and back", there_and_back},
  };
  std::vector<FrameTensors> made;
  for (const Entry& entry : entries) {
    auto graph = std::make_unique<Graph>();
    Graph& g = *graph;
    const Signal gain = g.param("gain", 0.7), drive = g.param("drive", 0.4);
    const Given given{g, g.input(), gain, drive, 0.3 * sin(frame_index(g) * (0.1 + 0.2 * drive)) * gain};
    g.output(entry.build(given));
    made.push_back({entry.name, std::move(graph), entry.has_gradient});
  }
  return made;
}

}  // namespace dgen::testing
