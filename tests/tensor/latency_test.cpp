// How late windows make outputs, and that it is so.

#include "graph/latency.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/fourier.h"
#include "dgen/inspect.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "dgen/spectral.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "support/engines.h"
#include "support/random_graph.h"

namespace {

using namespace dgen;
using Numbers = std::vector<double>;

/// Windows at 75 % overlap, their spectra, and back: weighted twice by a Hann window, whose squares then add up to 1.5.
Signal resynthesised(Signal x, std::int64_t size) {
  Graph& g = *x.graph;
  const Signal hann = tensor(g, window_function(WindowFunction::hann, size), extents({static_cast<std::int32_t>(size)}));
  return overlap_add(irfft(rfft(window(x, size, size / 4) * hann)) * hann) * (1 / 1.5);
}

TEST(Latency, IsThatOfTheWindowsThatAreOverlappedAgain) {
  Graph g;
  const Signal x = g.input(), level = sum(window(x, 300, 100));
  EXPECT_EQ(latency(g), 0);
  g.output(x * level);
  EXPECT_EQ(latency(g), 0) << "a held value measures what was";
  g.output(resynthesised(x, 256));
  EXPECT_EQ(latency(g), 255);
  g.output(resynthesised(resynthesised(x, 256) + level, 512));
  EXPECT_EQ(latency(g), 255 + 511);
}

TEST(Latency, FollowsHistoriesAndCountsALoopOnce) {
  Graph g;
  const Signal past = ops::cell(g.constant(0));
  g.close(past, resynthesised(g.input(), 64));
  const Signal loop = ops::cell(g.constant(0)), around = overlap_add(window(0.5 * loop + past, 32, 8));
  g.close(loop, around);
  g.output(around);
  EXPECT_EQ(latency(g), 63 + 31);
}

TEST(Latency, IsReportedByProgramsAndExplained) {
  Graph g;
  g.output(resynthesised(g.input(), 128));
  EXPECT_EQ(compile(g).latency(), 127);
  EXPECT_EQ(compile(g, {.backend = Backend::interpreter}).latency(), 127);
  EXPECT_NE(to_text(explain(g)).find("latency 127 frames"), std::string::npos);
}

TEST(Resynthesis, IsTheIdentityInEveryBlockSize) {
  constexpr std::int64_t frames = 3000;
  std::vector<std::unique_ptr<Graph>> graphs;
  std::vector<const Graph*> pointers;
  constexpr std::int64_t sizes[] = {256, 480};
  for (const std::int64_t size : sizes) {
    graphs.push_back(std::make_unique<Graph>());
    graphs.back()->output(resynthesised(graphs.back()->input(), size));
    pointers.push_back(graphs.back().get());
  }
  const std::vector<Program> programs = compile(pointers);
  Numbers x = dgen::testing::random_input(3, 1, frames)[0];
  for (double& v : x) v = static_cast<double>(static_cast<float>(v));
  for (std::size_t k = 0; k < programs.size(); ++k) {
    const std::int64_t late = programs[k].latency();
    EXPECT_EQ(late, sizes[k] - 1);
    for (const std::int64_t block : {1, 37, 256}) {
      const Numbers y = dgen_test::run(programs[k], {x}, frames, block, 48000)[0];
      double worst = 0;
      for (std::int64_t n = late; n < frames; ++n)
        worst = std::fmax(worst, std::fabs(y[static_cast<std::size_t>(n)] - x[static_cast<std::size_t>(n - late)]));
      EXPECT_LT(worst, 1e-5) << "size " << sizes[k] << ", blocks of " << block;
    }
  }
}

}  // namespace
