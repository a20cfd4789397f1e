#include "passes/voice_lanes.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "dgen/indexing.h"
#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "graph/affine_loop.h"
#include "graph/describe.h"
#include "graph/table_size.h"
#include "graph/voice_params.h"
#include "passes/turned_loop.h"

namespace dgen::passes {

namespace {

[[noreturn]] void refuse(const Graph& graph, int id, const std::string& why) {
  throw Error(ErrorCode::bad_type,
              "voices: " + describe(graph, id) + " depends on a note and " + why + "; this patch runs as copies of one voice");
}

class VoiceWriter {
 public:
  VoiceWriter(const Graph& graph, std::int32_t voices)
      : g_(graph), shape_(extents({voices})), made_(std::make_unique<Graph>()), out_(*made_), map_(at(graph.size()), -1) {}

  std::unique_ptr<Graph> write() {
    mark_params();
    for (int id = 0; id < g_.size(); ++id) map_[at(id)] = write(id).id;
    for (int id = 0; id < g_.size(); ++id) {
      if (g_[id].op->kind == Kind::line) out_.close(mapped(id), mapped(g_[id].feedback));
    }
    for (const Output& output : g_.outputs()) out_.leave(summed(mapped(output.node)), output.name);
    return std::move(made_);
  }

 private:
  Signal mapped(int id) const { return {&out_, map_[at(id)]}; }
  bool is_row(int id) const { return wide_[at(id)]; }
  static bool has_shape(const Graph& graph, int id) { return graph[id].type.shape.rank > 0; }

  /// Which nodes differ by voice.
  void mark_params() {
    std::vector<ParamInfo> infos;
    for (const int id : g_.params()) infos.push_back(*g_[id].attributes.param);
    const VoiceParams own = find_voice_params(infos);
    wide_.assign(at(g_.size()), false);
    for (std::size_t k = 0; k < g_.params().size(); ++k) wide_[at(g_.params()[k])] = own.has(static_cast<int>(k));
    for (int id = 0; id < g_.size(); ++id) {
      for (const int x : g_[id].inputs) wide_[at(id)] = wide_[at(id)] || wide_[at(x)];
    }
    for (int id = 0; id < g_.size(); ++id) {
      if (g_[id].op->kind == Kind::line && is_row(g_[id].feedback)) refuse(g_, id, "is a delay line that feeds back");
    }
  }

  Signal write(int id) {
    const Node& node = g_[id];
    std::vector<int> inputs;
    for (const int x : node.inputs) inputs.push_back(map_[at(x)]);
    if (!is_row(id)) return out_.copy(node, inputs);
    if (node.type.dtype == DType::signal && node.type.shape.rank > 0) refuse(g_, id, "has a shape");
    switch (node.op->kind) {
      case Kind::param: return widened_param(node);
      case Kind::pointwise:
      case Kind::result: return out_.copy(node, inputs);
      case Kind::delay:
        if (is_row(node.inputs[1])) refuse(g_, id, "is a delay whose time differs from voice to voice");
        return out_.copy(node, inputs);
      case Kind::gather: return looked_up(id);
      case Kind::recur: return loop(id, inputs);
      case Kind::line_read: refuse(g_, id, "reads a delay line that feeds back, at a time of its own");
      default: refuse(g_, id, "is a " + std::string(node.op->name));
    }
  }

  Signal widened_param(const Node& node) {
    ParamInfo info = *node.attributes.param;
    info.shape = shape_;
    Node row = node;
    row.attributes.param = std::make_shared<const ParamInfo>(std::move(info));
    return out_.copy(row, {});
  }

  /// An element of a table, by an index for each voice.
  Signal looked_up(int id) {
    const Node& node = g_[id];
    const Node& table = g_[node.inputs[0]];
    if (is_row(node.inputs[0])) refuse(g_, id, "reads a table that voices write");
    std::vector<double> contents = table_contents(table.attributes);
    contents.resize(static_cast<std::size_t>(table_size(table.attributes)));
    const Shape length = extents({static_cast<std::int32_t>(contents.size())});
    return take(tensor(out_, contents, length), mapped(node.inputs[1]), 0, node.attributes.bound);
  }

