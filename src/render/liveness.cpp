#include "render/liveness.h"

namespace dgen::render {

namespace {

class Marker {
 public:
  explicit Marker(const ir::Function& function) : function_(function) {
    live_.values.resize(function.values.size());
    live_.variables.resize(function.variables.size());
  }

  Liveness run() {
    mark(function_.result);
    do {
      changed_ = false;
      walk(function_.body);
    } while (changed_);
    return std::move(live_);
  }

 private:
  void mark(int value) {
    if (value < 0 || live_.values[static_cast<std::size_t>(value)]) return;
    live_.values[static_cast<std::size_t>(value)] = true;
    changed_ = true;
    const ir::Instr& instr = function_.values[static_cast<std::size_t>(value)];
    for (const int arg : instr.args) mark(arg);
    if (instr.code == ir::Code::get) live_.variables[static_cast<std::size_t>(instr.ref)] = true;
  }

  void walk(const std::vector<ir::Stmt>& body) {
    using Form = ir::Stmt::Form;
    for (const ir::Stmt& stmt : body) {
      if (stmt.form == Form::store || stmt.form == Form::branch || stmt.form == Form::loop) {
        for (const int value : {stmt.value, stmt.at, stmt.begin, stmt.end}) mark(value);
      }
      if (stmt.form == Form::set && live_.variables[static_cast<std::size_t>(stmt.ref)]) mark(stmt.value);
      walk(stmt.body);
      walk(stmt.otherwise);
    }
  }

  const ir::Function& function_;
  Liveness live_;
  bool changed_ = false;
};

}  // namespace

Liveness liveness(const ir::Function& function) { return Marker(function).run(); }

}  // namespace dgen::render
