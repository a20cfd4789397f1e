#pragma once
// WHEN each node runs: stages in order, each over the frames of a sub-block.

#include <memory>
#include <string>
#include <vector>

#include "dgen/graph.h"
#include "schedule/tap_sums.h"

namespace dgen::schedule {

/// How a stage goes through its iteration space.
enum class Order : std::uint8_t {
  control,       ///< once, when a parameter or the sample rate changed: numbers, in double
  control_rows,  ///< the same for values with shapes: a vector of elements at a time, in float32
  parallel,      ///< all frames of the sub-block at once, a vector at a time
  sequential,    ///< frame after frame
  ticks,         ///< tick after tick of a hop clock, a vector of elements at a time
};

struct Stage {
  Order order = Order::parallel;
  std::vector<int> nodes{};    ///< in the order they are computed
  std::vector<int> loads{};    ///< frame nodes of earlier stages, and host inputs, that it reads
  std::vector<int> stores{};   ///< its nodes that later stages read
  std::vector<int> fills{};    ///< nodes whose past it keeps in rings, for delays
  std::vector<int> windows{};  ///< nodes whose past it keeps for windows
  std::vector<int> adds{};     ///< overlap_adds whose frames it adds up
  std::vector<int> outputs{};  ///< host output channels it writes
  std::int32_t hop = 0;        ///< of ticks
  bool ahead = false;          ///< over all frames of the sub-block, before the stages of which run parts of it (`known_ahead`)
  std::string why{};           ///< one sentence, for `explain`
};

/// A graph without cells, in stages. `home[n]` is the stage that computes node n; -1 for constants, tables, and host
/// inputs, which are there from the start.
struct Schedule {
  std::unique_ptr<const Graph> graph;
  std::vector<Stage> stages;
  std::vector<int> home;
  TapSums taps;  ///< of parallel stages
};

/// Whether times of delays may be measured: what is `known_ahead` are numbers of every frame, not rows on the ticks of a hop.
bool can_measure(const Schedule& schedule);

/// Schedules a graph that `passes::simplify` made. The choice of what runs vectorised minimises `stage_cost`.
Schedule make_schedule(std::unique_ptr<const Graph> graph);

/// The stages as readable text.
std::string to_text(const Schedule& schedule);
const char* to_string(Order order);

}  // namespace dgen::schedule
