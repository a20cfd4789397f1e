#include "passes/lane_cost.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/index.h"

namespace dgen::passes {

namespace {

/// Measured on Zen 4: an addition or product, a permutation of two vectors; instructions that run side by side.
constexpr double latency = 4, permute_latency = 9, side_by_side = 2;

/// Pairs of a vector of the view and one that its lanes come from; 0 for vectors that are taken as they are.
double permutations(const Graph& body, const Node& view, int lanes) {
  std::vector<std::int64_t> end;
  for (const int x : view.inputs) end.push_back((end.empty() ? 0 : end.back()) + body[x].type.shape.elements());
  const std::vector<std::int32_t>& map = *view.attributes.map;
  double count = 0;
  for (std::size_t first = 0; first < map.size(); first += at(lanes)) {
    std::set<std::pair<std::int64_t, std::int64_t>> from;
    bool in_place = true;
    for (std::size_t k = first; k < std::min(first + at(lanes), map.size()); ++k) {
      const auto input = std::upper_bound(end.begin(), end.end(), map[k]) - end.begin();
      const std::int64_t element = map[k] < 0 ? -1 : map[k] - (input > 0 ? end[static_cast<std::size_t>(input - 1)] : 0);
      from.emplace(map[k] < 0 ? -1 : input, element < 0 ? -1 : element / lanes);
      in_place = in_place && map[k] >= 0 && element % lanes == static_cast<std::int64_t>(k - first);
    }
    count += in_place && from.size() == 1 ? 0 : std::max(1.0, static_cast<double>(from.size()) - 1);
  }
  return count;
}

}  // namespace

double frame_cost(const Recurrence& loop, int lanes) {
  const Graph& body = *loop.body;
  std::vector<double> depth(at(body.size()), 0);
  double work = 0;
  for (int id = 0; id < body.size(); ++id) {
    const Node& node = body[id];
    const double vectors = static_cast<double>((node.type.shape.elements() + lanes - 1) / lanes);
    double own = 0;
    if (node.op->kind == Kind::pointwise) {
      own = std::max(latency, static_cast<double>(node.op->cost));
      work += static_cast<double>(node.op->cost) * vectors;
    } else if (node.op->kind == Kind::view) {
      const double count = permutations(body, node, lanes);
      own = count > 0 ? permute_latency : 0;
      work += count;
    } else if (node.op->kind == Kind::contract) {
      work += static_cast<double>((body[node.inputs[0]].type.shape.elements() + lanes - 1) / lanes) + 2;
    }
    for (const int x : node.inputs) depth[at(id)] = std::max(depth[at(id)], depth[at(x)]);
    depth[at(id)] += own;
  }
  double longest = 0;
  for (const RecurrenceState& state : loop.states) {
    work += static_cast<double>((body[state.node].type.shape.elements() + lanes - 1) / lanes);  // loaded and stored
    longest = std::max(longest, depth[at(state.next)]);
  }
  return std::max(work / side_by_side, longest);
}

}  // namespace dgen::passes
