// dump and explain: what every step of the pipeline made of a graph.

#include "dgen/inspect.h"

#include "base/index.h"
#include "graph/describe.h"
#include "graph/latency.h"
#include "ir/print.h"
#include "passes/simplify.h"
#include "render/render.h"
#include "runtime/backends.h"
#include "runtime/choose_backend.h"
#include "runtime/device_program.h"
#include "runtime/pipeline.h"
#include "schedule/parts.h"
#include "schedule/plan_memory.h"

namespace dgen {

namespace {

StageReport report_stage(const schedule::Schedule& schedule, const schedule::Stage& stage, int number) {
  const Graph& g = *schedule.graph;
  StageReport made{.name = "stage " + std::to_string(number), .order = schedule::to_string(stage.order), .why = stage.why};
  made.nodes = static_cast<int>(stage.nodes.size());
  for (const int id : stage.loads) made.loads.push_back(describe(g, id));
  for (const int id : stage.stores) made.stores.push_back(describe(g, id));
  for (const int c : stage.outputs) made.stores.push_back("output " + g.outputs()[at(c)].name);
  for (const int id : stage.fills) made.states.push_back("past of " + describe(g, id));
  for (const int id : stage.nodes) {
    if (!g[id].attributes.recurrence) continue;
    for (const RecurrenceState& state : g[id].attributes.recurrence->states) made.states.push_back(state.name);
  }
  return made;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

}  // namespace

std::string dump(const Graph& graph, Representation representation, const CompileOptions& options) {
  if (representation == Representation::graph) return to_text(graph);
  if (representation == Representation::closed) return to_text(*passes::simplify(graph, true).graph);
  const runtime::Compiled compiled = runtime::compile_graph(graph, options, options.name);
  switch (representation) {
    case Representation::schedule: return schedule::to_text(compiled.schedule);
    case Representation::ir: return ir::to_text(compiled.lowered.module);
    case Representation::graph:
    case Representation::closed:
    case Representation::source: break;
  }
  return render::render_c(compiled.lowered.module, compiled.interface, compiled.lanes);
}

Report explain(const Graph& graph, const CompileOptions& options) {
  if (options.backend == Backend::automatic) {
    const Graph* const graphs[] = {&graph};
    const runtime::Choice choice = runtime::choose_backend(graphs, std::span(&options.name, 1), options);
    CompileOptions chosen = options;
    chosen.backend = choice.backend;
    Report made = explain(graph, chosen);
    made.choice = choice.why;
    return made;
  }
  if (runtime::def_of(options.backend).is_device())
    return {.latency = latency(graph), .kernels = runtime::device_kernels(options.backend, graph), .backend = options.backend};
  const runtime::Compiled compiled = runtime::compile_graph(graph, options, options.name);
  Report made;
  int number = 0;
  for (const schedule::Stage& stage : compiled.schedule.stages)
    made.stages.push_back(report_stage(compiled.schedule, stage, number++));
  ir::Module apart = compiled.lowered.module;
  schedule::plan_memory(apart, 0, false);
  made.parts = schedule::explain_parts(apart, schedule::parts_of(apart));
  made.state_bytes = compiled.lowered.module.state_bytes;
  made.scratch_bytes = compiled.lowered.module.scratch_bytes;
  made.sub_block = options.sub_block;
  made.vector_width = compiled.lanes;
  made.latency = latency(graph);
  made.backend = options.backend;
  return made;
}

std::string to_text(const Report& report) {
  std::string text = report.choice + (report.choice.empty() ? "" : "\n");
  for (const std::string& kernel : report.kernels) text += kernel + "\n";
  if (!report.kernels.empty()) text += "control values are computed by the host, in double, when one of them changes\n";
  for (const StageReport& stage : report.stages) {
    text += stage.name + ", " + stage.order + ", " + std::to_string(stage.nodes) + (stage.nodes == 1 ? " node\n" : " nodes\n");
    text += "  why     " + stage.why + "\n";
    if (!stage.loads.empty()) text += "  reads   " + joined(stage.loads) + "\n";
    if (!stage.states.empty()) text += "  keeps   " + joined(stage.states) + "\n";
    if (!stage.stores.empty()) text += "  writes  " + joined(stage.stores) + "\n";
  }
  if (report.kernels.empty())
    text += "sub-blocks of " + std::to_string(report.sub_block) + " frames, vectors of " + std::to_string(report.vector_width) +
            " floats; " + std::to_string(report.state_bytes) + " bytes of state, " + std::to_string(report.scratch_bytes) +
            " bytes between stages\n";
  if (report.parts.size() == 1) text += "on several threads (dgen render): " + report.parts[0] + "\n";
  if (report.parts.size() > 1) {
    text += "on several threads (dgen render) these go on at once, some sub-blocks apart:\n";
    for (const std::string& part : report.parts) text += "  " + part + "\n";
  }
  if (report.latency > 0) text += "latency " + std::to_string(report.latency) + " frames, of windows that are overlapped again\n";
  return text;
}

}  // namespace dgen
