#include "ir/print.h"

#include <charconv>

#include "base/index.h"

namespace dgen::ir {

namespace {

std::string number(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

const char* name_of(Space space) {
  switch (space) {
    case Space::state: return "state";
    case Space::scratch: return "scratch";
    case Space::constant: return "constant";
    case Space::params: return "params";
    case Space::clock: return "clock";
    case Space::input: return "input";
    case Space::output: return "output";
    case Space::group: return "group";
  }
  return "?";
}

const char* name_of(When when) {
  switch (when) {
    case When::change: return "when a parameter or the sample rate changed";
    case When::start: return "once after reset";
    case When::ahead: return "for every sub-block, before its parts";
    case When::block: return "for every sub-block";
  }
  return "?";
}

std::string type_text(Type type) {
  return std::string(type.octet ? "octet " : type.wide ? "wide " : "") + to_string(type.scalar);
}

/// Writes one function: its statements, indented by depth.
class FunctionPrinter {
 public:
  FunctionPrinter(const Module& module, const Function& function, std::string& text)
      : module_(module), function_(function), text_(text) {}

  void statements(const std::vector<Stmt>& body, const std::string& indent) {
    for (const Stmt& stmt : body) statement(stmt, indent);
  }

  std::string operand(int id) const {
    const Instr& value = function_.values[at(id)];
    const bool floats = value.type.scalar == Scalar::f32 || value.type.scalar == Scalar::f64;
    if (value.code == Code::constant) return floats ? number(value.number) : std::to_string(value.integer);
    if (value.code == Code::argument) return "argument" + std::to_string(value.integer);
    return "%" + std::to_string(id);
  }

 private:
  const std::string& buffer(int ref) const { return module_.buffers[at(ref)].name; }

  std::string expression(const Instr& value) const {
    if (reads_buffer(value.code)) {
      return std::string(to_string(value.code)) + " " + buffer(value.ref) + "[" + operand(value.args[0]) + "]";
    }
    std::string text = to_string(value.code);
    if (value.code == Code::get) text += " " + function_.variables[at(value.ref)].name;
    if (value.code == Code::call) text += " " + module_.functions[at(value.ref)].name;
    for (const int id : value.args) {
      if (id >= 0) text += " " + operand(id);
    }
    if (value.code == Code::shl || value.code == Code::shr || value.code == Code::shift_up)
      text += " by " + std::to_string(value.integer);
    if (value.code == Code::permute) {
      text += " lanes";
      for (int k = 0; k < module_.lanes; ++k) text += " " + std::to_string(value.pattern[at(k)]);
    }
    return text;
  }

  void let(const Stmt& stmt, const std::string& indent) {
    const Instr& value = function_.values[at(stmt.value)];
    if (value.code == Code::constant || value.code == Code::argument) return;
    text_ += indent + "%" + std::to_string(stmt.value) + " = " + expression(value) + " : " + type_text(value.type) + "\n";
  }

  void loop(const Stmt& stmt, const std::string& indent) {
    text_ += indent + "for %" + std::to_string(stmt.value) + " from " + operand(stmt.begin) + " to " + operand(stmt.end) +
             (stmt.by_lanes ? " by lanes\n" : "\n");
    statements(stmt.body, indent + "  ");
  }

  void branch(const Stmt& stmt, const std::string& indent) {
    text_ += indent + "if " + operand(stmt.value) + "\n";
    statements(stmt.body, indent + "  ");
    if (stmt.otherwise.empty()) return;
    text_ += indent + "else\n";
    statements(stmt.otherwise, indent + "  ");
  }

  void statement(const Stmt& stmt, const std::string& indent) {
    switch (stmt.form) {
      case Stmt::Form::let: return let(stmt, indent);
      case Stmt::Form::store:
        text_ += indent + (stmt.back ? "store_back " : "store ") + buffer(stmt.ref) + "[" + operand(stmt.at) +
                 "] = " + operand(stmt.value) + "\n";
        return;
      case Stmt::Form::set:
        text_ += indent + function_.variables[at(stmt.ref)].name + " := " + operand(stmt.value) + "\n";
        return;
      case Stmt::Form::loop: return loop(stmt, indent);
      case Stmt::Form::branch: return branch(stmt, indent);
      case Stmt::Form::barrier: text_ += indent + "barrier\n"; return;
      case Stmt::Form::comment: text_ += indent + "# " + stmt.text + "\n"; return;
    }
  }

  const Module& module_;
  const Function& function_;
  std::string& text_;
};

void print_buffer(const Buffer& buffer, std::string& text) {
  text += "buffer " + buffer.name + ": " + name_of(buffer.space) + " " + to_string(buffer.scalar) + " [" +
          std::to_string(buffer.size) + "]";
  if (buffer.channel >= 0) text += ", host channel " + std::to_string(buffer.channel);
  if (buffer.offset >= 0) text += ", at byte " + std::to_string(buffer.offset);
  text += "\n";
}

void print_function(const Module& module, const Function& function, std::string& text) {
  const bool is_kernel = function.result < 0;
  text += std::string(is_kernel ? "\nkernel " : "\nfunction ") + function.name;
  if (is_kernel) text += std::string(", ") + name_of(function.when);
  if (function.group > 0) text += ", in groups of " + std::to_string(function.group);
  for (std::size_t k = 0; k < function.arguments.size() && !is_kernel; ++k) {
    text += (k == 0 ? " of " : ", ") + type_text(function.arguments[k]);
  }
  text += "\n";
  if (!function.why.empty()) text += "  # " + function.why + "\n";
  FunctionPrinter printer(module, function, text);
  printer.statements(function.body, "  ");
  if (!is_kernel) text += "  return " + printer.operand(function.result) + "\n";
}

}  // namespace

std::string to_text(const Module& module) {
  std::string text = "module " + module.name + ": " + std::to_string(module.inputs) + " in, " + std::to_string(module.outputs) +
                     " out, sub-blocks of " + std::to_string(module.sub_block) + " frames, " +
                     std::to_string(module.state_bytes) + " bytes of state, " + std::to_string(module.scratch_bytes) +
                     " of scratch\n";
  for (const Buffer& buffer : module.buffers) print_buffer(buffer, text);
  for (const Function& function : module.functions) print_function(module, function, text);
  for (const Function& kernel : module.kernels) print_function(module, kernel, text);
  return text;
}

}  // namespace dgen::ir
