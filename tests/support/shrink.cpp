// Makes a failing graph smaller.

#include "dgen/error.h"
#include "support/random_graph.h"

namespace dgen::testing {

namespace {

/// What stands in for a node of the copy: another node of the same type, or a number.
struct Replacement {
  int by = -1;
  double number = 0;
};

struct Edit {
  int dropped_output = -1;
  int node = -1;
  Replacement replacement{};
};

std::vector<bool> live_nodes(const Graph& graph, const Edit& edit) {
  std::vector<bool> live(static_cast<std::size_t>(graph.size()), false);
  std::vector<int> open;
  const auto enter = [&](int id) {
    if (live[static_cast<std::size_t>(id)]) return;
    live[static_cast<std::size_t>(id)] = true;
    open.push_back(id);
  };
  for (std::size_t k = 0; k < graph.outputs().size(); ++k)
    if (static_cast<int>(k) != edit.dropped_output) enter(graph.outputs()[k].node);
  while (!open.empty()) {
    const int id = open.back();
    open.pop_back();
    if (id == edit.node) {
      if (edit.replacement.by >= 0) enter(edit.replacement.by);
      continue;
    }
    for (const int x : graph[id].inputs) enter(x);
    if (graph[id].feedback >= 0) enter(graph[id].feedback);
  }
  return live;
}

/// Writes the graph after an edit.
class Copier {
 public:
  Copier(const Graph& graph, const Edit& edit) : graph_(graph), edit_(edit), made_(static_cast<std::size_t>(graph.size())) {}

  /// Null where the edit makes a node an input of itself.
  std::unique_ptr<Graph> copy() {
    const std::vector<bool> live = live_nodes(graph_, edit_);
    for (int id = 0; id < graph_.size(); ++id)
      if (live[static_cast<std::size_t>(id)] && !make(id)) return nullptr;
    for (int id = 0; id < graph_.size(); ++id) {
      if (live[static_cast<std::size_t>(id)] && id != edit_.node && graph_[id].feedback >= 0) close(id);
    }
    for (std::size_t k = 0; k < graph_.outputs().size(); ++k) {
      const Output& output = graph_.outputs()[k];
      if (static_cast<int>(k) != edit_.dropped_output) copy_->output(made(output.node), output.name);
    }
    return std::move(copy_);
  }

 private:
  Signal made(int id) const { return made_[static_cast<std::size_t>(id)].signal; }

  bool make(int id) {
    Made& result = made_[static_cast<std::size_t>(id)];
    if (result.signal || result.in_progress) return !result.in_progress;
    result.in_progress = true;
    if (id == edit_.node) {
      const int by = edit_.replacement.by;
      if (by >= 0 && !make(by)) return false;
      result.signal = by >= 0 ? made(by) : copy_->constant(edit_.replacement.number);
    } else {
      std::vector<int> inputs;
      for (const int x : graph_[id].inputs) {
        if (!make(x)) return false;
        inputs.push_back(made(x).id);
      }
      result.signal = copy_->copy(graph_[id], inputs);
    }
    result.in_progress = false;
    return true;
  }

  /// A table whose last write was taken out is only read.
  void close(int id) {
    const Signal value = made(graph_[id].feedback);
    if (value.id != made(id).id || graph_[id].op->kind != Kind::table) copy_->close(made(id), value);
  }

  struct Made {
    Signal signal{};
    bool in_progress = false;
  };
  const Graph& graph_;
  const Edit& edit_;
  std::unique_ptr<Graph> copy_ = std::make_unique<Graph>();
  std::vector<Made> made_;
};

/// Edits that make the graph smaller, the boldest first.
std::vector<Edit> edits(const Graph& graph) {
  std::vector<Edit> found;
  if (graph.outputs().size() > 1) {
    for (std::size_t k = 0; k < graph.outputs().size(); ++k) found.push_back({.dropped_output = static_cast<int>(k)});
  }
  for (int id = graph.size() - 1; id >= 0; --id) {
    const Node& node = graph[id];
    if (node.op->kind == Kind::constant) continue;
    if (node.type.dtype == DType::signal) {
      for (const double number : {0.0, 1.0, 0.5}) found.push_back({.node = id, .replacement = {.number = number}});
    }
    std::vector<int> sources = node.inputs;
    if (node.feedback >= 0) sources.push_back(node.feedback);
    if (node.op->kind == Kind::line_read) sources.push_back(graph[node.inputs[0]].feedback);
    for (const int x : sources) {
      if (x >= 0 && graph[x].type.dtype == node.type.dtype && x != id) found.push_back({.node = id, .replacement = {.by = x}});
    }
  }
  return found;
}

bool still_fails(const Graph& graph, const std::function<bool(const Graph&)>& fails) {
  try {
    return fails(graph);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::unique_ptr<Graph> shrink(const Graph& graph, const std::function<bool(const Graph&)>& fails) {
  std::unique_ptr<Graph> smallest = Copier(graph, Edit{}).copy();
  for (bool progress = true; progress;) {
    progress = false;
    for (const Edit& edit : edits(*smallest)) {
      std::unique_ptr<Graph> candidate = Copier(*smallest, edit).copy();
      if (!candidate || candidate->size() > smallest->size() || !still_fails(*candidate, fails)) continue;
      smallest = std::move(candidate);
      progress = true;
      break;
    }
  }
  return smallest;
}

}  // namespace dgen::testing
