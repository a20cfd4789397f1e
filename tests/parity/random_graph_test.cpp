// Random graphs with feedback as generated C against the interpreter, in blocks of several sizes; many graphs in one
// run of the C compiler. DGEN_RANDOM_GRAPHS=5000 asks for more graphs, DGEN_RANDOM_SEED=n for others.

#include "support/random_graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "support/engines.h"

namespace {

using dgen::Graph;
using dgen::testing::RandomGraph;
using dgen_test::Engine;
using dgen_test::run;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 300;  // more than a sub-block of 256
constexpr double sample_rate = 48000;
/// Of values within a few units: what 1e-6, about eight float32 roundings of 1, may grow to in loops of a gain below 1.
constexpr double tolerance = 1e-4;
constexpr std::size_t graphs_a_batch = 50;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

Channels input_of(const RandomGraph& random) { return dgen::testing::random_input(random.seed, random.graph->inputs(), frames); }

/// A graph that amplifies small differences, by feedback or by a jump, tests no float32 back end.
bool is_sensitive(const RandomGraph& random) {
  const Channels in = input_of(random);
  return !(dgen::testing::sensitivity(*random.graph, in, frames, sample_rate) < tolerance) ||
         !(dgen::testing::rounding_sensitivity(*random.graph, in, frames, sample_rate) < tolerance);
}

bool near(double a, double b) { return std::fabs(a - b) <= tolerance || (std::isnan(a) && std::isnan(b)) || a == b; }

/// What is wrong with a program, if anything.
std::optional<std::string> difference(const Graph& graph, const dgen::Program& program, const Channels& in) {
  const Channels expected = run(graph, Engine::float64, in, frames, sample_rate);
  const Channels whole = run(program, in, frames, frames, sample_rate);
  for (std::size_t c = 0; c < expected.size(); ++c) {
    for (std::size_t n = 0; n < expected[c].size(); ++n) {
      if (near(expected[c][n], whole[c][n])) continue;
      return "output " + std::to_string(c) + " at frame " + std::to_string(n) + " is " + std::to_string(whole[c][n]) +
             ", the interpreter's " + std::to_string(expected[c][n]);
    }
  }
  for (const std::int64_t block : {1, 7, 64}) {
    const Channels cut = run(program, in, frames, block, sample_rate);
    for (std::size_t c = 0; c < whole.size(); ++c) {
      for (std::size_t n = 0; n < whole[c].size(); ++n) {
        if (cut[c][n] == whole[c][n] || (std::isnan(cut[c][n]) && std::isnan(whole[c][n]))) continue;
        return "output " + std::to_string(c) + " at frame " + std::to_string(n) + " depends on the block size, " +
               std::to_string(block);
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> failure(const Graph& graph, const Channels& in) {
  try {
    return difference(graph, dgen::compile(graph), in);
  } catch (const std::exception& e) {
    return e.what();
  }
}

std::string report(const RandomGraph& random, const std::string& what) {
  const Channels in = input_of(random);
  const auto smallest = dgen::testing::shrink(*random.graph, [&](const Graph& g) {
    return failure(g, in) && dgen::testing::rounding_sensitivity(g, in, frames, sample_rate) < tolerance;
  });
  return what + "\n" + to_text(random) + "shrunk: " + failure(*smallest, in).value_or("no longer fails") + "\n" +
         to_text(*smallest);
}

/// Draws graphs that are not sensitive.
class Draw {
 public:
  explicit Draw(std::uint64_t first) : seed_(first) {}
  std::vector<RandomGraph> batch(std::size_t count) {
    std::vector<RandomGraph> drawn;
    while (drawn.size() < count) {
      RandomGraph random = dgen::testing::random_graph(seed_++);
      if (is_sensitive(random)) {
        ++redrawn_;
      } else {
        drawn.push_back(std::move(random));
      }
    }
    return drawn;
  }
  int redrawn() const { return redrawn_; }

 private:
  std::uint64_t seed_;
  int redrawn_ = 0;
};

/// Compiles the graphs together, or where that throws, one by one to find which it is.
void check_batch(const std::vector<RandomGraph>& batch) {
  std::vector<const Graph*> graphs;
  for (const RandomGraph& random : batch) graphs.push_back(random.graph.get());
  std::vector<dgen::Program> programs;
  try {
    programs = dgen::compile(graphs);
  } catch (const std::exception& together) {
    for (const RandomGraph& random : batch) {
      if (const auto what = failure(*random.graph, input_of(random))) FAIL() << report(random, *what);
    }
    FAIL() << "only together: " << together.what();
  }
  for (std::size_t k = 0; k < batch.size(); ++k) {
    const auto what = difference(*graphs[k], programs[k], input_of(batch[k]));
    if (what) FAIL() << report(batch[k], *what);
  }
}

TEST(CompiledRandomGraphs, AgreeWithTheInterpreterInEveryBlockSize) {
  const std::uint64_t wanted = from_environment("DGEN_RANDOM_GRAPHS", 500), first = from_environment("DGEN_RANDOM_SEED", 0);
  Draw draw(first);
  std::uint64_t done = 0;
  for (; done < wanted && !HasFailure(); done += graphs_a_batch) check_batch(draw.batch(graphs_a_batch));
  std::printf("%llu random graphs from seed %llu on, %d redrawn because they are sensitive\n",
              static_cast<unsigned long long>(done), static_cast<unsigned long long>(first), draw.redrawn());
  EXPECT_LE(draw.redrawn() * 20, static_cast<int>(done));
}

}  // namespace
