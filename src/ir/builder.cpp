#include "ir/builder.h"

#include <algorithm>

#include "dgen/error.h"

namespace dgen::ir {

namespace {

bool is_float(Scalar s) { return s == Scalar::f32 || s == Scalar::f64; }
bool is_mask(Scalar s) { return s == Scalar::m32 || s == Scalar::m64; }
Scalar mask_of(Scalar s) { return bytes(s) == 8 ? Scalar::m64 : Scalar::m32; }

}  // namespace

Type Value::type() const { return builder->function().values[static_cast<std::size_t>(id)].type; }

Value Local::get() const {
  return builder->let({.code = Code::get, .type = builder->function_.variables[static_cast<std::size_t>(id)].type, .ref = id});
}

void Local::set(Value value) const {
  check(value.type() == builder->function_.variables[static_cast<std::size_t>(id)].type, "a local is set to a value of its type");
  builder->push({.form = Stmt::Form::set, .value = value.id, .ref = id});
}

Builder::Builder(Module& module, Function& function) : module_(module), function_(function), blocks_{&function.body} {}

Value Builder::let(Instr instr) {
  function_.values.push_back(instr);
  const int id = static_cast<int>(function_.values.size()) - 1;
  push({.form = Stmt::Form::let, .value = id});
  return {this, id};
}

Value Builder::number(Type type, double value) {
  check(is_float(type.scalar), "a number constant has a float type");
  return let({.code = Code::constant, .type = type, .number = value});
}

Value Builder::integer(Type type, std::int64_t value) {
  check(!is_float(type.scalar), "an integer constant has no float type");
  return let({.code = Code::constant, .type = type, .integer = value});
}

Value Builder::argument(int k) {
  return let({.code = Code::argument, .type = function_.arguments[static_cast<std::size_t>(k)], .integer = k});
}

Value Builder::unary(Code code, Value a) { return let({.code = code, .type = a.type(), .args = {a.id, -1, -1, -1}}); }

Value Builder::binary(Code code, Value a, Value b) {
  if (a.type().wide != b.type().wide) a = broadcast(a), b = broadcast(b);
  check(a.type() == b.type(), "the operands of an instruction have one type");
  return let({.code = code, .type = a.type(), .args = {a.id, b.id, -1, -1}});
}

Value Builder::compare(Code code, Value a, Value b) {
  if (a.type().wide != b.type().wide) a = broadcast(a), b = broadcast(b);
  check(a.type() == b.type(), "the operands of a comparison have one type");
  return let({.code = code, .type = {mask_of(a.type().scalar), a.type().wide}, .args = {a.id, b.id, -1, -1}});
}

Value Builder::select(Value mask, Value a, Value b) {
  if (mask.type().wide || a.type().wide || b.type().wide) mask = broadcast(mask), a = broadcast(a), b = broadcast(b);
  check(a.type() == b.type(), "the branches of a select have one type");
  check(is_mask(mask.type().scalar), "a select chooses by a mask");
  if (mask.type().scalar != mask_of(a.type().scalar)) mask = convert(mask_of(a.type().scalar), mask);
  return let({.code = Code::select, .type = a.type(), .args = {mask.id, a.id, b.id, -1}});
}

Value Builder::shift(Code code, Value a, int bits) {
  return let({.code = code, .type = a.type(), .args = {a.id, -1, -1, -1}, .integer = bits});
}

Value Builder::convert(Scalar to, Value a) {
  if (a.type().scalar == to) return a;
  return let({.code = Code::convert, .type = {to, a.type().wide, a.type().octet}, .args = {a.id, -1, -1, -1}});
}

Value Builder::bitcast(Scalar to, Value a) {
  if (a.type().scalar == to) return a;
  check(bytes(to) == bytes(a.type().scalar), "a bitcast keeps the width");
  return let({.code = Code::bitcast, .type = {to, a.type().wide, a.type().octet}, .args = {a.id, -1, -1, -1}});
}

Value Builder::broadcast(Value a) {
  if (a.type().wide) return a;
  return let({.code = Code::broadcast, .type = {a.type().scalar, true}, .args = {a.id, -1, -1, -1}});
}

Value Builder::octet(Value scalar) {
  return let({.code = Code::broadcast, .type = {scalar.type().scalar, false, true}, .args = {scalar.id, -1, -1, -1}});
}

Value Builder::load_octet(int buffer, Value index) {
  const Type type{module_.buffers[static_cast<std::size_t>(buffer)].scalar, false, true};
  return let({.code = Code::load, .type = type, .args = {index.id, -1, -1, -1}, .ref = buffer});
}

Value Builder::shift_down(Value octet, Value fill) {
  check(octet.type().octet && fill.type() == octet.type(), "elements move down and one of another octet fills in");
  return let({.code = Code::shift_down, .type = octet.type(), .args = {octet.id, fill.id, -1, -1}});
}

Value Builder::first(Value octet) {
  return let({.code = Code::first, .type = {octet.type().scalar}, .args = {octet.id, -1, -1, -1}});
}

Value Builder::lane() { return let({.code = Code::lane, .type = {Scalar::i32, true}}); }

Value Builder::lanes() { return let({.code = Code::lanes, .type = {Scalar::i32, false}}); }

Value Builder::shift_up(Value wide, int by, Value fill) {
  check(wide.type().wide && fill.type() == wide.type(), "lanes move up and those of another value fill in");
  return let({.code = Code::shift_up, .type = wide.type(), .args = {wide.id, fill.id, -1, -1}, .integer = by});
}

Value Builder::last(Value wide) { return let({.code = Code::last, .type = wide.type(), .args = {wide.id, -1, -1, -1}}); }

Value Builder::rearrange(Code code, Value a, Value b) {
  check(a.type().wide && b.type() == a.type(), "lanes of two vectors of one type are rearranged");
  return let({.code = code, .type = a.type(), .args = {a.id, b.id, -1, -1}});
}

Value Builder::permute(Value a, Value b, std::span<const std::int8_t> pattern) {
  check(a.type().wide && b.type() == a.type(), "lanes of two vectors of one type are permuted");
  check(static_cast<int>(pattern.size()) == module_.lanes, "a permutation names a lane for each of the module's");
  Instr made{.code = Code::permute, .type = a.type(), .args = {a.id, b.id, -1, -1}};
  std::copy(pattern.begin(), pattern.end(), made.pattern.begin());
  return let(std::move(made));
}

Value Builder::load(int buffer, Value index, bool wide) {
  const Type type{module_.buffers[static_cast<std::size_t>(buffer)].scalar, wide};
  return let({.code = Code::load, .type = type, .args = {index.id, -1, -1, -1}, .ref = buffer});
}

Value Builder::load_back(int buffer, Value index) {
  const Type type{module_.buffers[static_cast<std::size_t>(buffer)].scalar, true};
  return let({.code = Code::load_back, .type = type, .args = {index.id, -1, -1, -1}, .ref = buffer});
}

Value Builder::load_once(int buffer, Value index) {
  const Type type{module_.buffers[static_cast<std::size_t>(buffer)].scalar, true};
  return let({.code = Code::load_once, .type = type, .args = {index.id, -1, -1, -1}, .ref = buffer});
}

Value Builder::gather(int buffer, Value wide_index) {
  const Type type{module_.buffers[static_cast<std::size_t>(buffer)].scalar, true};
  return let({.code = Code::gather, .type = type, .args = {wide_index.id, -1, -1, -1}, .ref = buffer});
}

void Builder::store(int buffer, Value index, Value value) {
  check(module_.buffers[static_cast<std::size_t>(buffer)].scalar == value.type().scalar, "a buffer is stored with its own type");
  push({.form = Stmt::Form::store, .value = value.id, .ref = buffer, .at = index.id});
}

void Builder::store_back(int buffer, Value index, Value value) {
  store(buffer, index, value);
  blocks_.back()->back().back = true;
}

Local Builder::local(std::string_view name, Value initial) {
  function_.variables.push_back({std::string(name), initial.type()});
  const Local made{this, static_cast<int>(function_.variables.size()) - 1};
  made.set(initial);
  return made;
}

void Builder::loop(Value begin, Value end, bool by_lanes, const std::function<void(Value)>& body) {
  function_.values.push_back({.code = Code::index, .type = {Scalar::i32, false}});
  const int index = static_cast<int>(function_.values.size()) - 1;
  Stmt stmt{.form = Stmt::Form::loop, .value = index, .begin = begin.id, .end = end.id, .by_lanes = by_lanes};
  blocks_.push_back(&stmt.body);
  body({this, index});
  blocks_.pop_back();
  push(std::move(stmt));
}

void Builder::branch(Value condition, const std::function<void()>& then, const std::function<void()>& otherwise) {
  check(is_mask(condition.type().scalar) && !condition.type().wide, "a branch is taken by a scalar mask");
  Stmt stmt{.form = Stmt::Form::branch, .value = condition.id};
  blocks_.push_back(&stmt.body);
  then();
  blocks_.pop_back();
  if (otherwise) {
    blocks_.push_back(&stmt.otherwise);
    otherwise();
    blocks_.pop_back();
  }
  push(std::move(stmt));
}

void Builder::likely_branch(Value condition, const std::function<void()>& then, const std::function<void()>& otherwise) {
  branch(condition, then, otherwise);
  blocks_.back()->back().likely = true;
}

void Builder::rare_branch(Value condition, const std::function<void()>& then) {
  branch(condition, then);
  blocks_.back()->back().rare = true;
}

void Builder::barrier() { push({.form = Stmt::Form::barrier}); }

void Builder::comment(std::string_view text) { push({.form = Stmt::Form::comment, .text = std::string(text)}); }

void Builder::result(Value value) { function_.result = value.id; }

Value Builder::call(std::string_view name, std::span<const Value> args, Define define) {
  check(args.size() <= 4, "a function takes at most four arguments");
  bool wide = false;
  for (const Value a : args) wide = wide || a.type().wide;
  Instr instr{.code = Code::call};
  std::vector<Type> types;
  for (std::size_t k = 0; k < args.size(); ++k) {
    const Value a = wide ? broadcast(args[k]) : args[k];
    instr.args[k] = a.id;
    types.push_back(a.type());
  }
  int found = -1;
  for (std::size_t k = 0; k < module_.functions.size(); ++k) {
    if (module_.functions[k].name == name && module_.functions[k].arguments == types) found = static_cast<int>(k);
  }
  if (found < 0) {
    Function made{.name = std::string(name), .arguments = types};
    Builder inner(module_, made);
    std::vector<Value> x;
    for (std::size_t k = 0; k < types.size(); ++k) x.push_back(inner.argument(static_cast<int>(k)));
    inner.result(define(x));
    module_.functions.push_back(std::move(made));  // after the functions that it calls
    found = static_cast<int>(module_.functions.size()) - 1;
  }
  const Function& callee = module_.functions[static_cast<std::size_t>(found)];
  instr.ref = found;
  instr.type = callee.values[static_cast<std::size_t>(callee.result)].type;
  return let(instr);
}

Value like(Value a, double value) {
  const Type type = a.type();
  return is_float(type.scalar) ? a.builder->number(type, value) : a.builder->integer(type, static_cast<std::int64_t>(value));
}

Value operator+(Value a, Value b) { return a.builder->binary(Code::add, a, b); }
Value operator-(Value a, Value b) { return a.builder->binary(Code::sub, a, b); }
Value operator*(Value a, Value b) { return a.builder->binary(Code::mul, a, b); }
Value operator/(Value a, Value b) { return a.builder->binary(Code::div, a, b); }
Value operator-(Value a) { return a.builder->unary(Code::neg, a); }
Value operator+(Value a, double b) { return a + like(a, b); }
Value operator-(Value a, double b) { return a - like(a, b); }
Value operator*(Value a, double b) { return a * like(a, b); }
Value operator/(Value a, double b) { return a / like(a, b); }
Value operator+(double a, Value b) { return like(b, a) + b; }
Value operator-(double a, Value b) { return like(b, a) - b; }
Value operator*(double a, Value b) { return like(b, a) * b; }
Value operator/(double a, Value b) { return like(b, a) / b; }
Value operator&(Value a, Value b) { return a.builder->binary(Code::bit_and, a, b); }
Value operator|(Value a, Value b) { return a.builder->binary(Code::bit_or, a, b); }
Value operator^(Value a, Value b) { return a.builder->binary(Code::bit_xor, a, b); }
Value operator~(Value a) { return a.builder->unary(Code::bit_not, a); }
Value operator<<(Value a, int bits) { return a.builder->shift(Code::shl, a, bits); }
Value operator>>(Value a, int bits) { return a.builder->shift(Code::shr, a, bits); }
Value operator<(Value a, Value b) { return a.builder->compare(Code::lt, a, b); }
Value operator<=(Value a, Value b) { return a.builder->compare(Code::le, a, b); }
Value operator>(Value a, Value b) { return a.builder->compare(Code::lt, b, a); }
Value operator>=(Value a, Value b) { return a.builder->compare(Code::le, b, a); }
Value operator==(Value a, Value b) { return a.builder->compare(Code::eq, a, b); }
Value operator!=(Value a, Value b) { return a.builder->compare(Code::ne, a, b); }
Value operator<(Value a, double b) { return a < like(a, b); }
Value operator<=(Value a, double b) { return a <= like(a, b); }
Value operator>(Value a, double b) { return a > like(a, b); }
Value operator>=(Value a, double b) { return a >= like(a, b); }
Value operator==(Value a, double b) { return a == like(a, b); }
Value operator!=(Value a, double b) { return a != like(a, b); }

Value select(Value mask, Value a, Value b) { return mask.builder->select(mask, a, b); }
Value select(Value mask, double a, Value b) { return select(mask, like(b, a), b); }
Value select(Value mask, Value a, double b) { return select(mask, a, like(a, b)); }
Value abs(Value a) { return a.builder->unary(Code::abs, a); }
Value sqrt(Value a) { return a.builder->unary(Code::sqrt, a); }
Value floor(Value a) { return a.builder->unary(Code::floor, a); }
Value rounded(Value a) { return a.builder->unary(Code::rounded, a); }
Value interleave_low(Value a, Value b) { return a.builder->rearrange(Code::interleave_low, a, b); }
Value interleave_high(Value a, Value b) { return a.builder->rearrange(Code::interleave_high, a, b); }
Value even_lanes(Value a, Value b) { return a.builder->rearrange(Code::even_lanes, a, b); }
Value odd_lanes(Value a, Value b) { return a.builder->rearrange(Code::odd_lanes, a, b); }
Value min(Value a, Value b) { return a.builder->binary(Code::min, a, b); }
Value max(Value a, Value b) { return a.builder->binary(Code::max, a, b); }
Value convert(Scalar to, Value a) { return a.builder->convert(to, a); }
Value bitcast(Scalar to, Value a) { return a.builder->bitcast(to, a); }

}  // namespace dgen::ir
