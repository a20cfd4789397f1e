// What is kept of the past: rings of delays and windows, sums of overlapping frames, taps.

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/feedback.h"
#include "graph/limits.h"
#include "lower/buffers.h"
#include "lower/rows.h"
#include "schedule/carried_delay.h"

namespace dgen::lower {

int power_of_two_above(std::int64_t n) {
  if (n > most_elements) throw Error(ErrorCode::limit_exceeded, "a delay of " + std::to_string(n) + " frames is too long");
  int p = 1;
  while (p < n) p *= 2;
  return p;
}

void Buffers::add_rings(const Graph& g, int sub_block) {
  std::map<int, std::int64_t> longest;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const bool rows = node.op->kind == Kind::window && g[node.inputs[0]].type.shape.rank > 0;
    if ((node.op->kind == Kind::delay && schedule::carried_frames(g, id) == 0) || rows) {
      const std::int64_t fixed = schedule::constant_delay(g, id);
      longest[node.inputs[0]] = std::max(longest[node.inputs[0]], fixed >= 0 ? fixed : node.attributes.size);
    }
    if (node.op->kind != Kind::line_read) continue;
    const Node& line = g[node.inputs[0]];
    longest[line.feedback] = std::max(longest[line.feedback], line.attributes.size);
    if (block_limit < 0 && !is_measured(g, id)) block_limit = add({.name = "block_limit", .scalar = ir::Scalar::i32});
  }
  for (const auto& [id, size] : longest) {
    const int capacity = power_of_two_above(size + sub_block + ir::padding);
    const std::int64_t width = row_stride(g[id].type.shape);
    const bool rows = g[id].type.shape.rank > 0;
    const int reach = size <= schedule::longest_reach && !rows ? static_cast<int>(size) : 0;
    const int mirror = rows ? 0 : sub_block + reach + ir::padding;
    const std::int64_t elements = std::int64_t{capacity} * width + (rows ? ir::padding : mirror);
    ring[id] = {add_state(g[id].path + "/past", {.size = elements}), capacity, mirror, reach};
  }
}

/// What is kept between ticks, and constants with shapes.
void Buffers::add_ticks(const Graph& g, int sub_block) {
  std::map<int, std::int64_t> longest;
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const Kind kind = node.op->kind;
    const std::int64_t width = row_stride(node.type.shape);
    if (kind == Kind::window && g[node.inputs[0]].type.shape.rank == 0)
      longest[node.inputs[0]] = std::max(longest[node.inputs[0]], node.attributes.size);
    if (kind == Kind::hold) held[id] = add_state(node.path, {.size = width});
    if (kind == Kind::overlap_add)
      added[id] = add_state(node.path, {.size = sums_margin + (node.attributes.size + sub_block) * width + ir::padding});
    if (kind == Kind::linear && moves(node.type)) add_matrix(g, id);
    if (kind == Kind::tensor) {
      tensor[id] = add({.name = "tensor" + std::to_string(id),
                        .space = ir::Space::constant,
                        .size = node.type.shape.elements(),
                        .contents = *node.attributes.table});
    }
  }
  for (const auto& [id, size] : longest) {
    const int capacity = power_of_two_above(size + sub_block + 2 * ir::padding);
    history[id] = {.buffer = add_state(g[id].path + "/window", {.size = 2 * std::int64_t{capacity} + ir::padding}),
                   .capacity = capacity,
                   .mirror = capacity};
  }
}

void Buffers::add_carried(const schedule::Schedule& schedule) {
  const Graph& g = *schedule.graph;
  int scratch = -1;
  for (int id = 0; id < g.size(); ++id) {
    const int frames = schedule::carried_frames(g, id);
    if (frames == 0 || schedule.taps.absorbed.contains(id)) continue;
    if (scratch < 0) scratch = add({.name = "carried", .space = ir::Space::scratch, .size = ir::padding});
    carried[id] = {.state = add_state(g[id].path + "/before", {.size = frames}), .scratch = scratch};
  }
}

void Buffers::add_taps(const schedule::Schedule& schedule, int sub_block) {
  const Graph& g = *schedule.graph;
  for (const auto& [root, tap_sum] : schedule.taps.sums) {
    for (std::size_t k = 0; k < tap_sum.runs.size(); ++k) {
      const std::string number = std::to_string(root) + "_" + std::to_string(k);
      TapBuffers made{.sums = add({.name = "taps" + number, .space = ir::Space::scratch, .size = sub_block})};
      std::vector<double> fixed;
      for (const auto& [coefficient, negative] : tap_sum.runs[k].taps) {
        made.from_control = made.from_control || (coefficient >= 0 && g[coefficient].op->kind != Kind::constant);
        fixed.push_back((negative ? -1 : 1) * (coefficient >= 0 ? g[coefficient].attributes.value : 1));
      }
      made.coefficients = made.from_control
                              ? add({.name = "coefficients" + number, .size = static_cast<std::int64_t>(fixed.size())})
                              : constant_row(fixed);
      taps[{root, static_cast<int>(k)}] = made;
    }
  }
}

}  // namespace dgen::lower
