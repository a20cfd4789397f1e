#pragma once
// WHEN on a device: stages of which every one is a kernel, or a few, over all frames or ticks of a block.

#include <memory>
#include <set>

#include "ir/ir.h"
#include "schedule/schedule.h"

namespace dgen::schedule {

/// How a recurrence runs on a device.
enum class LoopForm : std::uint8_t {
  steady,      ///< a phase, or a row of them, that is known at every frame
  phase,       ///< a phase whose steps are summed up: a scan
  scan,        ///< affine in its states: a scan
  sequential,  ///< frame after frame, on a work item of its own
  elements,    ///< the same of a value with a shape: a work item for each element
  row_scan,    ///< of a value with a shape, each of few elements affine in its states: a scan
  coupled,     ///< of values with shapes whose elements meet, or with delay lines: a work item for each part that is apart
};
LoopForm loop_form(const Graph& graph, int recur);

/// What the work items of a stage are.
enum class DeviceForm : std::uint8_t {
  rows,       ///< one for every tick and element: none needs the result of another
  lines,      ///< one for every tick and line of elements along an axis
  parts,      ///< one for every tick and part of a long sum over elements
  transform,  ///< a Fourier transform: one for every tick and butterfly, pass after pass
  product,    ///< a matrix product by tiles in the memory of groups: one for every tick and element
  scans,      ///< chunks of frames, their ends, the frames again
  loops,      ///< one a loop
  row_loops,  ///< one for every element of a loop
  row_scans,  ///< as scans, of every element
  coupled,    ///< one for every part of a loop that meets no other
  sums,       ///< sums over time: one for a chunk of ticks and element, then a few for each element
};

struct DeviceStage : Stage {
  DeviceForm form = DeviceForm::rows;
  std::int64_t elements = 1;  ///< of each tick; `hop` is at least 1, that of frames
  std::vector<int> keeps{};   ///< nodes whose past ticks it keeps, to be held or added up
  std::set<int> inlined{};    ///< of its nodes: each element computed where the stage reads it, once or twice, and kept nowhere
};

/// A graph without cells in stages: those of control values, which the host computes, and those of the device.
struct DeviceSchedule {
  Schedule control;
  std::vector<DeviceStage> stages;
  ir::Run run = ir::Run::stream;
  ir::GroupLimits group{};  ///< of the device
};

/// Stages of a graph that `passes::find_scans` made. All that need not be in a loop is outside, and nodes run as early as they
/// can, so that stages are few. Throws `Error` bad_type, naming the node, for what devices do not run.
DeviceSchedule make_device_schedule(std::unique_ptr<const Graph> graph, ir::Run run, const ir::GroupLimits& group);

/// Frames from a row of a value to the next: 1 for what changes every frame.
std::int32_t device_hop(const Type& type);

/// Of a contract: how many elements each of its sums adds up, and in how many parts that is done.
std::int64_t summed_elements(const Graph& graph, int contract);
std::int64_t parts_of_sum(const Graph& graph, int contract);

}  // namespace dgen::schedule
