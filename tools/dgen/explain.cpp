// `dgen explain`: how each stage of a patch runs, and why.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "dgen/commands.h"
#include "dgen/inspect.h"
#include "dgen/patch.h"
#include "dgen/patch_options.h"

namespace dgen::tool {

namespace {

struct ExplainOptions {
  PatchOptions patch{};
  bool json = false;
};

nlohmann::ordered_json to_json(const Report& report) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::array();
  for (const StageReport& stage : report.stages) {
    stages.push_back({{"name", stage.name},
                      {"order", stage.order},
                      {"why", stage.why},
                      {"nodes", stage.nodes},
                      {"loads", stage.loads},
                      {"stores", stage.stores},
                      {"states", stage.states}});
  }
  const auto with_choice = [&](nlohmann::ordered_json made) {
    if (!report.choice.empty()) made["choice"] = report.choice;
    return made;
  };
  if (!report.kernels.empty()) return with_choice({{"kernels", report.kernels}, {"latency", report.latency}});
  return with_choice({{"stages", stages},
                      {"state_bytes", report.state_bytes},
                      {"scratch_bytes", report.scratch_bytes},
                      {"sub_block", report.sub_block},
                      {"vector_width", report.vector_width},
                      {"latency", report.latency},
                      {"parts", report.parts}});
}

}  // namespace

void add_explain(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("explain", "Show how each stage of a patch runs, and why");
  const auto options = std::make_shared<ExplainOptions>();
  options->patch.add_patch(command);
  options->patch.add_width(command);
  options->patch.add_backend(command);
  command.add_flag("--json", options->json, "Print JSON");
  command.footer(
      R"(A stage is parallel (vectors of consecutive frames), sequential (frame by frame, because of a loop) or control (once a
call, from parameters). With --backend opencl: the kernels of a device, their threads and groups. With --backend auto: which back
end that is here, and why.

Examples:
  dgen explain echo.genexpr
  dgen explain echo.genexpr --json)");
  command.callback([options] {
    Graph graph;
    load_patch(graph, options->patch.path);
    const Report report = explain(graph, options->patch.compile);
    const std::string text = options->json ? to_json(report).dump(2) + "\n" : to_text(report);
    std::fputs(text.c_str(), stdout);
  });
}

}  // namespace dgen::tool
