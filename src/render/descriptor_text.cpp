#include <cmath>

#include "dgen/error.h"
#include "render/abi.h"
#include "render/program_text.h"
#include "render/text.h"

namespace dgen::render {

namespace {

/// A static array, or nothing where it is empty. `reference` becomes its name, or NULL.
std::string list(const std::string& type, const std::string& name, const std::vector<std::string>& items,
                 std::string& reference) {
  reference = items.empty() ? "NULL" : name;
  if (items.empty()) return "";
  std::string text = "static " + type + " " + name + "[] = {\n";
  for (const std::string& item : items) text += "  " + item + ",\n";
  return text + "};\n";
}

std::vector<std::string> quoted(const std::vector<std::string>& names) {
  std::vector<std::string> items;
  for (const std::string& name : names) items.push_back(string_literal(name));
  return items;
}

std::vector<std::string> state_items(const ProgramText& program) {
  std::vector<std::string> items;
  for (const StateSlot& state : program.interface->states) {
    const ir::Buffer& buffer = program.module->buffers[static_cast<std::size_t>(state.buffer)];
    check(buffer.space == ir::Space::state && state.first + state.count <= buffer.size, "a named state lies in a state buffer");
    const std::int64_t offset = buffer.offset + state.first * ir::bytes(buffer.scalar);
    items.push_back("{" + string_literal(state.name) + ", " + std::to_string(offset) + ", " + std::to_string(state.count) +
                    ", dgen_" + ir::to_string(buffer.scalar) + "}");
  }
  return items;
}

/// Defines the initial elements of tensors in `text`, but for runs over segments: there the text, by which code is cached, is
/// that of all initial values.
std::vector<std::string> param_items(const ProgramText& program, std::string& text) {
  std::vector<std::string> items;
  for (const ParamInfo& param : program.interface->params) {
    std::string values = "NULL";
    if (param.values && program.module->run == ir::Run::stream) {
      std::vector<std::string> numbers;
      for (const double value : *param.values) numbers.push_back(double_literal(value));
      text += list("const double", program.name + "_values_" + std::to_string(items.size()), numbers, values);
    }
    items.push_back("{" + string_literal(param.name) + ", " + double_literal(param.initial) + ", " + double_literal(param.min) +
                    ", " + double_literal(param.max) + ", " + std::to_string(param.elements()) + ", " + values + "}");
  }
  return items;
}

}  // namespace

std::string descriptor_text(const ProgramText& program) {
  const ProgramInterface& seen = *program.interface;
  const std::string& name = program.name;
  std::string inputs, outputs, param_list, state_list;
  std::string text = "\n";
  const std::vector<std::string> params = param_items(program, text);
  text += list("const char* const", name + "_input_names", quoted(seen.inputs), inputs);
  text += list("const char* const", name + "_output_names", quoted(seen.outputs), outputs);
  text += list("const dgen_param", name + "_params", params, param_list);
  text += list("const dgen_state", name + "_states", state_items(program), state_list);
  const auto count = [](std::size_t n) { return std::to_string(n); };
  text += "const dgen_descriptor " + name +
          "_descriptor = {\n  .version = DGEN_ABI_VERSION,\n  .vector_width = " + std::to_string(program.lanes) +
          ",\n  .memory_bytes = sizeof(struct " + name + "_state),\n  .alignment = 64,\n" +
          "  .inputs = " + count(seen.inputs.size()) + ",\n  .outputs = " + count(seen.outputs.size()) +
          ",\n  .params = " + count(seen.params.size()) + ",\n  .states = " + count(seen.states.size()) +
          ",\n  .name = " + string_literal(seen.name) + ",\n  .input_names = " + inputs + ",\n  .output_names = " + outputs +
          ",\n  .param_list = " + param_list + ",\n  .state_list = " + state_list + ",\n  .init = " + name +
          "_init,\n  .reset = " + name + "_reset,\n  .process = " + name + "_process,\n};\n";
  return text;
}

}  // namespace dgen::render
