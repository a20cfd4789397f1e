#pragma once
// HOW on a device: the kernels of a schedule, what launches them, and what the host computes between the launches.

#include <string_view>

#include "lower/lower.h"

namespace dgen::lower {

/// The work items of a kernel. All but those of the host are many, or a loop each.
enum class Grid : std::uint8_t {
  host,    ///< the host's own: run by `ir::run`, on `control`, `uniforms` and phases
  frames,  ///< one a frame
  chunks,  ///< one for every `scan_chunk` frames
  one,     ///< one
};

/// A kernel of `DeviceLowered::module`, with `rows` rows of work items.
struct Launch {
  int kernel = -1;
  Grid grid = Grid::frames;
  int rows = 1;
};

struct DeviceLowered {
  ir::Module module;           ///< kernels take two arguments more than others: the work item, and the row (i32)
  std::vector<Launch> change;  ///< when a parameter changed
  std::vector<Launch> block;   ///< for every block, in order
  std::vector<NamedState> states;
  std::vector<int> uniforms;                    ///< buffers that the host computes and kernels read
  std::vector<int> host_only;                   ///< buffers that no kernel of the device touches
  std::vector<std::pair<int, int>> contents{};  ///< state buffer, constant with what it holds at reset
};

/// Work items of a row.
std::int64_t items_of(Grid grid, std::int64_t frames);

/// `schedule` is what `make_device_schedule` made. `block`: most frames at once. Buffers have no offsets yet.
DeviceLowered lower_device(const schedule::Schedule& schedule, std::string_view name, int block);

}  // namespace dgen::lower
