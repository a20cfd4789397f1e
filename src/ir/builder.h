#pragma once
// Writes functions of the loop IR. Values carry operators, so that a polynomial reads like one.

#include <functional>
#include <span>
#include <string_view>

#include "ir/ir.h"

namespace dgen::ir {

class Builder;

/// An expression of the function that `builder` writes.
struct Value {
  Builder* builder = nullptr;
  int id = -1;
  Type type() const;
};

/// A mutable local.
struct Local {
  Builder* builder = nullptr;
  int id = -1;
  Value get() const;
  void set(Value value) const;
};

class Builder {
 public:
  /// Writes into `function`, which belongs to `module` and is added to it by the caller.
  Builder(Module& module, Function& function);

  Value number(Type type, double value);         ///< f32, f64
  Value integer(Type type, std::int64_t value);  ///< the other types; masks: 0 or -1
  Value argument(int k);
  Value unary(Code code, Value a);
  Value binary(Code code, Value a, Value b);  ///< equal types, or one scalar, which is broadcast
  Value compare(Code code, Value a, Value b);
  Value select(Value mask, Value a, Value b);
  Value shift(Code code, Value a, int bits);
  Value convert(Scalar to, Value a);
  Value bitcast(Scalar to, Value a);
  Value broadcast(Value a);  ///< a itself when it is wide already
  Value octet(Value scalar);
  Value load_octet(int buffer, Value index);
  Value shift_down(Value octet, Value fill);
  Value first(Value octet);
  Value lane();
  Value lanes();
  Value shift_up(Value wide, int by, Value fill);
  Value last(Value wide);
  Value rearrange(Code code, Value a, Value b);  ///< interleave_low … odd_lanes of wide values
  /// Lane i is lane pattern[i] of a, or where that is not below the module's lanes, of b. pattern: a number for each lane.
  Value permute(Value a, Value b, std::span<const std::int8_t> pattern);
  Value load(int buffer, Value index, bool wide);
  Value load_back(int buffer, Value index);  ///< wide: elements index, index - 1, …
  Value load_once(int buffer, Value index);  ///< wide: see ir::Code
  Value gather(int buffer, Value wide_index);
  void store(int buffer, Value index, Value value);
  void store_back(int buffer, Value index, Value value);  ///< a wide value: elements index, index - 1, …
  Local local(std::string_view name, Value initial);
  /// i = begin; i < end; i += 1 or the number of lanes.
  void loop(Value begin, Value end, bool by_lanes, const std::function<void(Value i)>& body);
  void branch(Value condition, const std::function<void()>& then, const std::function<void()>& otherwise = {});
  /// A branch of which `then` runs nearly always.
  void likely_branch(Value condition, const std::function<void()>& then, const std::function<void()>& otherwise);
  /// A branch of which `then` hardly ever runs.
  void rare_branch(Value condition, const std::function<void()>& then);
  /// The work items of a group wait for each other; see ir::Stmt.
  void barrier();
  void comment(std::string_view text);
  void result(Value value);

  /// A call of the module function `name` for the types of `args`; `define` writes it when it is not there yet.
  using Define = Value (*)(std::span<const Value> x);
  Value call(std::string_view name, std::span<const Value> args, Define define);

  const Function& function() const { return function_; }
  Module& module() { return module_; }

 private:
  Value let(Instr instr);
  void push(Stmt stmt) { blocks_.back()->push_back(std::move(stmt)); }
  Module& module_;
  Function& function_;
  std::vector<std::vector<Stmt>*> blocks_;
  friend struct Value;
  friend struct Local;
};

// Arithmetic between values of one type; a number becomes a constant of the other operand's type.
Value operator+(Value a, Value b);
Value operator-(Value a, Value b);
Value operator*(Value a, Value b);
Value operator/(Value a, Value b);
Value operator-(Value a);
Value operator+(Value a, double b);
Value operator-(Value a, double b);
Value operator*(Value a, double b);
Value operator/(Value a, double b);
Value operator+(double a, Value b);
Value operator-(double a, Value b);
Value operator*(double a, Value b);
Value operator/(double a, Value b);
// Integers and masks.
Value operator&(Value a, Value b);
Value operator|(Value a, Value b);
Value operator^(Value a, Value b);
Value operator~(Value a);
Value operator<<(Value a, int bits);
Value operator>>(Value a, int bits);
// Comparisons give masks.
Value operator<(Value a, Value b);
Value operator<=(Value a, Value b);
Value operator>(Value a, Value b);
Value operator>=(Value a, Value b);
Value operator==(Value a, Value b);
Value operator!=(Value a, Value b);
Value operator<(Value a, double b);
Value operator<=(Value a, double b);
Value operator>(Value a, double b);
Value operator>=(Value a, double b);
Value operator==(Value a, double b);
Value operator!=(Value a, double b);

Value select(Value mask, Value a, Value b);
Value select(Value mask, double a, Value b);
Value select(Value mask, Value a, double b);
Value abs(Value a);
Value sqrt(Value a);
Value floor(Value a);
Value rounded(Value a);  ///< see ir::Code
Value interleave_low(Value a, Value b);
Value interleave_high(Value a, Value b);
Value even_lanes(Value a, Value b);
Value odd_lanes(Value a, Value b);
Value min(Value a, Value b);
Value max(Value a, Value b);
Value convert(Scalar to, Value a);
Value bitcast(Scalar to, Value a);
/// `value` as a constant of a's type (float or integer).
Value like(Value a, double value);

}  // namespace dgen::ir
