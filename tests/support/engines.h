#pragma once
// One way to run a graph by each of the engines.

#include <array>
#include <cstdint>
#include <vector>

#include "dgen/interpreter.h"

namespace dgen_test {

/// float64, float32: the interpreter of that precision.
enum class Engine : std::uint8_t { float64, float32 };

inline constexpr std::array every_engine{Engine::float64, Engine::float32};

inline const char* engine_name(Engine engine) {
  switch (engine) {
    case Engine::float64: return "float64";
    case Engine::float32: return "float32";
  }
  return "";
}

/// All outputs of `frames` frames.
inline std::vector<std::vector<double>> run(const dgen::Graph& graph, Engine engine, const std::vector<std::vector<double>>& in,
                                            std::int64_t frames, double sample_rate) {
  std::vector<std::vector<double>> out(graph.outputs().size(), std::vector<double>(static_cast<std::size_t>(frames)));
  const auto precision = engine == Engine::float64 ? dgen::Precision::float64 : dgen::Precision::float32;
  dgen::Interpreter(graph, sample_rate, precision).process(in, out, frames);
  return out;
}

}  // namespace dgen_test
