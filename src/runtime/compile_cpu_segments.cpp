// From the plan of a segment to its code.

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "base/index.h"
#include "dgen/error.h"
#include "lower/rows.h"
#include "passes/plan_segment.h"
#include "render/render.h"
#include "runtime/explain_segment.h"
#include "runtime/load_program.h"
#include "runtime/pipeline.h"
#include "runtime/segment_data.h"
#include "schedule/row_nodes.h"

namespace dgen::runtime {

namespace {

/// A segment on its way to code.
struct Draft {
  const Graph* graph = nullptr;
  std::vector<int> wanted;
  passes::SegmentPlan plan;
  std::vector<Compiled> compiled;  ///< by phase; without the last one where that gives nothing
};

Draft draft_of(std::span<const Signal> wanted, const std::string& name, const SegmentOptions& options) {
  Draft draft{.graph = wanted[0].graph};
  for (const Signal s : wanted) draft.wanted.push_back(s.id);
  draft.plan = passes::plan_segment(*draft.graph, draft.wanted);
  CompileOptions compile = options.compile;
  for (std::size_t p = 0; p < draft.plan.phases.size(); ++p) {
    compile.threads = p + 1 < draft.plan.phases.size() ? options.threads : 1;  // the last computes numbers only
    const passes::Phase& phase = draft.plan.phases[p].phase;
    if (phase.graph->outputs().empty()) continue;
    const std::string run_name = name + "_run" + std::to_string(p);
    draft.compiled.push_back(
        compile_graph(*phase.graph, compile, run_name, phase.reversed ? ir::Run::backward : ir::Run::forward));
  }
  return draft;
}

/// Fills in what is known when the code is loaded.
class Linker {
 public:
  Linker(const Draft& draft, std::span<const std::shared_ptr<ProgramData>> code) : draft_(draft), code_(code) {}

  std::shared_ptr<SegmentData> link(const std::string& name, const SegmentOptions& options) {
    data_ = std::make_shared<SegmentData>();
    const Graph& g = *draft_.graph;
    data_->name = name;
    data_->inputs = g.inputs();
    for (const int id : g.params()) data_->params.push_back(*g[id].attributes.param);
    data_->is_frames = draft_.plan.is_frames;
    data_->memory_budget = options.memory_budget;
    data_->threads = options.threads;
    data_->sub_block = options.compile.sub_block;
    const std::size_t runs = draft_.plan.phases.size() - 1;
    for (std::size_t r = 0; r < runs; ++r) number_signals(static_cast<int>(r));
    for (std::size_t r = 0; r < runs; ++r) data_->runs.push_back(run(r));
    if (draft_.compiled.size() > runs) {
      data_->last = run(runs);
      find_values(runs);
    }
    find_wanted_inputs();
    find_wanted_sums();
    if (!code_.empty()) {
      data_->library = code_[0]->library;
      data_->source = code_[0]->source;
      data_->from_cache = code_[0]->from_cache;
    } else {
      data_->source = std::make_shared<const std::string>();
    }
    data_->explained = explain_segment(g, draft_.plan, draft_.compiled, *data_);
    return data_;
  }

 private:
  const passes::Phase& phase(std::size_t r) const { return draft_.plan.phases[r].phase; }

  void number_signals(int r) {
    for (const int id : phase(at(r)).outputs) {
      signal_number_.emplace(id, static_cast<int>(data_->signals.size()));
      home_.emplace(id, r);
      const Type& type = (*draft_.graph)[id].type;
      SegmentSignal signal;
      signal.hop = schedule::hop_between_rows(type);
      if (signal.hop > 0) signal.stride = lower::row_stride(type.shape);
      for (std::size_t w = 0; w < draft_.wanted.size(); ++w) {
        if (draft_.wanted[w] == id) signal.wanted.push_back(static_cast<int>(w));
      }
      data_->signals.push_back(std::move(signal));
    }
    for (const int id : phase(at(r)).sums) {
      if (sum_number_.emplace(id, data_->sums).second) data_->sums += elements(id);
    }
  }

  SegmentRun run(std::size_t r) {
    SegmentRun made{
        .code = code_[r]->descriptor, .parts = code_[r]->parts, .part_list = code_[r]->part_list, .reversed = phase(r).reversed};
    made.depends_on_params = draft_.plan.phases[r].depends_on_params;
    made.state_bytes = draft_.compiled[r].lowered.module.state_bytes;
    for (const ParamInfo& param : code_[r]->params) {
      made.params.push_back(source_of(r, param.name));
      made.params.back().elements = param.elements();
    }
    std::set<int> needs;
    for (const int id : phase(r).inputs) {
      const Node& node = (*draft_.graph)[id];
      const bool from_host = node.op->kind == Kind::input;
      made.host_inputs.push_back(from_host ? static_cast<int>(node.attributes.size) : -1);
      made.inputs.push_back(from_host ? -1 : signal_number_.at(id));
      if (from_host) continue;
      const int home = home_.at(id);
      SegmentRun& giver = data_->runs[at(home)];
      giver.is_needed = true;
      needs.insert(home);
      needs.insert(giver.needs.begin(), giver.needs.end());
    }
    made.needs.assign(needs.begin(), needs.end());
    for (std::size_t c = 0; c + phase(r).sums.size() < phase(r).graph->outputs().size(); ++c) {
      if (const auto signal = signal_number_.find(phase(r).outputs[c]); signal != signal_number_.end())
        made.outputs.push_back(signal->second);
    }
    for (const int id : phase(r).sums) {
      const std::optional<NumberPlace> place = place_of(r, passes::sum_name(id), elements(id));
      check(place && !place->single, "a sum has a place in the memory of its run");
      made.sums.push_back(*place);
      made.sums.back().number = sum_number_.at(id);
    }
    return made;
  }

