#include "passes/table_adjoint.h"

#include <algorithm>
#include <array>

#include "base/index.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "graph/sequence.h"
#include "graph/table_size.h"

namespace dgen::passes {

bool runs_backward(const Graph& graph, int id) {
  const Node& node = graph[id];
  return graph[node.op->kind == Kind::line_read ? node.inputs[0] : id].attributes.reversed;
}

namespace {

Signal reversed_table(Graph& g, std::int64_t size, int of) {
  return g.add(ops::table, {}, {.size = size, .name = g[of].path + "/adjoint", .reversed = !runs_backward(g, of)}, g[of].origin);
}

Signal element(Graph& g, Signal version, Signal index) {
  return g.add(ops::table_read, std::array{version, index}, {.bound = Bound::zero});
}

Signal with_element(Graph& g, Signal version, Signal index, Signal value) {
  return g.add(ops::table_write, std::array{version, index, value}, {});
}

Signal with_sum(Graph& g, Signal version, Signal index, Signal addend) {
  return with_element(g, version, index, element(g, version, index) + addend);
}

/// The element that a read of `index` gets, as an index; outside where it gets none.
Signal element_read(Signal index, std::int64_t size, Bound bound) {
  switch (bound) {
    case Bound::clip: return clamp(floor(index), 0.0, static_cast<double>(size - 1));
    case Bound::wrap: return wrap(floor(index), 0.0, static_cast<double>(size));
    case Bound::zero: break;
  }
  return index;
}

}  // namespace

Signal TableAdjoints::arrival(Graph& graph, int id) {
  const Signal handle = graph.feedback();
  arrivals_.push_back({handle, id});
  return handle;
}

void TableAdjoints::open(Graph& graph, const std::vector<bool>& active, Adjoints& adjoints) {
  const auto count = static_cast<int>(active.size());  // not the tables that adjoints of moving delays have added
  for (int id = 0; id < count; ++id) {
    if (graph[id].op->kind == Kind::table && graph[id].feedback >= 0 && active[at(id)]) open_table(graph, id, active, adjoints);
  }
}

void TableAdjoints::open_table(Graph& g, int table, const std::vector<bool>& active, Adjoints& adjoints) {
  const std::vector<int> read_version = table_versions(g);
  const std::int64_t size = table_size(g[table].attributes);
  const Signal start = reversed_table(g, size, table);
  Signal version = start;
  for (int forward = table_version(g, g[table].feedback);;) {
    for (int id = 0; id < static_cast<int>(read_version.size()); ++id) {
      if (read_version[at(id)] != forward || !active[at(id)]) continue;
      const Signal index = element_read({&g, g[id].inputs[1]}, size, g[id].attributes.bound);
      version = with_sum(g, version, index, arrival(g, id));
    }
    if (forward == table) break;
    const Node write = g[forward];
    const Signal index{&g, write.inputs[1]};
    if (active[at(write.inputs[2])]) adjoints.add(write.inputs[2], element(g, version, index), Type{}, {});
    version = with_element(g, version, index, g.constant(0));
    forward = table_version(g, write.inputs[0]);
  }
  g.close(start, version);
}

void TableAdjoints::spread(Graph& g, int id, Signal time, bool in_loop, Adjoints& adjoints, int written) {
  const Node read = g[id];
  const std::int64_t size = read.op->kind == Kind::line_read ? g[read.inputs[0]].attributes.size : read.attributes.size;
  const std::int64_t most = std::max<std::int64_t>(size, in_loop ? 1 : 0);
  const double length = static_cast<double>(most + 2);
  const Signal ring = reversed_table(g, most + 2, id);
  const Signal now = wrap(frame_index(g), 0.0, length);
  const Signal then = wrap(frame_index(g) - clamp(floor(time), 0.0, static_cast<double>(most)), 0.0, length);
  // In a loop what is read now was complete a frame ago; elsewhere a time of 0 adds to what is read now.
  const Signal complete = in_loop ? ring : with_sum(g, ring, then, adjoints.take(id));
  adjoints.add(written, element(g, complete, now), Type{}, {});
  const Signal cleared = with_element(g, complete, now, g.constant(0));
  g.close(ring, in_loop ? with_sum(g, cleared, then, arrival(g, id)) : cleared);
}

void TableAdjoints::close(Graph& graph, Adjoints& adjoints) {
  for (const Arrival& arrival : arrivals_) {
    const Signal arrived = adjoints.take(arrival.of);
    graph.close(arrival.handle, arrived ? arrived : graph.constant(0));
  }
}

}  // namespace dgen::passes
