#include "runtime/pipeline.h"

#include <algorithm>
#include <cctype>

#include "dgen/error.h"
#include "engine/cpu_target.h"
#include "graph/streams.h"
#include "lower/row_plan.h"
#include "passes/simplify.h"
#include "render/abi.h"
#include "runtime/threaded_process.h"
#include "schedule/check_plan.h"
#include "schedule/plan_memory.h"

namespace dgen::runtime {

namespace {

void check_options(const CompileOptions& options, const std::string& name) {
  const int block = options.sub_block;
  if (block < 64 || block > 4096 || (block & (block - 1)) != 0) {
    throw Error(ErrorCode::bad_value, "sub_block is " + std::to_string(block) + "; it must be a power of two in 64 … 4096");
  }
  constexpr int most_threads = 1024;
  if (options.threads < 0 || options.threads > most_threads) {
    throw Error(ErrorCode::bad_value,
                "compile: threads is " + std::to_string(options.threads) + "; it must be 0 … " + std::to_string(most_threads));
  }
  const auto in_identifier = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  if (name.empty() || !std::all_of(name.begin(), name.end(), in_identifier)) {
    throw Error(ErrorCode::bad_value, "the program's name '" + name + "' must be letters, digits and _");
  }
}

/// Name of the host input channel, or inN where the patch does not use it.
std::string input_name(const Graph& graph, int channel) {
  for (const Node& node : graph.nodes()) {
    if (node.op->kind == Kind::input && node.attributes.size == channel) return node.attributes.name;
  }
  return "in" + std::to_string(channel + 1);
}

render::ProgramInterface interface_of(const Graph& graph, const lower::Lowered& lowered, const std::string& name) {
  render::ProgramInterface made{.name = name};
  for (int c = 0; c < graph.inputs(); ++c) made.inputs.push_back(input_name(graph, c));
  for (int c = 0; c < lowered.module.outputs; ++c) made.outputs.push_back(graph.outputs()[static_cast<std::size_t>(c)].name);
  for (const int id : graph.params()) made.params.push_back(*graph[id].attributes.param);
  for (const lower::NamedState& state : lowered.states) {
    const std::int64_t all = lowered.module.buffers[static_cast<std::size_t>(state.buffer)].size;
    made.states.push_back({state.name, state.buffer, state.first, state.count < 0 ? all : state.count});
  }
  if (lowered.module.run == ir::Run::stream) return made;
  for (const lower::ValueSlot& value : lowered.values)
    made.states.push_back({.name = value.name, .buffer = value.buffer, .first = value.first, .count = value.count});
  return made;
}

/// measures: of `close_loops`.
schedule::Schedule scheduled_for_cpu(const Graph& graph, bool measures) {
  const auto closed = passes::simplify(graph, measures).graph;
  return schedule::make_schedule(passes::find_cascades(*passes::find_vectors(*passes::find_scans(*closed).graph).graph).graph);
}

/// Those of a program that several threads may share; none where there is nothing to share.
std::vector<schedule::Part> parts_of(const ir::Module& module, ir::Run run) {
  std::vector<schedule::Part> parts = schedule::parts_of(module);
  if (run == ir::Run::stream && !may_share(parts)) parts.clear();
  return parts;
}

}  // namespace

int lanes_of(const CompileOptions& options) {
  const int width = options.vector_width;
  if (width == 0) return engine::native_vector_width();
  if (width == 4 || width == 8 || width == 16) return width;
  throw Error(ErrorCode::bad_value,
              "vector_width is " + std::to_string(width) + "; it must be 4, 8 or 16, or 0 for the machine's own");
}

Compiled compile_graph(const Graph& graph, const CompileOptions& options, const std::string& name, ir::Run run) {
  check_options(options, name);
  Compiled made{.lanes = lanes_of(options)};
  if (run == ir::Run::stream) check_streams(graph);
  made.schedule = scheduled_for_cpu(graph, true);
  if (!schedule::can_measure(made.schedule)) made.schedule = scheduled_for_cpu(graph, false);
  for (schedule::Stage& stage : made.schedule.stages) stage.why += lower::explain_transforms(*made.schedule.graph, stage, run);
  made.lowered = lower::lower(made.schedule, name, options.sub_block, run, made.lanes);
  ir::Module& module = made.lowered.module;
  const Graph& scheduled = *made.schedule.graph;
  std::int64_t elements = 0;
  for (const int id : scheduled.params()) elements += scheduled[id].type.shape.elements();
  const std::int64_t header = render::header_bytes(elements);
  schedule::plan_memory(module, header, options.threads == 1);
  schedule::check_plan(module, header);
  made.interface = interface_of(scheduled, made.lowered, name);
  if (options.threads != 1) made.interface.parts = parts_of(module, run);
  return made;
}

}  // namespace dgen::runtime