  Signal loop(int id, std::span<const int> inputs) {
    const Node& node = g_[id];
    const Recurrence& original = *node.attributes.recurrence;
    for (const RecurrenceState& state : original.states) {
      if (state.form != RecurrenceState::Form::cell)
        refuse(g_, id, "keeps the delay line or table " + state.name + " in a loop that runs frame by frame");
    }
    if (const auto affine = affine_loop(g_, id); affine && is_time_invariant(g_, *affine)) {
      const auto rows = [this](const std::vector<int>& ids) {
        std::vector<Signal> signals;
        for (const int x : ids) signals.push_back(mapped(x));
        return signals;
      };
      const LoopRows given{rows(affine->matrix), rows(affine->offset), rows(affine->initial)};
      TurnedLoop made = turned_loop(out_, original, *affine, turned(given, is_companion(g_, *affine)), shape_);
      return placed(node, std::move(made.recurrence), made.inputs);
    }
    std::vector<Signal> given;
    for (const int x : inputs) given.push_back({&out_, x});
    for (const RecurrenceState& state : original.states) {
      Signal& initial = given[at(state.initial)];
      initial = as_row(out_, initial, shape_);
    }
    return placed(node, body_of(id, given), given);
  }

  /// The body with rows for states.
  std::shared_ptr<const Recurrence> body_of(int recur, const std::vector<Signal>& given) {
    const Recurrence& original = *g_[recur].attributes.recurrence;
    auto made = std::make_shared<Recurrence>();
    made->body = std::make_unique<Graph>();
    Graph& body = *made->body;
    std::vector<Signal> value;
    for (int id = 0; id < original.body->size(); ++id) {
      const Node& node = (*original.body)[id];
      const auto number = static_cast<std::size_t>(node.attributes.size);
      std::vector<int> from;
      for (const int x : node.inputs) from.push_back(value[at(x)].id);
      if (node.op->kind == Kind::state) {
        value.push_back(body.typed(ops::state, {.clock = Clock::frame, .shape = shape_}, node.attributes, node.path));
      } else if (node.op->kind == Kind::argument) {
        value.push_back(body.typed(ops::argument, out_[given[number].id].type, node.attributes, node.path));
      } else {
        const bool fits = node.op->kind == Kind::pointwise || node.op->kind == Kind::constant;
        if (!fits) refuse(g_, recur, "has a " + std::string(node.op->name) + " in a loop that runs frame by frame");
        value.push_back(body.copy(node, from));
      }
    }
    made->states = original.states;
    for (RecurrenceState& state : made->states) {
      state.node = value[at(state.node)].id;
      state.next = expand(value[at(state.next)], shape_).id;
    }
    for (const int result : original.results) made->results.push_back(expand(value[at(result)], shape_).id);
    return made;
  }

  Signal placed(const Node& like, std::shared_ptr<const Recurrence> recurrence, const std::vector<Signal>& inputs) {
    Node node = like;
    node.attributes.recurrence = std::move(recurrence);
    std::vector<int> given;
    for (const Signal x : inputs) given.push_back(x.id);
    return out_.copy(node, given);
  }

  /// Of all voices; what is the same for all of them, as often.
  Signal summed(Signal y) {
    if (!has_shape(out_, y.id)) return hold(y * static_cast<double>(shape_.elements()));
    return hold(sum_to(y, Shape{}));
  }

  const Graph& g_;
  const Shape shape_;
  std::unique_ptr<Graph> made_;
  Graph& out_;
  std::vector<int> map_;
  std::vector<bool> wide_;
};

}  // namespace

std::unique_ptr<Graph> widen_voices(const Graph& graph, std::int32_t voices) { return VoiceWriter(graph, voices).write(); }

}  // namespace dgen::passes
