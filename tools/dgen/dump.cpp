// `dgen dump`: any representation of a patch as text.

#include <cstdio>

#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/inspect.h"
#include "dgen/patch.h"
#include "dgen/patch_options.h"

namespace dgen::tool {

namespace {

struct DumpOptions {
  PatchOptions patch{};
  Representation stage = Representation::graph;
};

}  // namespace

void add_dump(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("dump", "Print a representation of a patch on its way to code");
  const auto options = std::make_shared<DumpOptions>();
  options->patch.add_patch(command);
  options->patch.add_width(command);
  add_choice<Representation>(command, "--stage", options->stage,
                             {{"graph", Representation::graph},
                              {"closed", Representation::closed},
                              {"schedule", Representation::schedule},
                              {"ir", Representation::ir},
                              {"source", Representation::source}},
                             "graph: as written (default); closed: loops closed and simplified; schedule: stages in order; "
                             "ir: loops and memory; source: C");
  command.footer(R"(Examples:
  dgen dump echo.genexpr --stage schedule
  dgen dump echo.genexpr --stage source --width 8 > echo.c)");
  command.callback([options] {
    Graph graph;
    load_patch(graph, options->patch.path);
    std::string text = dump(graph, options->stage, options->patch.compile);
    if (!text.empty() && text.back() != '\n') text += '\n';
    std::fputs(text.c_str(), stdout);
  });
}

}  // namespace dgen::tool
