// Fourier transforms in generated C at every vector width: against FFTW in double, and against the interpreter.

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/complex.h"
#include "dgen/fourier.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "dgen/spectral.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "graph/fourier.h"
#include "support/engines.h"
#include "support/fftw.h"
#include "support/random_graph.h"
#include "support/segment_parity.h"

namespace {

using namespace dgen;
using Numbers = std::vector<double>;

Numbers random_numbers(std::size_t count) {
  Numbers x = dgen::testing::random_input(11, 1, static_cast<std::int64_t>(count))[0];
  for (double& v : x) v = static_cast<double>(static_cast<float>(v));
  return x;
}

double distance(const Numbers& a, const Numbers& b) {
  double error = 0, size = 0;
  for (std::size_t k = 0; k < b.size(); ++k) error += (a[k] - b[k]) * (a[k] - b[k]), size += b[k] * b[k];
  return a.size() == b.size() ? std::sqrt(error / size) : 1;
}

/// A patch that plays, from frame `hop` on, the transform of the frames up to there, an element a frame.
struct Played {
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  Transform kind{};
  std::int64_t n = 0, takes = 0, gives = 0, hop = 0;
};

Played played(Transform kind, std::int64_t n) {
  Played made{.kind = kind, .n = n};
  Graph& g = *made.graph;
  const std::int64_t spectrum = fourier::is_real(kind) ? n + 2 : 2 * n;
  made.takes = kind == Transform::real_forward ? n : spectrum;
  made.gives = kind == Transform::real_inverse ? n : spectrum;
  made.hop = spectrum;
  const Signal x = window(g.input(), made.takes, made.hop);
  const Signal z = kind == Transform::real_forward ? x : reshape(x, extents({2, static_cast<std::int32_t>(spectrum / 2)}));
  const Signal y = kind == Transform::complex_forward   ? fft(z)
                   : kind == Transform::complex_inverse ? ifft(z)
                   : kind == Transform::real_forward    ? rfft(z)
                                                        : irfft(z);
  g.output(overlap_add(reshape(y, extents({static_cast<std::int32_t>(made.gives)}))));
  return made;
}

/// What the transform gives of `x`, in compiled code and in the interpreter.
template <typename Runnable>
Numbers run_played(const Played& patch, const Runnable& program, const Numbers& x) {
  Numbers in(static_cast<std::size_t>(patch.hop + 1 - patch.takes), 0.0);
  in.insert(in.end(), x.begin(), x.end());
  in.resize(static_cast<std::size_t>(patch.hop + patch.gives), 0.0);
  const auto frames = static_cast<std::int64_t>(in.size());
  Numbers y;
  if constexpr (std::is_same_v<Runnable, Program>)
    y = dgen_test::run(program, {in}, frames, frames, 48000)[0];
  else
    y = dgen_test::run(program, dgen_test::Engine::float64, {in}, frames, 48000)[0];
  return {y.begin() + static_cast<std::ptrdiff_t>(patch.hop), y.end()};
}

/// The same by FFTW.
Numbers by_fftw(const dgen::testing::Fftw& fftw, const Played& patch, const Numbers& x) {
  const auto n = static_cast<std::size_t>(patch.n), bins = n / 2 + 1;
  Numbers z = x;
  if (patch.kind == Transform::real_forward) z.resize(2 * n, 0.0);
  if (patch.kind == Transform::real_inverse) {
    z.assign(2 * n, 0.0);
    for (std::size_t k = 0; k < bins; ++k) {
      const bool edge = k == 0 || k == n / 2;
      z[k] = z[(n - k) % n] = x[k];
      z[n + k] = edge ? 0 : x[bins + k];
      if (!edge) z[n + n - k] = -x[bins + k];
    }
  }
  const bool inverse = patch.kind == Transform::complex_inverse || patch.kind == Transform::real_inverse;
  Numbers y = fftw.transform(z, inverse ? 1 : -1);
  if (inverse)
    for (double& v : y) v /= static_cast<double>(n);
  if (patch.kind == Transform::real_inverse) y.resize(n);
  if (patch.kind != Transform::real_forward) return y;
  Numbers half(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(bins));
  half.insert(half.end(), y.begin() + static_cast<std::ptrdiff_t>(n), y.begin() + static_cast<std::ptrdiff_t>(n + bins));
  return half;
}

struct Case {
  Transform kind;
  std::int64_t n;
};

struct Set {
  int width;
  std::vector<Case> cases;
};

/// Every kind, pass and remainder of whole vectors at one width or another: what all of them took would be minutes.
const std::vector<Set>& sets() {
  constexpr Transform fft = Transform::complex_forward, ifft = Transform::complex_inverse;
  constexpr Transform rfft = Transform::real_forward, irfft = Transform::real_inverse;
  static const std::vector<Set> all{{16, {{rfft, 2}, {rfft, 120}, {rfft, 1024}, {rfft, 65536}, {irfft, 500}, {fft, 225}}},
                                    {8, {{rfft, 64}, {rfft, 480}, {irfft, 4096}, {ifft, 50}}},
                                    {4, {{rfft, 256}, {irfft, 18}, {fft, 45}}}};
  return all;
}

TEST(CompiledFourier, IsThatOfFftw) {
  const auto fftw = dgen::testing::Fftw::load();
  if (!fftw) GTEST_SKIP() << "libfftw3.so.3 is not installed: scripts/setup test installs it";
  double worst = 0;
  for (const Set& set : sets()) {
    std::vector<Played> patches;
    std::vector<const Graph*> graphs;
    for (const Case& one : set.cases) patches.push_back(played(one.kind, one.n));
    for (const Played& patch : patches) graphs.push_back(patch.graph.get());
    const std::vector<Program> programs = compile(graphs, {.vector_width = set.width});
    for (std::size_t k = 0; k < patches.size(); ++k) {
      const Numbers x = random_numbers(static_cast<std::size_t>(patches[k].takes));
      const Numbers wanted = by_fftw(*fftw, patches[k], x);
      const double error = distance(run_played(patches[k], programs[k], x), wanted);
      EXPECT_LT(error, 1e-6) << "size " << patches[k].n << ", kind " << static_cast<int>(patches[k].kind) << ", width "
                             << set.width;
      worst = std::fmax(worst, error);
      EXPECT_LT(distance(run_played(patches[k], *patches[k].graph, x), wanted), 1e-14) << patches[k].n;
    }
  }
  std::printf("worst relative error %.2g\n", worst);
}

/// Everything at hops where ticks are lanes, several rows at a time.
Signal side_by_side(Graph& g, std::int64_t n, std::int64_t hop) {
  Numbers weights;
  for (std::int64_t k = 0; k < 2 * n; ++k) weights.push_back(1 + 0.5 * std::cos(0.7 * static_cast<double>(k)));
  const Signal two = window(g.input(), n, hop) * tensor(g, weights, extents({2, static_cast<std::int32_t>(n)}));
  const Signal real = irfft(tanh(0.1 * rfft(two))), complex = ifft(sin(0.1 * fft(two)));
  return overlap_add(sum_to(real + complex, extents({static_cast<std::int32_t>(n)})));
}

TEST(CompiledFourier, OfTheTicksOfABlockAgreesInEveryBlockSize) {
  constexpr std::int64_t frames = 400;
  struct Clock {
    int width;
    std::int64_t n, hop;
  };
  for (const Clock& clock :
       {Clock{16, 64, 1}, Clock{16, 20, 7}, Clock{8, 2, 3}, Clock{8, 256, 16}, Clock{4, 6, 1}, Clock{4, 80, 5}}) {
    Graph g;
    g.output(side_by_side(g, clock.n, clock.hop));
    const Program program = compile(g, {.vector_width = clock.width});
    const std::vector<Numbers> in{random_numbers(frames)};
    const auto whole = dgen_test::run(program, in, frames, frames, 48000);
    const auto expected = dgen_test::run(g, dgen_test::Engine::float64, in, frames, 48000);
    EXPECT_LT(distance(whole[0], expected[0]), 1e-6) << "size " << clock.n << ", hop " << clock.hop;
    for (const std::int64_t block : {1, 37, 256}) EXPECT_EQ(dgen_test::run(program, in, frames, block, 48000), whole);
  }
}

TEST(CompiledFourier, RunsBackwardInTime) {
  std::vector<std::unique_ptr<Graph>> graphs;
  std::vector<std::vector<Signal>> wanted;
  for (const std::int64_t hop : {1, 24}) {  // side by side, and one after the other
    graphs.push_back(std::make_unique<Graph>());
    Graph& g = *graphs.back();
    const Signal x = g.input() * g.param("gain", 0.7), z = rfft(window(x, 48, hop));
    const Signal y = overlap_add(irfft(tanh(0.1 * z)));
    const Signal loss = ops::time_sum(sum(spectral_magnitude(z))) + ops::time_sum(y * y);
    const Gradient d = gradient(loss, std::array{Signal{&g, g.params()[0]}, g.input()});
    wanted.push_back({loss, d.of[0], d.of[1]});
  }
  const std::vector<SegmentProgram> programs = compile_segments(wanted);
  constexpr std::int64_t frames = 600;
  const std::vector<Numbers> in{random_numbers(frames)};
  for (std::size_t k = 0; k < programs.size(); ++k) {
    SegmentInterpreter reference(*graphs[k], wanted[k], 48000);
    const auto expected = reference.evaluate(in, frames), actual = dgen::testing::results(programs[k], in, frames);
    EXPECT_LE(dgen::testing::difference(expected, actual), 1e-5);
  }
}

}  // namespace
