#include "lower/buffers.h"

#include <algorithm>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "graph/table_size.h"
#include "lower/rows.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

namespace {

/// A name that is an identifier of every C-like language.
std::string identifier(std::string_view text) {
  std::string made;
  for (const char c : text) made += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
  return made;
}

ir::Buffer host_channel(const Type& type, ir::Space space, int channel, int sub_block) {
  ir::Buffer made{.name = (space == ir::Space::input ? "in" : "out") + std::to_string(channel),
                  .space = space,
                  .size = size_in(type, sub_block),
                  .channel = channel};
  if (const std::int32_t hop = schedule::hop_between_rows(type)) made.hop = hop, made.stride = row_stride(type.shape);
  return made;
}

/// The type of a host input channel.
Type input_type(const Graph& g, int channel) {
  for (const Node& node : g.nodes()) {
    if (node.op->kind == Kind::input && node.attributes.size == channel) return node.type;
  }
  return {};
}

}  // namespace

int host_outputs(const Graph& graph) {
  int count = 0;
  for (std::size_t c = 0; c < graph.outputs().size(); ++c) {
    if (graph[graph.outputs()[c].node].op->kind == Kind::reduce) continue;
    check(count++ == static_cast<int>(c), "sums come after the outputs that are host channels");
  }
  return count;
}

Buffers::Buffers(const schedule::Schedule& schedule, ir::Module& module, int sub_block) : module_(module) {
  const Graph& g = *schedule.graph;
  std::int64_t elements = 0;
  for (const int id : g.params()) {
    param_offset[id] = elements;
    elements += g[id].type.shape.elements();
  }
  params = add({.name = "params", .space = ir::Space::params, .size = elements});
  clock = add({.name = "sample_rate", .space = ir::Space::clock, .scalar = ir::Scalar::f64});
  add_crossings(schedule, sub_block);
  add_channels(schedule, sub_block);
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    if (node.op->kind == Kind::recur) add_recurrence(g, id);
    if (node.op->kind != Kind::table) continue;
    table[id] = add({.name = "table" + std::to_string(id),
                     .space = ir::Space::constant,
                     .size = table_size(node.attributes),
                     .contents = table_contents(node.attributes)});
  }
  add_sums(g);
  add_measured(g, sub_block);
  add_rings(g, sub_block);
  add_ticks(g, sub_block);
  add_stacks(g);
  add_taps(schedule, sub_block);
  add_carried(schedule);
  add_controls(schedule);
  add_steps(schedule);
  add_delays(schedule);
  add_oscillators(schedule, sub_block);
}

/// Of the host.
void Buffers::add_channels(const schedule::Schedule& schedule, int sub_block) {
  const Graph& g = *schedule.graph;
  std::set<int> channels;
  for (const schedule::Stage& stage : schedule.stages) {
    for (const int id : stage.loads) {
      if (g[id].op->kind == Kind::input) channels.insert(static_cast<int>(g[id].attributes.size));
    }
  }
  for (const int c : channels) input[c] = add(host_channel(input_type(g, c), ir::Space::input, c, sub_block));
  const int outputs = host_outputs(g);
  for (int channel = 0; channel < outputs; ++channel) {
    const Type& type = g[g.outputs()[at(channel)].node].type;
    if (type.clock <= Clock::control && type.shape.rank > 0) continue;  // no channel: `Lowered::values`
    output[channel] = add(host_channel(type, ir::Space::output, channel, sub_block));
  }
}

int Buffers::add(ir::Buffer buffer) {
  module_.buffers.push_back(std::move(buffer));
  return static_cast<int>(module_.buffers.size()) - 1;
}

std::string Buffers::unique(const std::string& name) {
  std::string found = name;
  for (int number = 2; !names_.insert(found).second; ++number) found = name + "#" + std::to_string(number);
  return found;
}

int Buffers::add_state(std::string name, ir::Buffer buffer) {
  name = unique(name);
  buffer.name = "s" + std::to_string(named.size()) + "_" + identifier(name);
  const int made = add(std::move(buffer));
  named.push_back({std::move(name), made});
  return made;
}

int Buffers::add_state(const RecurrenceState& owned, ir::Buffer buffer) {
  if (owned.lanes.empty()) return add_state(owned.name, std::move(buffer));
  buffer.name = "s" + std::to_string(named.size()) + "_" + identifier(owned.name);
  const int made = add(std::move(buffer));
  for (std::size_t lane = 0; lane < owned.lanes.size(); ++lane)
    named.push_back({unique(owned.lanes[lane]), made, static_cast<std::int64_t>(lane), 1});
  return made;
}

void Buffers::add_sums(const Graph& g) {
  for (const Output& one : g.outputs()) {
    if (g[one.node].op->kind != Kind::reduce || sum.contains(one.node)) continue;
    const std::int64_t elements = g[one.node].type.shape.elements();
    sum[one.node] = add(
        {.name = "sum" + std::to_string(one.node), .scalar = ir::Scalar::f64, .size = elements == 1 ? ir::padding : elements});
  }
}

}  // namespace dgen::lower
