#include "ir/work.h"

#include <algorithm>
#include <optional>

namespace dgen::ir {

namespace {

using Known = std::optional<std::int64_t>;

class Counter {
 public:
  Counter(const Module& module, const Function& function, const std::array<std::int64_t, 4>& arguments)
      : module_(module), function_(function), arguments_(arguments), known_(function.values.size()) {}

  std::int64_t count(const std::vector<Stmt>& block) {
    std::int64_t sum = 0;
    for (const Stmt& stmt : block) sum += count(stmt);
    return sum;
  }

 private:
  std::int64_t count(const Stmt& stmt) {
    switch (stmt.form) {
      case Stmt::Form::let: return let(stmt.value);
      case Stmt::Form::store: return 1;
      case Stmt::Form::set:
      case Stmt::Form::barrier:
      case Stmt::Form::comment: return 0;
      case Stmt::Form::loop: {
        const Known begin = value(stmt.begin), end = value(stmt.end);
        const std::int64_t trips = begin && end ? std::max<std::int64_t>(*end - *begin, 0) : unknown_trips;
        return trips * (count(stmt.body) + 1);
      }
      case Stmt::Form::branch: {
        const Known condition = value(stmt.value);
        if (condition) return count(*condition ? stmt.body : stmt.otherwise);
        return 1 + std::max(count(stmt.body), count(stmt.otherwise));
      }
    }
    return 0;
  }

  const Instr& instr(int id) const { return function_.values[static_cast<std::size_t>(id)]; }
  Known value(int id) {
    std::optional<Known>& known = known_[static_cast<std::size_t>(id)];
    if (!known) known = evaluate(instr(id));
    return *known;
  }
  Known operand(const Instr& v, std::size_t k) { return value(v.args[k]); }

  std::int64_t let(int id) {
    const Instr& v = instr(id);
    if (v.code == Code::constant || v.code == Code::argument || v.code == Code::index || v.code == Code::get) return 0;
    if (value(id)) return 0;  // the same for all work items
    if (v.code != Code::call) return 1;
    const Function& called = module_.functions[static_cast<std::size_t>(v.ref)];
    return Counter(module_, called, {}).count(called.body);
  }

  /// Whole numbers that follow from the arguments.
  Known evaluate(const Instr& v) {
    const Scalar s = v.type.scalar;
    if (s == Scalar::f32 || s == Scalar::f64 || v.type.wide) return {};
    if (v.code == Code::constant) return v.integer;
    constexpr std::int64_t item = 2;  // and what depends on it: its place in the group, the group
    if (v.code == Code::argument && function_.result < 0)
      return v.integer == item || v.integer > 3 ? Known{} : Known{arguments_[static_cast<std::size_t>(v.integer)]};
    if (v.code == Code::convert) {
      const Scalar from = instr(v.args[0]).type.scalar;
      return from == Scalar::i32 || from == Scalar::i64 ? operand(v, 0) : Known{};
    }
    return binary(v);
  }

  Known binary(const Instr& v) {
    switch (v.code) {
      case Code::add:
      case Code::sub:
      case Code::mul:
      case Code::lt:
      case Code::le:
      case Code::eq:
      case Code::ne:
      case Code::min:
      case Code::max: break;
      default: return {};
    }
    const Scalar of = instr(v.args[0]).type.scalar;
    if (of != Scalar::i32 && of != Scalar::i64) return {};
    const Known a = operand(v, 0), b = operand(v, 1);
    if (!a || !b) return {};
    switch (v.code) {
      case Code::add: return *a + *b;
      case Code::sub: return *a - *b;
      case Code::mul: return *a * *b;
      case Code::lt: return *a < *b;
      case Code::le: return *a <= *b;
      case Code::eq: return *a == *b;
      case Code::ne: return *a != *b;
      case Code::min: return std::min(*a, *b);
      default: return std::max(*a, *b);
    }
  }

  const Module& module_;
  const Function& function_;
  const std::array<std::int64_t, 4>& arguments_;
  std::vector<std::optional<Known>> known_;  ///< by value, once it was asked for
};

}  // namespace

std::int64_t work(const Module& module, const Function& function, const std::array<std::int64_t, 4>& arguments) {
  return Counter(module, function, arguments).count(function.body);
}

}  // namespace dgen::ir
