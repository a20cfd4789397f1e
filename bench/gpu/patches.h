#pragma once
// The patches whose training steps are measured; bench/gpu/torch_steps.py has the same ones.

#include <span>
#include <string_view>

#include "dgen/graph.h"

namespace gpu_bench {

constexpr int frames = 4096;
constexpr double rate = 44100;

struct Patch {
  std::string_view name;
  dgen::Signal (*loss)(dgen::Graph& graph);  ///< of parameters, towards host input 0
};

std::span<const Patch> patches();

}  // namespace gpu_bench
