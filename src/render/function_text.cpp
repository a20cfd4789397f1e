#include "render/function_text.h"

#include <array>
#include <bit>
#include <limits>

#include "dgen/error.h"
#include "render/liveness.h"
#include "render/prelude.h"
#include "render/text.h"

namespace dgen::render {

namespace {

using ir::Code;
using ir::Instr;
using ir::Scalar;
using ir::Stmt;

std::string integer_literal(Scalar scalar, std::int64_t value) {
  switch (scalar) {
    case Scalar::m32:
    case Scalar::m64: return value != 0 ? "1" : "0";
    case Scalar::u32: return std::to_string(static_cast<std::uint32_t>(value)) + "u";
    case Scalar::u64: return "UINT64_C(" + std::to_string(static_cast<std::uint64_t>(value)) + ")";
    case Scalar::i32: {
      if (value <= std::numeric_limits<std::int32_t>::min()) return "(-2147483647 - 1)";
      return value < 0 ? "(" + std::to_string(value) + ")" : std::to_string(value);
    }
    case Scalar::i64: {
      if (value == std::numeric_limits<std::int64_t>::min()) return "(-INT64_C(9223372036854775807) - 1)";
      return value < 0 ? "(-INT64_C(" + std::to_string(-value) + "))" : "INT64_C(" + std::to_string(value) + ")";
    }
    case Scalar::f32:
    case Scalar::f64: break;
  }
  throw InternalError("internal error: an integer constant of a float type");
}

bool fits(const Spelling& spelling, ir::Type to, Scalar from) {
  const Width has = to.octet ? Width::octet : to.wide ? Width::wide : Width::scalar;
  const bool width = spelling.width == Width::any || spelling.width == has;
  return width && (spelling.to & set_of(to.scalar)) && (spelling.from & set_of(from));
}

class Writer {
 public:
  Writer(const Surroundings& around, const ir::Function& function)
      : around_(around), function_(function), live_(liveness(function)) {}

  FunctionText write() {
    for (std::size_t k = 0; k < function_.variables.size(); ++k) {
      if (!live_.variables[k]) continue;
      line(type(function_.variables[k].type) + " " + variable(static_cast<int>(k)) + zero(function_.variables[k].type) + ";");
    }
    block(function_.body);
    if (function_.result >= 0) line("return " + operand(function_.result) + ";");
    return std::move(out_);
  }

 private:
  const Instr& instr(int value) const { return function_.values[static_cast<std::size_t>(value)]; }
  std::string type(ir::Type t) const { return std::string(type_name(around_.dialect, t)); }
  void line(const std::string& text) { out_.body += std::string(static_cast<std::size_t>(indent_), ' ') + text + "\n"; }
  std::string variable(int k) const {
    return identifier(function_.variables[static_cast<std::size_t>(k)].name) + "_" + std::to_string(k);
  }
  static std::string zero(ir::Type t) { return t.wide || t.octet ? " = {0}" : " = 0"; }

  std::string double_constant(double number) const {
    if (around_.dialect.double_constant.empty()) return double_literal(number);
    const auto bits = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(number));
    return std::string(around_.dialect.double_constant) + integer_literal(Scalar::u64, bits) + ")";
  }

  std::string constant(const Instr& c) const {
    const Scalar s = c.type.scalar;
    if ((c.type.wide || c.type.octet) &&
        (set_of(s) & masks)) {  // lanes are 0 or -1, and the helper takes an element of that width
      return "splat_" + type(c.type) + "(" + (c.integer != 0 ? "-1" : "0") + ")";
    }
    std::string text = s == Scalar::f32   ? float_literal(static_cast<float>(c.number))
                       : s == Scalar::f64 ? double_constant(c.number)
                                          : integer_literal(s, c.integer);
    return c.type.wide || c.type.octet ? "splat_" + type(c.type) + "(" + text + ")" : text;
  }

  std::string operand(int value) {
    const Instr& v = instr(value);
    if (v.code == Code::constant) return constant(v);
    if (v.code == Code::index) return "i" + std::to_string(value);
    if (v.code != Code::argument) return "v" + std::to_string(value);
    out_.arguments.insert(static_cast<int>(v.integer));
    const bool kernel = function_.result < 0;
    if (!kernel) return "x" + std::to_string(v.integer);
    constexpr std::array names{"frames", "position", "item", "row", "thread", "group"};
    return names[static_cast<std::size_t>(v.integer)];
  }

  std::string buffer(int k) {
    out_.buffers.insert(k);
    return around_.buffers[static_cast<std::size_t>(k)];
  }

  std::string pattern(const Instr& v) const {
    std::string text;
    for (int k = 0; k < around_.lanes; ++k) text += (k ? ", " : "") + std::to_string(v.pattern[static_cast<std::size_t>(k)]);
    return text;
  }

