#include "passes/loop_analysis.h"

#include "base/components.h"
#include "base/index.h"
#include "graph/feedback.h"
#include "graph/sequence.h"
#include "passes/long_reads.h"

namespace dgen::passes {

namespace {

std::vector<int> resolve_aliases(const Graph& g) {
  std::vector<int> alias(at(g.size()));
  for (int id = 0; id < g.size(); ++id) {
    int target = id;
    while (g[target].op->kind == Kind::handle || g[target].op->kind == Kind::sequence) {
      target = g[target].op->kind == Kind::handle ? g[target].feedback : g[target].inputs.back();
    }
    alias[at(id)] = target;
  }
  return alias;
}

class Analyser {
 public:
  Analyser(const Graph& g, bool measures) : g_(g) {
    check_loops(g);
    const std::size_t count = at(g.size());
    a_.alias = resolve_aliases(g);
    a_.feedback_read = feedback_reads(g);
    a_.version = table_versions(g);
    LongReads reads = find_long_reads(g, a_.alias, a_.feedback_read, measures);
    a_.long_read = std::move(reads.cut);
    a_.measured_read = std::move(reads.measured);
    a_.table.assign(count, -1);
    a_.edges.resize(count);
    a_.same_frame.resize(count);
    for (int id = 0; id < g.size(); ++id) add_inputs(id);
    for (int id = 0; id < g.size(); ++id) add_feedback(id);
    std::vector<int> roots;
    for (const Output& output : g.outputs()) roots.push_back(a_.alias[at(output.node)]);
    for (int id = 0; id < g.size(); ++id) {
      if (a_.long_read[at(id)]) roots.push_back(resolve(g[resolve(g[id].inputs[0])].feedback));
    }
    a_.components = strong_components(g.size(), roots, [this](int id) -> const std::vector<int>& { return a_.edges[at(id)]; });
    order_table_accesses();
  }

  LoopAnalysis take() { return std::move(a_); }

 private:
  int resolve(int id) const { return a_.alias[at(id)]; }

  /// The table node at the root of a chain of versions.
  int root_table(int version) const {
    while (g_[version].op->kind == Kind::scatter) version = resolve(g_[version].inputs[0]);
    return version;
  }

  void add_inputs(int id) {
    const Node& node = g_[id];
    const Kind kind = node.op->kind;
    if (kind == Kind::handle || kind == Kind::sequence) return;
    for (std::size_t k = a_.long_read[at(id)] ? 1 : 0; k < node.inputs.size(); ++k) {
      const bool reads_version = k == 0 && kind == Kind::gather;
      const int x = reads_version ? a_.version[at(id)] : resolve(node.inputs[k]);
      a_.edges[at(id)].push_back(x);
      if (kind != Kind::cell) a_.same_frame[at(id)].push_back(x);
    }
    if (kind == Kind::table) a_.table[at(id)] = id;
    if (kind == Kind::gather || kind == Kind::scatter) a_.table[at(id)] = root_table(a_.edges[at(id)].front());
  }

  void add_feedback(int id) {
    const Node& node = g_[id];
    const int table = a_.table[at(id)];
    // A table that is written is read and written in one place, in the order of frames.
    if (table >= 0 && table != id && g_[table].feedback >= 0) a_.edges[at(table)].push_back(id);
    if (node.op->kind == Kind::line_read && !a_.feedback_read[at(id)]) {
      a_.same_frame[at(id)].push_back(resolve(g_[resolve(node.inputs[0])].feedback));
    }
    if (node.op->kind != Kind::handle && node.feedback >= 0) a_.edges[at(id)].push_back(resolve(node.feedback));
  }

  /// A version is read by everybody before it is overwritten.
  void order_table_accesses() {
    for (int id = 0; id < g_.size(); ++id) {
      if (g_[id].op->kind != Kind::gather) continue;
      for (const int other : a_.edges[at(a_.table[at(id)])]) {
        const bool overwrites = g_[other].op->kind == Kind::scatter && a_.edges[at(other)].front() == a_.version[at(id)];
        if (overwrites) a_.same_frame[at(other)].push_back(id);
      }
    }
  }

  const Graph& g_;
  LoopAnalysis a_;
};

}  // namespace

LoopAnalysis analyse_loops(const Graph& graph, bool measures) { return Analyser(graph, measures).take(); }

}  // namespace dgen::passes
