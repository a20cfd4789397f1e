#include "passes/write_phase.h"

#include "base/index.h"
#include "dgen/math.h"
#include "dgen/time.h"

namespace dgen::passes {

std::string sum_name(int node) {
  if (node >= 0) return "(sum " + std::to_string(node) + ")";
  return node == frame_count ? std::string("(frames)") : "(ticks of " + std::to_string(hop_of_count(node)) + ")";
}
std::string rest_name(int node) { return sum_name(node) + " rest"; }

std::int64_t ticks_in(std::int64_t from, std::int64_t frames, std::int32_t hop) {
  const auto before = [hop](std::int64_t frame) { return (frame + hop - 1) / hop; };
  return before(from + frames) - before(from);
}

PhaseWriter::PhaseWriter(const Graph& graph, const PhaseLevels& levels, bool reversed, std::function<bool(int)> received)
    : g_(graph), levels_(levels), received_(std::move(received)) {
  made_.graph = std::make_unique<Graph>();
  made_.reversed = reversed;
}

void PhaseWriter::add_output(int id) {
  made_.graph->leave({made_.graph.get(), copy(id)}, "n" + std::to_string(id));
  made_.outputs.push_back(id);
}

void PhaseWriter::add_sum(int id) {
  const Signal x{made_.graph.get(), copy(g_[id].inputs[0])};
  made_.graph->leave(ops::time_sum(x), sum_name(id));
  made_.sums.push_back(id);
}

Phase PhaseWriter::take() {
  // What a state takes at the end of a frame may need further nodes, and these further states.
  for (std::size_t k = 0; k < open_.size(); ++k) {
    const int feedback = copy(g_[open_[k]].feedback);
    made_.graph->close({made_.graph.get(), map_.at(open_[k])}, {made_.graph.get(), feedback});
  }
  return std::move(made_);
}

/// The node in the phase's graph. Without recursion: ways may be as long as the graph.
int PhaseWriter::copy(int id) {
  std::vector<int> waiting{id};
  while (!waiting.empty()) {
    const int next = waiting.back();
    if (map_.contains(next)) {
      waiting.pop_back();
      continue;
    }
    std::vector<int> missing;
    for (const int x : inputs_of(next)) {
      if (!map_.contains(x)) missing.push_back(x);
    }
    if (missing.empty()) {
      map_[next] = make(next);
      waiting.pop_back();
    } else {
      waiting.insert(waiting.end(), missing.begin(), missing.end());
    }
  }
  return map_.at(id);
}

/// A reduce of frames. That of a value that does not change per frame is the value times the number of frames.
bool PhaseWriter::is_sum(int id) const { return g_[id].op->kind == Kind::reduce && levels_.is_frame(g_[id].inputs[0]); }

bool PhaseWriter::is_received(int id) const { return g_[id].op->kind == Kind::input || (levels_.is_frame(id) && received_(id)); }

/// What must be there before the node is copied.
std::vector<int> PhaseWriter::inputs_of(int id) const {
  if (is_received(id) || is_sum(id)) return {};
  const Node& node = g_[id];
  if (node.op->kind != Kind::sequence) return node.inputs;
  std::vector<int> inputs;  // writes of tables that happen in an earlier phase are done
  for (const int x : node.inputs) {
    if (g_[x].type.dtype == DType::signal || !levels_.is_frame(x) || !received_(x)) inputs.push_back(x);
  }
  return inputs;
}

int PhaseWriter::receive_sum(int id) {
  const auto [found, fresh] = sum_params_.try_emplace(id, -1);
  if (!fresh) return found->second;
  made_.received.push_back(id);
  Graph& out = *made_.graph;
  const Shape shape = id < 0 ? Shape{} : g_[id].type.shape;
  if (shape.rank > 0) return found->second = out.param(sum_name(id), shape, initial::Constant{}).id;
  return found->second = (out.param(sum_name(id), 0) + out.param(rest_name(id), 0)).id;
}

int PhaseWriter::make(int id) {
  Graph& out = *made_.graph;
  const Node& node = g_[id];
  if (is_sum(id)) return receive_sum(id);
  if (is_received(id)) {
    made_.inputs.push_back(id);
    const std::int64_t channel = static_cast<std::int64_t>(made_.inputs.size()) - 1;
    return out.typed(ops::input, node.type, {.size = channel, .name = "in" + std::to_string(channel + 1)}).id;
  }
  std::vector<int> inputs;
  for (const int x : inputs_of(id)) inputs.push_back(map_.at(x));
  if (node.op->kind == Kind::reduce)
    return (Signal{&out, inputs[0]} * Signal{&out, receive_sum(tick_count(node.attributes.hop))}).id;
  Node changed = node;
  changed.attributes.reversed = false;
  const int made = out.copy(changed, inputs).id;
  if (node.feedback >= 0) open_.push_back(id);
  return made;
}

}  // namespace dgen::passes
