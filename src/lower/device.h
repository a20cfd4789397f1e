#pragma once
// HOW on a device: the kernels of a schedule, what launches them, and what the host computes between the launches.

#include <map>
#include <string_view>

#include "lower/lower.h"
#include "schedule/device_schedule.h"

namespace dgen::lower {

/// What the work items of a kernel are, times `Launch::elements`. All but those of the host are many, or a loop each.
enum class Grid : std::uint8_t {
  host,         ///< the host's own: run by `ir::run`, on control values, uniforms and phases
  ticks,        ///< one a tick of `Launch::hop`; of hop 1: a frame
  chunks,       ///< one for every `scan_chunk` frames
  tick_chunks,  ///< one for every `sum_chunk` ticks
  one,          ///< one
};

/// A kernel of `DeviceLowered::module`, with `rows` rows of work items.
struct Launch {
  int kernel = -1;
  Grid grid = Grid::ticks;
  int rows = 1;
  std::int32_t hop = 1;
  std::int64_t elements = 1;
  int group = 0;          ///< work items of a group, which share its memory; 0: they do not meet
  std::int64_t each = 1;  ///< of such groups: how many of `elements` one has
};

/// A sum over time that leaves a program: what its two buffers hold, added; of each element as many as are `elements` apart.
struct TimeSum {
  int output = -1;  ///< of the graph
  std::int64_t elements = 1;
  int total = -1, rest = -1;
};

struct DeviceLowered {
  ir::Module module;           ///< kernels take two arguments more than others: the work item, and the row (i32)
  std::vector<Launch> change;  ///< when a parameter changed
  std::vector<Launch> block;   ///< for every block, in order
  std::vector<NamedState> states;
  std::vector<int> uniforms;                    ///< buffers that the host computes and kernels read
  std::vector<int> host_only;                   ///< buffers that no kernel of the device touches
  std::vector<std::pair<int, int>> contents{};  ///< state buffer, constant with what it holds at reset
  std::vector<TimeSum> sums{};
  bool resident = false;  ///< the device does the host's work, too
  int origins = -1;       ///< buffer that says where the rows of channels begin, in elements; -1: in buffers of their own
  std::map<int, int> input_origin{}, output_origin{};  ///< channel -> its element
};

/// Work items of a row, for the block of `frames` from `position` on.
std::int64_t items_of(const Launch& launch, std::int64_t frames, std::int64_t position);
/// Multiples of `hop` among the frames [from, from + frames).
std::int64_t ticks_of(std::int32_t hop, std::int64_t frames, std::int64_t from);

/// Bytes that a kernel has in the memory of each group.
std::int64_t group_bytes(const ir::Module& module, const ir::Function& kernel);

/// `block`: most frames at once, fewer where a value has so many elements that a device could not count them. Buffers have no
/// offsets yet.
DeviceLowered lower_device(const schedule::DeviceSchedule& schedule, std::string_view name, int block);

}  // namespace dgen::lower
