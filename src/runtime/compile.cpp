// Graphs to programs, for every back end.

#include <chrono>

#include "dgen/error.h"
#include "graph/latency.h"
#include "render/render.h"
#include "runtime/device_program.h"
#include "runtime/load_program.h"
#include "runtime/pipeline.h"

namespace dgen {

namespace {

std::vector<Program> interpret(std::span<const Graph* const> graphs, std::span<const std::string> names) {
  std::vector<Program> programs;
  for (std::size_t k = 0; k < graphs.size(); ++k) programs.emplace_back(runtime::interpret_program(*graphs[k], names[k]));
  return programs;
}

std::vector<runtime::Compiled> compile_all(std::span<const Graph* const> graphs, std::span<const std::string> names,
                                           const CompileOptions& options) {
  std::vector<runtime::Compiled> compiled;
  for (std::size_t k = 0; k < graphs.size(); ++k) compiled.push_back(runtime::compile_graph(*graphs[k], options, names[k]));
  return compiled;
}

}  // namespace

std::vector<Program> compile(std::span<const Graph* const> graphs, const CompileOptions& options) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < graphs.size(); ++k)
    names.push_back(graphs.size() == 1 ? options.name : options.name + "_" + std::to_string(k));
  if (options.backend == Backend::interpreter) return interpret(graphs, names);
  if (runtime::is_device(options.backend)) return runtime::compile_for_device(options.backend, graphs, names);
  const auto start = std::chrono::steady_clock::now();
  const std::vector<runtime::Compiled> compiled = compile_all(graphs, names, options);
  std::vector<render::Unit> units;
  std::vector<render::ProgramInterface> interfaces;
  for (const runtime::Compiled& one : compiled) {
    units.push_back({&one.lowered.module, &one.interface});
    interfaces.push_back(one.interface);
  }
  const std::string source = render::render_c(units, runtime::lanes_of(options));
  const std::vector<std::shared_ptr<runtime::ProgramData>> loaded = runtime::load_programs(source, interfaces, options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::vector<Program> programs;
  for (std::size_t k = 0; k < loaded.size(); ++k) {
    loaded[k]->compile_seconds = seconds;
    loaded[k]->latency = latency(*graphs[k]);
    programs.emplace_back(loaded[k]);
  }
  return programs;
}

Program compile(const Graph& graph, const CompileOptions& options) {
  const Graph* const graphs[] = {&graph};
  return compile(std::span(graphs), options).front();
}

}  // namespace dgen
