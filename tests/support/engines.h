#pragma once
// One way to run a graph by each of the engines.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "dgen/interpreter.h"
#include "dgen/program.h"

namespace dgen_test {

/// float64, float32: the interpreter of that precision. cpu: generated C.
enum class Engine : std::uint8_t { float64, float32, cpu };

inline constexpr std::array every_engine{Engine::float64, Engine::float32, Engine::cpu};

inline const char* engine_name(Engine engine) {
  switch (engine) {
    case Engine::float64: return "float64";
    case Engine::float32: return "float32";
    case Engine::cpu: return "cpu";
  }
  return "";
}

/// All outputs of `frames` frames of a program, run in blocks of `block`.
inline std::vector<std::vector<double>> run(const dgen::Program& program, const std::vector<std::vector<double>>& in,
                                            std::int64_t frames, std::int64_t block, double sample_rate) {
  dgen::Instance instance(program, sample_rate);
  std::vector<std::vector<float>> from(in.size());
  std::vector<std::vector<float>> to(static_cast<std::size_t>(program.outputs()),
                                     std::vector<float>(static_cast<std::size_t>(frames)));
  for (std::size_t c = 0; c < in.size(); ++c) {
    for (const double x : in[c]) from[c].push_back(static_cast<float>(x));
  }
  for (std::int64_t at = 0; at < frames; at += block) {
    std::vector<const float*> from_here;
    std::vector<float*> to_here;
    for (const auto& channel : from) from_here.push_back(channel.data() + at);
    for (auto& channel : to) to_here.push_back(channel.data() + at);
    instance.process(from_here.data(), to_here.data(), std::min(block, frames - at));
  }
  std::vector<std::vector<double>> out;
  for (const auto& channel : to) out.emplace_back(channel.begin(), channel.end());
  return out;
}

/// All outputs of `frames` frames.
inline std::vector<std::vector<double>> run(const dgen::Graph& graph, Engine engine, const std::vector<std::vector<double>>& in,
                                            std::int64_t frames, double sample_rate) {
  if (engine == Engine::cpu) return run(dgen::compile(graph), in, frames, frames, sample_rate);
  std::vector<std::vector<double>> out(graph.outputs().size(), std::vector<double>(static_cast<std::size_t>(frames)));
  const auto precision = engine == Engine::float64 ? dgen::Precision::float64 : dgen::Precision::float32;
  dgen::Interpreter(graph, sample_rate, precision).process(in, out, frames);
  return out;
}

}  // namespace dgen_test
