#include "render/program_text.h"

#include <algorithm>
#include <bit>
#include <set>

#include "dgen/error.h"
#include "render/abi.h"
#include "render/prelude.h"
#include "render/text.h"

namespace dgen::render {

namespace {

using ir::Buffer;
using ir::Space;

std::string replace_name(std::string text, std::string_view name) {
  for (std::size_t at = text.find("$name"); at != std::string::npos; at = text.find("$name", at)) text.replace(at, 5, name);
  return text;
}

std::string element_literal(ir::Scalar scalar, double value) {
  if (scalar == ir::Scalar::f32) return float_literal(static_cast<float>(value));
  if (scalar == ir::Scalar::f64) return double_literal(value);
  return double_literal(value) == "0.0" ? "0" : std::to_string(static_cast<std::int64_t>(value));
}

/// From so many elements on a table is written as the bytes of a string, which compilers read many times as fast as numbers.
constexpr std::size_t long_table = 4096;

bool is_written_as_bytes(const Buffer& buffer) {
  return buffer.scalar == ir::Scalar::f32 && buffer.contents.size() >= long_table;
}

/// $name, an array of char that holds float32 numbers.
std::string bytes_text(const Dialect& dialect, const Buffer& buffer) {
  std::string text = "_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, \"$name holds little-endian numbers\");\n" +
                     std::string(dialect.constant) + "char $name[" + std::to_string(4 * (buffer.size + ir::padding)) +
                     "] __attribute__((aligned(64))) =";
  for (std::size_t k = 0; k < buffer.contents.size(); ++k) {
    text += k % 8 != 0 ? "" : k == 0 ? "\n  \"" : "\"\n  \"";
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(buffer.contents[k]));
    for (int byte = 0; byte < 4; ++byte) {
      const std::uint32_t value = bits >> 8 * byte & 255;
      text += {'\\', static_cast<char>('0' + (value >> 6)), static_cast<char>('0' + (value >> 3 & 7)),
               static_cast<char>('0' + (value & 7))};
    }
  }
  return text + "\";\n";
}

std::string constant_text(const Dialect& dialect, const Buffer& buffer) {
  check(static_cast<std::int64_t>(buffer.contents.size()) <= buffer.size, "a constant buffer holds its contents");
  if (is_written_as_bytes(buffer)) return bytes_text(dialect, buffer);
  std::string text = std::string(dialect.constant) + std::string(dialect.types[static_cast<std::size_t>(buffer.scalar)].memory) +
                     " $name[" + std::to_string(buffer.size + ir::padding) + "] = {";
  for (std::size_t k = 0; k < buffer.contents.size(); ++k) {
    text += (k % 8 == 0 ? "\n  " : " ") + element_literal(buffer.scalar, buffer.contents[k]) + ",";
  }
  return text + (buffer.contents.empty() ? "0};\n" : "\n};\n");
}

std::string buffer_expression(const ir::Module& module, int k) {
  const Buffer& buffer = module.buffers[static_cast<std::size_t>(k)];
  switch (buffer.space) {
    case Space::state: return "s->" + state_member(module, k);
    case Space::scratch: return identifier(buffer.name) + "_" + std::to_string(k);
    case Space::constant: return "";
    case Space::params: return "s->params";
    case Space::clock: return "(&s->sample_rate)";
    case Space::input: return "in_" + std::to_string(buffer.channel);
    case Space::output: return "out_" + std::to_string(buffer.channel);
    case Space::group: break;  // of devices
  }
  return "";
}

/// Pointers to the scratch buffers that a kernel touches. Scratch buffers share bytes, hence the aliasing types.
std::string scratch_pointers(const Surroundings& around, const std::set<int>& buffers) {
  std::string text;
  for (const int k : buffers) {
    const Buffer& buffer = around.module.buffers[static_cast<std::size_t>(k)];
    if (buffer.space != Space::scratch) continue;
    const std::int64_t size = ir::bytes(buffer.scalar);
    check(buffer.offset >= 0 && buffer.offset % size == 0 && buffer.offset + buffer.size * size <= around.module.scratch_bytes,
          "a scratch buffer lies in the scratch arena");
    const std::string element(around.dialect.types[static_cast<std::size_t>(buffer.scalar)].memory);
    text += "  scratch_" + element + "* const " + around.buffers[static_cast<std::size_t>(k)] + " = (scratch_" + element +
            "*)(scratch + " + std::to_string(buffer.offset) + ");\n";
  }
  return text;
}

/// Parameters of a kernel and the arguments the driver gives for them.
struct Parameters {
  std::string declared, given;
  void add(const std::string& declaration, const std::string& argument) {
    declared += (declared.empty() ? "" : ", ") + declaration;
    given += (given.empty() ? "" : ", ") + argument;
  }
};

Parameters kernel_parameters(const ProgramText& program, const ir::Function& kernel, const FunctionText& body) {
  std::set<Space> spaces;
  std::set<int> inputs, outputs;
  for (const int k : body.buffers) {
    const Buffer& buffer = program.module->buffers[static_cast<std::size_t>(k)];
    spaces.insert(buffer.space);
    if (buffer.space == Space::input) inputs.insert(buffer.channel);
    if (buffer.space == Space::output) outputs.insert(buffer.channel);
  }
  const bool block = kernel.when == ir::When::ahead || kernel.when == ir::When::block;
  check(block || (inputs.empty() && outputs.empty()), "only block kernels touch host channels");
  Parameters p;
  if (spaces.count(Space::state) || spaces.count(Space::params) || spaces.count(Space::clock)) {
    p.add("struct " + program.name + "_state* restrict s", "s");
  }
  if (spaces.count(Space::scratch)) p.add("unsigned char* restrict scratch", "s->scratch");
  for (const int c : inputs) p.add("const float* in_" + std::to_string(c), "in_" + std::to_string(c));
  for (const int c : outputs) p.add("float* out_" + std::to_string(c), "out_" + std::to_string(c));
  if (body.arguments.count(0)) p.add("int32_t frames", block ? "frames" : "0");
  if (body.arguments.count(1)) p.add("int64_t position", "s->position");
  if (p.declared.empty()) p.declared = "void";
  return p;
}

void add_kernel(const Surroundings& around, const ir::Function& kernel, ProgramText& program) {
  const FunctionText body = function_text(around, kernel);
  const Parameters parameters = kernel_parameters(program, kernel, body);
  const std::string name = program.name + "_stage_" + std::to_string(program.kernels.size()) + "_" + identifier(kernel.name);
  program.text += "\n";
  if (!kernel.why.empty()) program.text += comment_lines(kernel.why, 0);
  program.text += std::string(around.dialect.kernel) + name + "(" + parameters.declared + ") {\n" +
                  scratch_pointers(around, body.buffers) + body.body + "}\n";
  program.kernels.push_back(
      {.name = name, .when = kernel.when, .changes = kernel.changes, .call = name + "(" + parameters.given + ");"});
}

/// Follows the order of loads of inputs and stores of outputs. An output may be host memory, which may be an input's as
/// well, when no input is loaded after it is stored but by the next turns of a loop that both touch at its index. A loop
/// inside another may come to the same frames again.
class HostOrder {
 public:
  explicit HostOrder(const ir::Module& module) : module_(module), unsafe_(module.buffers.size()) {
    for (const ir::Function& kernel : module.kernels) walk(kernel, kernel.body, -1, 0);
  }
  bool direct(int buffer) const {
    if (module_.run != ir::Run::stream) return true;
    return module_.buffers[static_cast<std::size_t>(buffer)].direct && !unsafe_[static_cast<std::size_t>(buffer)];
  }

