// Graphs to programs, for every back end.

#include "dgen/error.h"
#include "graph/clone.h"
#include "runtime/backends.h"
#include "runtime/choose_backend.h"
#include "runtime/program_data.h"

namespace dgen {

namespace {

using runtime::Choice;
using runtime::def_of;

/// Programs that carry what was chosen for them and, on a device, how to go on without it.
std::vector<Program> with_choice(std::span<const Graph* const> graphs, const std::vector<Program>& programs, const Choice& choice,
                                 CompileOptions options) {
  options.backend = Backend::cpu;
  std::vector<Program> made;
  for (std::size_t k = 0; k < programs.size(); ++k) {
    auto data = std::make_shared<runtime::ProgramData>(programs[k].data());
    data->choice = choice.why;
    if (choice.backend != Backend::cpu) {
      options.name = data->name;
      data->on_cpu = [graph = std::shared_ptr<const Graph>(clone(*graphs[k])), options] { return compile(*graph, options); };
    }
    made.emplace_back(std::move(data));
  }
  return made;
}

/// What a device or its compiler refuses runs on the CPU.
std::vector<Program> compile_chosen(std::span<const Graph* const> graphs, std::span<const std::string> names, Choice choice,
                                    const CompileOptions& options) {
  if (choice.backend != Backend::cpu) {
    try {
      return with_choice(graphs, def_of(choice.backend).compile(graphs, names, options), choice, options);
    } catch (const Error& e) {
      choice = {Backend::cpu, std::string("cpu: ") + to_string(choice.backend) + " fails: " + e.what()};
    }
  }
  return with_choice(graphs, def_of(Backend::cpu).compile(graphs, names, options), choice, options);
}

}  // namespace

std::vector<Program> compile(std::span<const Graph* const> graphs, const CompileOptions& options) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < graphs.size(); ++k)
    names.push_back(graphs.size() == 1 ? options.name : options.name + "_" + std::to_string(k));
  if (options.backend != Backend::automatic) return def_of(options.backend).compile(graphs, names, options);
  return compile_chosen(graphs, names, runtime::choose_backend(graphs, names, options), options);
}

Program compile(const Graph& graph, const CompileOptions& options) {
  const Graph* const graphs[] = {&graph};
  return compile(std::span(graphs), options).front();
}

}  // namespace dgen
