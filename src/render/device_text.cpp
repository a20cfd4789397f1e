#include "render/device_text.h"

#include "base/index.h"
#include "dgen/error.h"
#include "render/prelude.h"
#include "render/program_text.h"
#include "render/text.h"

namespace dgen::render {

namespace {

using lower::DeviceLowered;
using lower::Grid;
using lower::Launch;

/// Which functions of the module kernels of the device call, themselves or through others, which stand behind what they call.
std::vector<bool> called_on_device(const DeviceLowered& program) {
  std::vector<bool> called(program.module.functions.size());
  const auto mark = [&](const ir::Function& function) {
    for (const ir::Instr& value : function.values) {
      if (value.code == ir::Code::call) called[at(value.ref)] = true;
    }
  };
  for (const std::vector<Launch>* list : {&program.block, &program.change}) {
    for (const Launch& launch : *list) {
      if (launch.grid != Grid::host) mark(program.module.kernels[at(launch.kernel)]);
    }
  }
  for (std::size_t k = called.size(); k-- > 0;) {
    if (called[k]) mark(program.module.functions[k]);
  }
  return called;
}

class DeviceText {
 public:
  explicit DeviceText(const DeviceDialect& dialect) : dialect_(dialect) {}

  void add(const DeviceLowered& program) {
    const ir::Module& module = program.module;
    Surroundings around{.dialect = dialect_.language, .module = module, .lanes = 1};
    for (std::size_t k = 0; k < module.buffers.size(); ++k)
      around.buffers.push_back(identifier(module.buffers[k].name) + "_" + std::to_string(k));
    const std::vector<bool> called = called_on_device(program);
    for (std::size_t k = 0; k < module.functions.size(); ++k) {
      const ir::Function& function = module.functions[k];
      if (!called[k]) {
        around.functions.emplace_back();
        continue;
      }
      std::string base = "fn_" + identifier(function.name);
      for (const ir::Type& type : function.arguments) base += "_" + std::string(type_code(dialect_.language, type));
      around.functions.push_back(shared_.define(base, function_definition(around, function)));
    }
    for (const std::vector<Launch>* list : {&program.block, &program.change}) {
      for (const Launch& launch : *list) {
        if (launch.grid != Grid::host) add_kernel(around, program, launch);
      }
    }
  }

  std::string text() const {
    const std::string code = shared_.text() + kernels_;
    std::string prologue(dialect_.language.prologue);
    if (code.find("Double") != std::string::npos) prologue += dialect_.own_double;
    return prologue + prelude(dialect_.language, code, 1) + code;
  }

 private:
  void add_kernel(const Surroundings& around, const DeviceLowered& program, const Launch& launch) {
    const ir::Function& kernel = program.module.kernels[at(launch.kernel)];
    const FunctionText body = function_text(around, kernel);
    std::string memory;
    for (const int k : body.buffers) memory += "  " + memory_of(program.module.buffers[at(k)], around.buffers[at(k)]) + ";\n";
    const bool together = kernel.group > 0;
    const auto size = [&](std::string_view) { return std::to_string(kernel.group); };
    const std::string before = together ? expand(dialect_.group_kernel, 1, size) : std::string(dialect_.language.kernel);
    kernels_ += "\n" + comment_lines(kernel.why, 0) + before + device_kernel_name(program, launch) + "(" +
                std::string(dialect_.parameters) + ") {\n" + std::string(together ? dialect_.group_head : dialect_.head) +
                memory + body.body + "}\n";
  }

  /// The declaration of what a kernel calls a buffer: an array of the group, or a pointer into the memory of the device.
  std::string memory_of(const ir::Buffer& buffer, const std::string& name) const {
    const std::string element(dialect_.language.types[static_cast<std::size_t>(buffer.scalar)].memory);
    if (buffer.space == ir::Space::group)
      return std::string(dialect_.group_memory) + element + " " + name + "[" + std::to_string(buffer.size) + "]";
    check(buffer.offset >= 0, "a kernel of a device touches what lies in its memory, not " + buffer.name);
    const std::string type = std::string(dialect_.pointer) + element + "*";
    return type + " const " + name + " = (" + type + ")(memory + " + std::to_string(buffer.offset) + ")";
  }

  const DeviceDialect& dialect_;
  SharedDefinitions shared_;
  std::string kernels_;
};

}  // namespace

std::string device_kernel_name(const DeviceLowered& program, const Launch& launch) {
  return "dgen_" + identifier(program.module.name) + "_" + std::to_string(launch.kernel) + "_" +
         identifier(program.module.kernels[at(launch.kernel)].name);
}

std::string render_device(const DeviceDialect& dialect, std::span<const DeviceLowered* const> programs) {
  DeviceText text(dialect);
  for (const DeviceLowered* program : programs) text.add(*program);
  return text.text();
}

}  // namespace dgen::render