  ParamSource source_of(std::size_t r, const std::string& name) const {
    using From = ParamSource::From;
    for (const int sum : phase(r).received) {
      const bool rest = name == passes::rest_name(sum);
      if (!rest && name != passes::sum_name(sum)) continue;
      if (sum >= 0) return {rest ? From::sum_rest : From::sum, sum_number_.at(sum)};
      if (sum == passes::frame_count) return {rest ? From::frames_rest : From::frames, -1};
      return {rest ? From::ticks_rest : From::ticks, passes::hop_of_count(sum)};
    }
    std::int64_t first = 0;
    for (const ParamInfo& param : data_->params) {
      if (param.name == name) return {From::host, first};
      first += param.elements();
    }
    throw InternalError("internal error, this must hold: a run's parameters are the graph's, or sums");
  }

  std::int64_t elements(int id) const { return (*draft_.graph)[id].type.shape.elements(); }

  /// Where the value called so lies, if anywhere.
  std::optional<NumberPlace> place_of(std::size_t r, const std::string& name, std::int64_t elements) const {
    const render::abi::Descriptor& code = *code_[r]->descriptor;
    for (const render::abi::State& state : std::span(code.state_list, at(code.states))) {
      const bool single = state.scalar == static_cast<std::int32_t>(ir::Scalar::f32);
      if (state.name != name || (!single && state.scalar != static_cast<std::int32_t>(ir::Scalar::f64))) continue;
      return NumberPlace{.elements = elements, .parts = state.count / elements, .offset = state.offset, .single = single};
    }
    return std::nullopt;
  }

  void find_values(std::size_t r) {
    const Graph& scheduled = *draft_.compiled[r].schedule.graph;
    for (std::size_t k = 0; k < phase(r).outputs.size(); ++k) {
      const Output& output = scheduled.outputs()[k];
      const Node& node = scheduled[output.node];
      std::optional<NumberPlace> place = place_of(r, output.name, node.type.shape.elements());
      if (!place) {
        place = NumberPlace{.elements = node.type.shape.elements()};
        check(node.op->kind == Kind::constant || node.op->kind == Kind::tensor, "a value that lies nowhere is constant");
        place->constants = node.op->kind == Kind::tensor ? *node.attributes.table : std::vector{node.attributes.value};
      }
      for (std::size_t w = 0; w < draft_.wanted.size(); ++w) {
        if (draft_.wanted[w] != phase(r).outputs[k]) continue;
        place->number = static_cast<std::int64_t>(w);
        data_->values.push_back(*place);
      }
    }
  }

  void find_wanted_inputs() {
    for (std::size_t w = 0; w < draft_.wanted.size(); ++w) {
      const Node& node = (*draft_.graph)[draft_.wanted[w]];
      if (node.op->kind == Kind::input)
        data_->wanted_inputs.emplace_back(static_cast<int>(w), static_cast<int>(node.attributes.size));
    }
  }

  void find_wanted_sums() {
    for (std::size_t w = 0; w < draft_.wanted.size(); ++w) {
      const auto sum = sum_number_.find(draft_.wanted[w]);
      if (sum == sum_number_.end()) continue;
      data_->wanted_sums.emplace_back(static_cast<int>(w), NumberPlace{.number = sum->second, .elements = elements(sum->first)});
    }
  }

  const Draft& draft_;
  std::span<const std::shared_ptr<ProgramData>> code_;
  std::shared_ptr<SegmentData> data_;
  std::map<int, int> signal_number_, home_;  ///< by node; home: its run
  std::map<int, std::int64_t> sum_number_;   ///< by reduce node: the first of its elements among those of all sums
};

}  // namespace

std::vector<SegmentProgram> compile_cpu_segments(std::span<const std::vector<Signal>> wanted, std::span<const std::string> names,
                                                 const SegmentOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Draft> drafts;
  for (std::size_t k = 0; k < wanted.size(); ++k) drafts.push_back(draft_of(wanted[k], names[k], options));
  std::vector<render::Unit> units;
  std::vector<render::ProgramInterface> interfaces;
  for (const Draft& draft : drafts) {
    for (const Compiled& one : draft.compiled) {
      units.push_back({&one.lowered.module, &one.interface});
      interfaces.push_back(one.interface);
    }
  }
  std::vector<std::shared_ptr<ProgramData>> code;
  if (!units.empty()) code = load_programs(render::render_c(units, lanes_of(options.compile)), interfaces, options.compile);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::vector<SegmentProgram> programs;
  std::size_t first = 0;
  for (std::size_t k = 0; k < drafts.size(); ++k) {
    const std::size_t count = drafts[k].compiled.size();
    const std::shared_ptr<SegmentData> data = Linker(drafts[k], std::span(code).subspan(first, count)).link(names[k], options);
    data->compile_seconds = seconds;
    programs.emplace_back(data);
    first += count;
  }
  return programs;
}

}  // namespace dgen::runtime