  std::string word(const Instr& v, std::string_view name) {
    const bool memory = ir::reads_buffer(v.code);
    if (name.size() == 1 && name[0] >= '0' && name[0] <= '9') {
      const int k = name[0] - '0';
      if (memory) return k == 0 ? buffer(v.ref) : operand(v.args[0]);
      return operand(v.args[static_cast<std::size_t>(k)]);
    }
    if (name == "n") return std::to_string(v.integer);
    if (name == "pattern") return pattern(v);
    if (name == "type") return type(v.type);
    if (name == "unsigned") return type({unsigned_twin(v.type.scalar), v.type.wide});
    if (name == "r") return std::string(type_code(around_.dialect, v.type));
    if (name == "a") return std::string(type_code(around_.dialect, instr(v.args[0]).type));
    if (name == "from") return type(instr(v.args[0]).type);
    throw InternalError("internal error: a spelling of the dialect asks for $" + std::string(name));
  }

  std::string expression(const Instr& v) {
    if (v.code == Code::get) return variable(v.ref);
    if (v.code == Code::call) return call(v);
    const Scalar from = v.args[0] >= 0 ? instr(v.args[0]).type.scalar : v.type.scalar;
    for (const Spelling& spelling : around_.dialect.spellings) {
      if (spelling.code != v.code || !fits(spelling, v.type, from)) continue;
      return expand(spelling.text, around_.lanes, [&](std::string_view name) { return word(v, name); });
    }
    throw InternalError(std::string("internal error: the dialect has no spelling of ") + ir::to_string(v.code) + " for " +
                        ir::to_string(v.type.scalar));
  }

  std::string call(const Instr& v) {
    std::string text = around_.functions[static_cast<std::size_t>(v.ref)] + "(";
    for (std::size_t k = 0; k < v.args.size() && v.args[k] >= 0; ++k) text += (k ? ", " : "") + operand(v.args[k]);
    return text + ")";
  }

  void store(const Stmt& stmt) {
    const Instr& value = instr(stmt.value);
    const auto write = [&](std::string_view spelling) {
      line(expand(spelling, around_.lanes, [&](std::string_view name) {
        if (name == "0") return buffer(stmt.ref);
        if (name == "1") return operand(stmt.at);
        if (name == "2") return operand(stmt.value);
        return word(value, name);
      }));
    };
    if (stmt.back) return write(around_.dialect.store_back);
    for (const Spelling& spelling : around_.dialect.stores) {
      if (fits(spelling, value.type, value.type.scalar)) return write(spelling.text);
    }
    throw InternalError("internal error: the dialect has no store for " + std::string(ir::to_string(value.type.scalar)));
  }

  void loop(const Stmt& stmt) {
    const std::string i = operand(stmt.value), step = stmt.by_lanes ? " += " + std::to_string(around_.lanes) : "++";
    const std::string advance = stmt.by_lanes ? i + step : "++" + i;
    line("for (int32_t " + i + " = " + operand(stmt.begin) + "; " + i + " < " + operand(stmt.end) + "; " + advance + ") {");
    nested(stmt.body);
    line("}");
  }

  void branch(const Stmt& stmt) {
    const char* expected = stmt.likely ? ", 1)" : stmt.rare ? ", 0)" : nullptr;
    line("if (" + (expected ? "__builtin_expect(" + operand(stmt.value) + expected : operand(stmt.value)) + ") {");
    nested(stmt.body);
    if (!stmt.otherwise.empty()) {
      line("} else {");
      nested(stmt.otherwise);
    }
    line("}");
  }

  void nested(const std::vector<Stmt>& body) {
    indent_ += 2;
    block(body);
    indent_ -= 2;
  }

  void let(const Stmt& stmt) {
    const Instr& v = instr(stmt.value);
    const bool in_place = v.code == Code::constant || v.code == Code::argument || v.code == Code::index;
    if (in_place || !live_.values[static_cast<std::size_t>(stmt.value)]) return;
    line("const " + type(v.type) + " v" + std::to_string(stmt.value) + " = " + expression(v) + ";");
  }

  void block(const std::vector<Stmt>& body) {
    for (const Stmt& stmt : body) statement(stmt);
  }

  void statement(const Stmt& stmt) {
    switch (stmt.form) {
      case Stmt::Form::let: return let(stmt);
      case Stmt::Form::store: return store(stmt);
      case Stmt::Form::set:
        if (live_.variables[static_cast<std::size_t>(stmt.ref)]) line(variable(stmt.ref) + " = " + operand(stmt.value) + ";");
        return;
      case Stmt::Form::loop: return loop(stmt);
      case Stmt::Form::branch: return branch(stmt);
      case Stmt::Form::barrier: return line(std::string(around_.dialect.barrier));
      case Stmt::Form::comment: out_.body += comment_lines(stmt.text, indent_); return;
    }
    throw InternalError("internal error: the renderer met a statement form that no builder writes");
  }

  const Surroundings& around_;
  const ir::Function& function_;
  Liveness live_;
  FunctionText out_;
  int indent_ = 2;
};

}  // namespace

FunctionText function_text(const Surroundings& around, const ir::Function& function) { return Writer(around, function).write(); }

}  // namespace dgen::render
