#include "graph/feedback.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "graph/dependencies.h"
#include "graph/describe.h"
#include "graph/sequence.h"

namespace dgen {

namespace {

/// Same-frame edges, with those that sequences add from the reads of a table to its writes.
Edges ordered_edges(const Graph& graph) {
  Edges edges = same_frame_edges(graph);
  const std::vector<int> versions = table_versions(graph);
  for (int id = 0; id < graph.size(); ++id) {
    const int version = versions[at(id)];
    if (version >= 0) edges[at(id)].push_back(version);
  }
  return edges;
}

/// `ordered_edges` without those in which a frame passes.
Edges edges_within_frame(const Graph& graph) {
  Edges edges = ordered_edges(graph);
  cut(graph, reads_in_loops(graph, edges), edges);
  return edges;
}

[[noreturn]] void throw_open(const Graph& graph, int id, const char* what, const char* remedy) {
  throw Error(ErrorCode::bad_feedback,
              describe(graph, id) + ": this " + what + " was never given the signal it takes; " + remedy);
}

void check_closed(const Graph& graph) {
  std::vector<bool> read(at(graph.size()), false);
  for (const Node& node : graph.nodes()) {
    for (const int x : node.inputs) read[at(x)] = true;
    if (node.feedback >= 0) read[at(node.feedback)] = true;
  }
  for (const Output& output : graph.outputs()) read[at(output.node)] = true;
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.op->kind == Kind::table && node.feedback >= 0 && table_of(graph, node.feedback) != id) {
      throw Error(ErrorCode::bad_feedback, describe(graph, id) + ": this table was closed with a version of another one, " +
                                               describe(graph, table_of(graph, node.feedback)) +
                                               "; close it with its own writes");
    }
    if (node.feedback >= 0) continue;
    if (node.op->kind == Kind::handle) throw_open(graph, id, "feedback handle", "close it, or do not make it");
    if (!read[at(id)]) continue;
    if (node.op->kind == Kind::cell) throw_open(graph, id, "history", "write it, or read its initial value instead");
    if (node.op->kind == Kind::line) throw_open(graph, id, "delay line", "write it, or do not read it");
  }
}

void check_component(const Graph& graph, const Edges& edges, const std::vector<int>& members) {
  const int first = members.front();
  const bool reads_itself = std::find(edges[at(first)].begin(), edges[at(first)].end(), first) != edges[at(first)].end();
  if (members.size() == 1 && !reads_itself) return;
  std::string text = "feedback loop without a delay: no time passes in ";
  for (const int id : members) text += (id == first ? "" : ", ") + describe(graph, id);
  throw Error(ErrorCode::loop_without_delay, text + "; put a history or a delay into the loop");
}

}  // namespace

std::vector<bool> feedback_reads(const Graph& graph) { return reads_in_loops(graph, ordered_edges(graph)); }

int least_time(const Graph& graph, int line_read) {
  const int time = graph[line_read].inputs[1];
  if (graph[time].type.clock <= Clock::control) return time;
  const int least = graph[time].inputs.empty() ? time : graph[time].inputs[0];
  check(graph[time].op == &ops::max && graph[least].type.clock <= Clock::control, "a delay that feeds back and moves is bounded");
  return least;
}

bool is_measured(const Graph& graph, int line_read) {
  const Node& node = graph[line_read];
  return node.op->kind == Kind::line_read && node.attributes.value == measured_mark &&
         graph[node.inputs[1]].type.clock == Clock::frame;
}

std::vector<bool> known_ahead(const Graph& graph) {
  std::vector<bool> ahead(at(graph.size()), false);
  for (int id = graph.size() - 1; id >= 0; --id) {  // a graph without loops: inputs come before what takes them
    if (is_measured(graph, id)) ahead[at(graph[id].inputs[1])] = true;
    if (!ahead[at(id)]) continue;
    for (const int x : graph[id].inputs) ahead[at(x)] = true;
  }
  return ahead;
}

void check_loops(const Graph& graph) { evaluation_order(graph); }

std::vector<int> evaluation_order(const Graph& graph) {
  check_closed(graph);
  const Edges edges = edges_within_frame(graph);
  std::vector<int> order;
  for (const std::vector<int>& members : loops(edges)) {
    check_component(graph, edges, members);
    order.push_back(members.front());
  }
  return order;
}

}  // namespace dgen