 private:
  Space space(int buffer) const { return module_.buffers[static_cast<std::size_t>(buffer)].space; }

  void walk(const ir::Function& kernel, const std::vector<ir::Stmt>& body, int index, int depth) {
    for (const ir::Stmt& stmt : body) {
      const int value = stmt.form == ir::Stmt::Form::let ? stmt.value : -1;
      if (value >= 0) load(kernel.values[static_cast<std::size_t>(value)], index);
      if (stmt.form == ir::Stmt::Form::store && space(stmt.ref) == Space::output) {
        stored_.insert(stmt.ref);
        if (stmt.at != index || depth > 1) unsafe_[static_cast<std::size_t>(stmt.ref)] = true;
      }
      const bool loop = stmt.form == ir::Stmt::Form::loop;
      walk(kernel, stmt.body, loop ? stmt.value : index, loop ? depth + 1 : depth);
      walk(kernel, stmt.otherwise, index, depth);
    }
  }

  void load(const ir::Instr& v, int index) {
    const bool loads = ir::reads_buffer(v.code);
    if (!loads || space(v.ref) != Space::input) return;
    for (const int buffer : stored_) unsafe_[static_cast<std::size_t>(buffer)] = true;
    if (v.args[0] == index) return;
    for (std::size_t k = 0; k < unsafe_.size(); ++k) unsafe_[k] = true;  // may look at any frame
  }

