#pragma once
// A segment program in words.

#include <span>
#include <string>

#include "passes/plan_segment.h"
#include "runtime/pipeline.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

/// `compiled`: by phase of the plan that has code.
std::string explain_segment(const Graph& graph, const passes::SegmentPlan& plan, std::span<const Compiled> compiled,
                            const SegmentData& data);

}  // namespace dgen::runtime
