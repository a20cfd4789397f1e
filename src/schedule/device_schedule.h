#pragma once
// WHEN on a device: stages of which every one is a kernel, or three, over all frames of a call.

#include <memory>

#include "schedule/schedule.h"

namespace dgen::schedule {

/// How a recurrence runs on a device.
enum class LoopForm : std::uint8_t {
  steady,      ///< a phase that is known at every frame
  phase,       ///< a phase whose steps are summed up: a scan
  scan,        ///< affine in its states: a scan
  sequential,  ///< frame after frame, on a work item of its own
};
LoopForm loop_form(const Graph& graph, int recur);

/// Stages of a graph that `passes::find_scans` made: parallel ones without scans, parallel ones of scans alone, and
/// sequential ones of recurrences alone. All that need not be in a loop is outside, and nodes run as early as they can, so
/// that stages are few. Throws `Error` bad_type, naming the node, where a value has a shape or is not on the frame clock.
Schedule make_device_schedule(std::unique_ptr<const Graph> graph);

/// Whether a stage of a device schedule holds scans.
bool is_scan_stage(const Graph& graph, const Stage& stage);

}  // namespace dgen::schedule
