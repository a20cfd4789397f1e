#pragma once
// What every back end of a device must compute of values with shapes: ops on tensors, Fourier transforms, loops over vectors, and
// random graphs between hop clocks, merged into few programs.

#include "device/device_suite.h"
#include "dgen/complex.h"
#include "dgen/fourier.h"
#include "dgen/spectral.h"
#include "dgen/tensor.h"
#include "support/frame_tensors.h"
#include "support/random_tensors.h"
#include "support/tensor_cases.h"

namespace device_suite {

inline Signal weighted_sum(Signal y) { return sum_to(y * dgen::testing::weights(*y.graph, (*y.graph)[y.id].type.shape), {}); }

/// Every op on tensors at the ticks of a hop, whose elements are heard as a sum and one after another.
inline void add_tensor_ops(Graph& merged, const Accepts& accepts, const Chosen& chosen) {
  std::size_t count = 0;
  for (const dgen::testing::TensorCase& one : dgen::testing::tensor_cases()) {
    Graph g;
    const Signal y = one.make(dgen::testing::tick_inputs(g, one.shapes, count % 2 == 0 ? 5 : 70));
    g.output(weighted_sum(y));
    const auto elements = static_cast<std::int32_t>(g[y.id].type.shape.elements());
    g.output(overlap_add(reshape(y, extents({elements}))));
    ++count;
    if (chosen(one.name) && accepts(g)) dgen::testing::merge(merged, g, std::string(one.name) + "_");
  }
}

/// Transforms of both kinds and ways, of sizes with every radix.
inline void add_transforms(Graph& g, const Chosen& chosen) {
  for (const std::int32_t n : {2, 6, 16, 30, 64, 100}) {
    const std::string name = "n" + std::to_string(n);
    if (!chosen(name)) continue;
    const Graph::Scope scope(g, name);
    const Signal x = window(g.input(), n, 32), z = reshape(window(g.input(), 2 * n, 32), extents({2, n}));
    for (const Signal y : {rfft(x), fft(z), ifft(z)}) g.output(weighted_sum(y));
    g.output(overlap_add(irfft(rfft(x))) + weighted_sum(irfft(reshape(window(g.input(), n + 2, 32), extents({2, n / 2 + 1})))));
  }
}

inline void check_tensors(const Compile& compile, const Accepts& accepts, const Chosen& chosen) {
  constexpr std::int64_t frames = 300;
  Graph merged;
  add_tensor_ops(merged, accepts, chosen);
  add_transforms(merged, chosen);
  const Channels in = dgen::testing::random_input(5, merged.inputs(), frames);
  // The sources' phases reach 170 radians, which floats know to 1e-5; cubics multiply that.
  expect_parity(merged, compile(merged), in, frames, 2e-4, {97});
}

/// Values with shapes that change every frame, and loops over them.
inline void check_frame_tensors(const Compile& compile, const Accepts& accepts) {
  constexpr std::int64_t frames = 300;
  Graph merged;
  for (const auto& one : dgen::testing::frame_tensors()) {
    EXPECT_TRUE(accepts(*one.graph)) << one.name;
    dgen::testing::merge(merged, *one.graph, one.name + "_");
  }
  expect_parity(merged, compile(merged), dgen::testing::random_input(6, merged.inputs(), frames), frames, 1e-4, {64});
}

inline void check_random_tensors(const Compile& compile, int wanted, std::uint64_t seed, const Accepts& accepts) {
  constexpr std::int64_t frames = 300;
  constexpr double tolerance = 1e-4;
  Graph merged;
  const Channels in = dgen::testing::random_input(seed, 4, frames);
  for (int drawn = 0; drawn < wanted; ++seed) {
    const auto random = dgen::testing::random_tensors(seed, true);
    if (!accepts(*random.graph)) continue;
    if (!(dgen::testing::sensitivity(*random.graph, in, frames, rate) < tolerance)) continue;
    if (!(dgen::testing::rounding_sensitivity(*random.graph, in, frames, rate) < tolerance)) continue;
    dgen::testing::merge(merged, *random.graph, "g" + std::to_string(seed) + "_");
    ++drawn;
  }
  expect_parity(merged, compile(merged), in, frames, tolerance, {37});
}

}  // namespace device_suite