  const ir::Module& module_;
  std::set<int> stored_;
  std::vector<bool> unsafe_;
};

void find_channels(ProgramText& program) {
  const HostOrder order(*program.module);
  std::map<int, bool> outputs;
  std::set<int> inputs;
  for (std::size_t k = 0; k < program.module->buffers.size(); ++k) {
    const Buffer& buffer = program.module->buffers[k];
    check(buffer.space != Space::input || static_cast<std::size_t>(buffer.channel) < program.interface->inputs.size(),
          "the interface names every input channel");
    check(buffer.space != Space::output || static_cast<std::size_t>(buffer.channel) < program.interface->outputs.size(),
          "the interface names every output channel");
    if (buffer.space == Space::input) inputs.insert(buffer.channel);
    if (buffer.space == Space::output) outputs[buffer.channel] = order.direct(static_cast<int>(k));
  }
  program.inputs.assign(inputs.begin(), inputs.end());
  for (const auto& [channel, direct] : outputs) {
    program.outputs.push_back(channel);
    program.direct.push_back(direct);
  }
}

}  // namespace

std::string function_definition(const Surroundings& around, const ir::Function& function) {
  const Dialect& dialect = around.dialect;
  const ir::Type result = function.values[static_cast<std::size_t>(function.result)].type;
  std::string text = std::string(dialect.function) + std::string(type_name(dialect, result)) + " $name(";
  const FunctionText body = function_text(around, function);
  for (std::size_t k = 0; k < function.arguments.size(); ++k) {
    const bool used = body.arguments.count(static_cast<int>(k)) > 0;
    text += (k ? ", " : "") + std::string(type_name(dialect, function.arguments[k])) + (used ? " " : " unused_") + "x" +
            std::to_string(k);
  }
  std::string unused;
  for (std::size_t k = 0; k < function.arguments.size(); ++k) {
    if (!body.arguments.count(static_cast<int>(k))) unused += "  (void)unused_x" + std::to_string(k) + ";\n";
  }
  return text + ") {\n" + unused + body.body + "}\n";
}

std::string program_symbol(const ProgramInterface& interface) { return "dgen_" + identifier(interface.name); }

std::string SharedDefinitions::define(const std::string& base, const std::string& text) {
  const std::string key = base + "\n" + text;
  if (const auto found = names_.find(key); found != names_.end()) return found->second;
  const int use = uses_[base]++;
  const std::string name = use == 0 ? base : base + "_" + std::to_string(use + 1);
  names_.emplace(key, name);
  text_ += "\n" + replace_name(text, name);
  return name;
}

ProgramText program_text(const Dialect& dialect, const ir::Module& module, const ProgramInterface& interface, int lanes,
                         SharedDefinitions& shared) {
  check(lanes == 4 || lanes == 8 || lanes == 16, "vectors have 4, 8 or 16 floats");
  check(module.sub_block > 0 && module.sub_block % lanes == 0, "a sub-block is whole vectors");
  check(module.lanes == 0 || module.lanes == lanes, "a module of fixed lanes is rendered for so many");
  ProgramText program{.module = &module, .interface = &interface, .lanes = lanes, .name = program_symbol(interface)};
  find_channels(program);
  Surroundings around{.dialect = dialect, .module = module, .lanes = lanes};
  for (std::size_t k = 0; k < module.buffers.size(); ++k) {
    const Buffer& buffer = module.buffers[k];
    if (buffer.space != Space::constant) {
      around.buffers.push_back(buffer_expression(module, static_cast<int>(k)));
      continue;
    }
    const std::string name = shared.define("table_" + identifier(buffer.name), constant_text(dialect, buffer));
    around.buffers.push_back(is_written_as_bytes(buffer) ? "((const float __attribute__((may_alias))*)" + name + ")" : name);
  }
  for (const ir::Function& function : module.functions) {
    std::string base = "fn_" + identifier(function.name);
    for (const ir::Type& type : function.arguments) base += "_" + std::string(type_code(dialect, type));
    around.functions.push_back(shared.define(base, function_definition(around, function)));
  }
  program.text = memory_text(dialect, program);
  for (const ir::Function& kernel : module.kernels) add_kernel(around, kernel, program);
  return program;
}

}  // namespace dgen::render
