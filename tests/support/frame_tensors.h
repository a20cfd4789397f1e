#pragma once
// Graphs with values that have shapes at the frame clock, in every form that code is generated for.

#include <memory>
#include <string>
#include <vector>

#include "dgen/graph.h"

namespace dgen::testing {

struct FrameTensors {
  std::string name;
  std::unique_ptr<Graph> graph;
  bool has_gradient = true;
};

/// With one input and the parameters "gain" and "drive"; every output is a frame signal.
std::vector<FrameTensors> frame_tensors();

}  // namespace dgen::testing
