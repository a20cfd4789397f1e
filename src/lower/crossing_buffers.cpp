// What stages leave for later ones, and what says where the parts of a sub-block begin.

#include <algorithm>

#include "base/index.h"
#include "graph/feedback.h"
#include "lower/access.h"
#include "lower/buffers.h"
#include "lower/rows.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

namespace {

/// Whether the stages that take a value find it in the ring that keeps its past.
bool is_read_from_ring(const schedule::Schedule& schedule, int id) {
  bool kept = false, all_per_frame = true;
  for (const schedule::Stage& stage : schedule.stages) {
    const bool per_frame = stage.order == schedule::Order::parallel || stage.order == schedule::Order::sequential;
    const auto has = [id](const std::vector<int>& ids) { return std::find(ids.begin(), ids.end(), id) != ids.end(); };
    kept = kept || (per_frame && has(stage.fills));
    all_per_frame = all_per_frame && (per_frame || (!has(stage.loads) && !has(stage.stores)));
  }
  return kept && all_per_frame;
}

}  // namespace

std::int64_t size_in(const Type& type, int sub_block) {
  const std::int32_t hop = schedule::hop_between_rows(type);
  return hop > 0 ? most_ticks(sub_block, hop) * row_stride(type.shape) : sub_block;
}

void Buffers::add_crossings(const schedule::Schedule& schedule, int sub_block) {
  for (const schedule::Stage& stage : schedule.stages) {
    for (const int id : stage.stores) add_crossing(schedule, id, sub_block);
    for (const int id : stage.nodes) {
      if ((*schedule.graph)[id].op->kind == Kind::hold) add_crossing(schedule, id, sub_block);
    }
  }
}

/// What runs ahead is there for a whole sub-block, while the stages that read it go through its parts again and again.
void Buffers::add_crossing(const schedule::Schedule& schedule, int id, int sub_block) {
  const auto of_parts = [&](const schedule::Stage& stage) {
    return !stage.ahead && std::ranges::find(stage.loads, id) != stage.loads.end();
  };
  const bool is_ahead = schedule.stages[at(schedule.home[at(id)])].ahead && std::ranges::any_of(schedule.stages, of_parts);
  if (crossing.contains(id) || (!is_ahead && is_read_from_ring(schedule, id))) return;
  const std::string name = (is_ahead ? "ahead" : "cross") + std::to_string(id);
  const ir::Space space = is_ahead ? ir::Space::state : ir::Space::scratch;
  crossing[id] = add({.name = name, .space = space, .size = size_in((*schedule.graph)[id].type, sub_block)});
  if (is_ahead) ahead.insert(id);
}

void Buffers::add_measured(const Graph& g, int sub_block) {
  bool measured = false;
  for (int id = 0; id < g.size(); ++id) measured = measured || is_measured(g, id);
  if (!measured) return;
  part_from = module_.part_from = add({.name = "part_from", .scalar = ir::Scalar::i32});
  latest = module_.latest = add({.name = "latest", .scalar = ir::Scalar::i32, .size = sub_block});
}

ir::Value Buffers::in_crossing(ir::Builder& b, const schedule::Stage& stage, int id, ir::Value index) const {
  return ahead.contains(id) && !stage.ahead ? index + b.load(part_from, whole(b, 0), false) : index;
}

}  // namespace dgen::lower
