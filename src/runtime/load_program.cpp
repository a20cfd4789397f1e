#include "runtime/load_program.h"

#include "dgen/error.h"
#include "engine/cpu.h"
#include "render/text.h"
#include "runtime/state_elements.h"

namespace dgen::runtime {

namespace {

using render::abi::Descriptor;

std::vector<StateInfo> read_states(const Descriptor& code, std::int64_t settings) {
  std::vector<StateInfo> states;
  for (const render::abi::State& state : std::span(code.state_list, static_cast<std::size_t>(code.states))) {
    states.push_back({state.name, saved_elements(static_cast<ir::Scalar>(state.scalar), state.count)});
  }
  states.push_back({std::string(position_name), 1});
  states.push_back({std::string(settings_name), settings});
  return states;
}

/// The program of this interface in a loaded library, or null where there is none of this version.
std::shared_ptr<ProgramData> read_program(const base::DynamicLibrary& library, const render::ProgramInterface& seen) {
  const auto* code = static_cast<const Descriptor*>(library.symbol("dgen_" + render::identifier(seen.name) + "_descriptor"));
  if (!code || code->version != render::abi::version) return nullptr;
  auto data = std::make_shared<ProgramData>();
  data->name = seen.name;
  data->inputs = code->inputs;
  data->outputs = code->outputs;
  data->params = seen.params;
  data->states = read_states(*code, 1 + elements_of(seen.params));
  data->descriptor = code;
  if (!seen.parts.empty()) {
    data->parts = static_cast<const render::abi::Parts*>(library.symbol("dgen_" + render::identifier(seen.name) + "_parts"));
    check(data->parts != nullptr, "generated code holds the parts that its interface has");
    data->part_list = seen.parts;
  }
  return data;
}

}  // namespace

std::vector<std::shared_ptr<ProgramData>> load_programs(const std::string& source,
                                                        std::span<const render::ProgramInterface> interfaces,
                                                        const CompileOptions& options) {
  const engine::CpuCode code =
      engine::compile_c(source, {.compiler = options.compiler, .cache_directory = options.cache_directory});
  const auto text = std::make_shared<const std::string>(source);
  std::vector<std::shared_ptr<ProgramData>> programs;
  for (const render::ProgramInterface& seen : interfaces) {
    auto program = read_program(*code.library, seen);
    check(program != nullptr, "generated code holds a descriptor of this version for program '" + seen.name + "'");
    check(program->params.size() == static_cast<std::size_t>(program->descriptor->params),
          "text and interface agree on parameters");
    program->library = code.library;
    program->source = text;
    program->from_cache = code.from_cache;
    program->threads = options.threads;
    programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace dgen::runtime
