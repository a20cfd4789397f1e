#pragma once
// What a SegmentProgram holds: what every back end has in common, and the code of one of them.

#include <memory>
#include <string>
#include <vector>

#include "dgen/segment.h"

namespace dgen::runtime {

struct SegmentData {
  std::string name;
  Backend backend = Backend::cpu;
  int inputs = 0;
  std::vector<ParamInfo> params{};
  std::vector<bool> is_frames{};  ///< by wanted signal
  std::shared_ptr<const std::string> source{};
  double compile_seconds = 0;
  bool from_cache = false;
  std::string explained{};
  std::int64_t memory_budget = 0;

  std::shared_ptr<const Graph> graph{};  ///< interpreter: its own copy
  std::vector<int> wanted{};             ///< interpreter: nodes of `graph`
};

/// The program that interprets a copy of the graph of `wanted`.
std::shared_ptr<const SegmentData> interpret_segment(std::span<const Signal> wanted, const std::string& name);

}  // namespace dgen::runtime
