#include "runtime/compile_cpu.h"

#include <chrono>

#include "graph/latency.h"
#include "render/render.h"
#include "runtime/load_program.h"
#include "runtime/pipeline.h"

namespace dgen::runtime {

std::vector<Program> compile_for_cpu(std::span<const Graph* const> graphs, std::span<const std::string> names,
                                     const CompileOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Compiled> compiled;
  for (std::size_t k = 0; k < graphs.size(); ++k) compiled.push_back(compile_graph(*graphs[k], options, names[k]));
  std::vector<render::Unit> units;
  std::vector<render::ProgramInterface> interfaces;
  for (const Compiled& one : compiled) {
    units.push_back({&one.lowered.module, &one.interface});
    interfaces.push_back(one.interface);
  }
  const std::string source = render::render_c(units, lanes_of(options));
  const std::vector<std::shared_ptr<ProgramData>> loaded = load_programs(source, interfaces, options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::vector<Program> programs;
  for (std::size_t k = 0; k < loaded.size(); ++k) {
    loaded[k]->compile_seconds = seconds;
    loaded[k]->latency = latency(*graphs[k]);
    programs.emplace_back(loaded[k]);
  }
  return programs;
}

}  // namespace dgen::runtime
