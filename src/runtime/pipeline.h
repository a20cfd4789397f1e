#pragma once
// The way from a graph to kernels: every pass in order, each result verified.

#include <string>

#include "dgen/program.h"
#include "lower/lower.h"
#include "render/program_interface.h"
#include "schedule/schedule.h"

namespace dgen::runtime {

/// A graph on its way to code. The source text is `render::render_c` of module and interface.
struct Compiled {
  schedule::Schedule schedule;
  lower::Lowered lowered;
  render::ProgramInterface interface;
  int lanes = 8;
};

/// Throws `Error`: what is wrong with the graph or the options.
Compiled compile_graph(const Graph& graph, const CompileOptions& options, const std::string& name, ir::Run run = ir::Run::stream);

/// The vector width the options ask for; the machine's own for 0. Throws bad_value.
int lanes_of(const CompileOptions& options);

}  // namespace dgen::runtime
