#include "ir/verify.h"

#include <algorithm>
#include <map>
#include <set>

#include "dgen/error.h"
#include "ir/verify_types.h"

namespace dgen::ir {

namespace {

constexpr int most_lanes = 16;
constexpr Type frame_count{Scalar::i32, false};
constexpr std::int64_t item_argument = 2, thread_argument = 4;

class FunctionVerifier {
 public:
  FunctionVerifier(const Module& module, const Function& function, std::size_t callable)
      : module_(module), function_(function), callable_(callable), defined_(function.values.size()) {}

  void verify() {
    check_here(!function_.name.empty(), "a function has a name");
    for (const Stmt& stmt : function_.body) statement(stmt);  // its values still stand for the result
    if (is_kernel()) {
      const std::vector<Type> expected{frame_count, {Scalar::i64, false}};
      const std::vector<Type> by_items{frame_count, {Scalar::i64, false}, frame_count, frame_count};
      std::vector<Type> by_groups = by_items;
      by_groups.insert(by_groups.end(), 2, frame_count);
      check_here(function_.group > 0 ? function_.arguments == by_groups
                                     : function_.arguments == expected || function_.arguments == by_items,
                 "a kernel takes the frames of the sub-block (i32) and the position (i64); on a device also work item and row "
                 "(i32), of a "
                 "group that shares memory also the place in the group and the group (i32)");
    } else {
      use(function_.result);
    }
  }

 private:
  bool is_kernel() const { return function_.result < 0; }

  [[noreturn]] void fail(const char* rule) const {
    std::string where = std::string(is_kernel() ? "kernel " : "function ") + function_.name;
    if (at_ >= 0)
      where += ", value " + std::to_string(at_) + " (" + to_string(function_.values[static_cast<std::size_t>(at_)].code) + ")";
    throw InternalError("internal error in the loop IR, " + where + ": " + rule);
  }

  void check_here(bool holds, const char* rule) const {
    if (!holds) fail(rule);
  }

  /// The type of a value that is defined here.
  Type use(int id) const {
    check_here(id >= 0 && id < static_cast<int>(defined_.size()), "a value that is used is one of the function");
    check_here(defined_[static_cast<std::size_t>(id)], "a value is defined before it is used, in an enclosing block");
    return function_.values[static_cast<std::size_t>(id)].type;
  }

  const Buffer& buffer(int k) const {
    check_here(k >= 0 && k < static_cast<int>(module_.buffers.size()), "a buffer that is used is one of the module");
    check_here(is_kernel(), "only kernels touch buffers");
    const Buffer& found = module_.buffers[static_cast<std::size_t>(k)];
    check_here(found.space != Space::group || function_.group > 0, "memory of groups is touched by kernels of groups");
    return found;
  }

  const Variable& variable(int k) const {
    check_here(k >= 0 && k < static_cast<int>(function_.variables.size()), "a local that is used is one of the function");
    return function_.variables[static_cast<std::size_t>(k)];
  }

  void reference(const Instr& v, const std::vector<Type>& operands) {
    switch (v.code) {
      case Code::argument: {
        const bool inside = v.integer >= 0 && v.integer < static_cast<std::int64_t>(function_.arguments.size());
        check_here(inside && function_.arguments[static_cast<std::size_t>(v.integer)] == v.type,
                   "an argument is one of the function, of its type");
        return;
      }
      case Code::get:
        return check_here(variable(v.ref).type == v.type && set_.count(v.ref), "a local is read as its type, after it was set");
      case Code::load:
        check_here(buffer(v.ref).scalar == v.type.scalar, "a buffer is read as its own type");
        return check_here(operands[0] == frame_count, "a load is at an i32 scalar");
      case Code::load_back:
      case Code::load_once:
        check_here(buffer(v.ref).scalar == v.type.scalar && v.type.wide,
                   "a buffer is read backward, or once, as a vector of its own type");
        return check_here(operands[0] == frame_count, "a load is at an i32 scalar");
      case Code::gather:
        check_here(buffer(v.ref).scalar == v.type.scalar && v.type.wide, "a gather reads a buffer as a vector of its own type");
        return check_here(operands[0] == Type{Scalar::i32, true}, "a gather is at a wide i32");
      case Code::call: return call(v, operands);
      case Code::permute: return permutation(v);
      case Code::index: return fail("an index is defined by its loop");
      default: return;
    }
  }

  void permutation(const Instr& v) const {
    check_here(module_.lanes > 0, "lanes are permuted in modules of fixed lanes");
    const auto inside = [this](int lane) { return lane >= 0 && lane < 2 * module_.lanes; };
    check_here(std::all_of(v.pattern.begin(), v.pattern.begin() + module_.lanes, inside),
               "a permutation names lanes of two vectors");
  }

  void call(const Instr& v, const std::vector<Type>& operands) const {
    check_here(v.ref >= 0 && v.ref < static_cast<int>(callable_), "a function that is called stands before its caller");
    const Function& callee = module_.functions[static_cast<std::size_t>(v.ref)];
    check_here(callee.arguments == operands, "a call passes what the function takes");
    check_here(callee.values[static_cast<std::size_t>(callee.result)].type == v.type,
               "a call has the type of the function's result");
  }

  void let(int id) {
    check_here(id >= 0 && id < static_cast<int>(defined_.size()), "a value that is defined is one of the function");
    at_ = id;
    check_here(!defined_[static_cast<std::size_t>(id)] && !ever_.count(id), "a value is defined once");
    const Instr& v = function_.values[static_cast<std::size_t>(id)];
    std::vector<Type> operands;
    for (std::size_t k = 0; k < v.args.size() && v.args[k] >= 0; ++k) operands.push_back(use(v.args[k]));
    if (const char* broken = broken_type_rule(v, operands)) fail(broken);
    reference(v, operands);
    define(id);
    at_ = -1;
  }

  void define(int id) {
    defined_[static_cast<std::size_t>(id)] = true;
    ever_.insert(id);
    scope_.push_back(id);
  }

  /// A block; what it defines ends with it.
  void block(const std::vector<Stmt>& body) {
    const std::size_t outer = scope_.size();
    for (const Stmt& stmt : body) statement(stmt);
    for (; scope_.size() > outer; scope_.pop_back()) defined_[static_cast<std::size_t>(scope_.back())] = false;
  }

  void store(const Stmt& stmt) const {
    const Buffer& target = buffer(stmt.ref);
    check_here(target.scalar == use(stmt.value).scalar, "a buffer is stored with its own type");
    check_here(use(stmt.at) == frame_count, "a store is at an i32 scalar");
    check_here(!stmt.back || use(stmt.value).wide, "what is stored backward is a vector");
    const Space space = target.space;
    const bool writable = space == Space::state || space == Space::scratch || space == Space::output || space == Space::group;
    check_here(writable, "only state, scratch, outputs and memory of groups are stored to");
  }

  void loop(const Stmt& stmt) {
    check_here(use(stmt.begin) == frame_count && use(stmt.end) == frame_count, "the bounds of a loop are i32 scalars");
    const bool known = stmt.value >= 0 && stmt.value < static_cast<int>(function_.values.size());
    check_here(known && function_.values[static_cast<std::size_t>(stmt.value)].code == Code::index, "a loop counts in an index");
    const std::size_t outer = scope_.size();
    define(stmt.value);
    const bool together = is_uniform(stmt.begin) && is_uniform(stmt.end);
    apart_ += !together;
    uniform_[stmt.value] = together;
    block(stmt.body);
    apart_ -= !together;
    for (; scope_.size() > outer; scope_.pop_back()) defined_[static_cast<std::size_t>(scope_.back())] = false;
  }

  /// Whether a value is the same for all work items of a group, so that they go the same way: it follows from the launch, the
  /// row and the group, and from memory that no kernel of groups writes to.
  bool is_uniform(int id) {
    if (function_.group == 0) return true;  // work items that do not meet
    const auto [known, is_new] = uniform_.try_emplace(id, false);
    if (is_new) known->second = follows_from_group(id);
    return uniform_.at(id);
  }

  bool follows_from_group(int id) {
    const Instr& v = function_.values[static_cast<std::size_t>(id)];
    if (v.code == Code::constant) return true;
    if (v.code == Code::argument) return v.integer != item_argument && v.integer != thread_argument;
    if (v.code == Code::get || v.code == Code::index) return false;
    if (reads_buffer(v.code) && module_.buffers[static_cast<std::size_t>(v.ref)].space != Space::state) return false;
    return std::all_of(v.args.begin(), v.args.end(), [&](int arg) { return arg < 0 || is_uniform(arg); });
  }

  void statement(const Stmt& stmt) {
    switch (stmt.form) {
      case Stmt::Form::let: return let(stmt.value);
      case Stmt::Form::store: return store(stmt);
      case Stmt::Form::set:
        check_here(variable(stmt.ref).type == use(stmt.value), "a local is set to a value of its type");
        set_.insert(stmt.ref);
        return;
      case Stmt::Form::loop: return loop(stmt);
      case Stmt::Form::branch: {
        const Type condition = use(stmt.value);
        check_here(!condition.wide && !condition.octet && (condition.scalar == Scalar::m32 || condition.scalar == Scalar::m64),
                   "a branch is taken by a scalar mask");
        const bool together = is_uniform(stmt.value);
        apart_ += !together;
        block(stmt.body);
        block(stmt.otherwise);
        apart_ -= !together;
        return;
      }
      case Stmt::Form::barrier:
        return check_here(function_.group > 0 && apart_ == 0, "all work items of a group come to each of its barriers");
      case Stmt::Form::comment: return;
    }
    fail("a statement has a form that builders write");
  }

  const Module& module_;
  const Function& function_;
  std::size_t callable_;  ///< functions that stand before this one
  std::vector<bool> defined_;
  std::vector<int> scope_;
  std::set<int> ever_, set_;
  std::map<int, bool> uniform_;  ///< values that are the same for all work items of a group, or not
  int apart_ = 0;                ///< enclosing loops and branches in which work items of a group part
  int at_ = -1;
};

void verify_buffer(const Module& module, const Buffer& buffer) {
  const auto holds = [&](bool condition, const char* rule) {
    if (!condition) throw InternalError("internal error in the loop IR, buffer " + buffer.name + ": " + rule);
  };
  holds(!buffer.name.empty(), "a buffer has a name");
  holds(buffer.size >= (buffer.space == Space::params ? 0 : 1), "a buffer has an element");  // a patch may have no parameter
  holds(static_cast<std::int64_t>(buffer.contents.size()) <= buffer.size, "the contents of a buffer fit into it");
  holds(buffer.contents.empty() || buffer.space == Space::constant, "only constants have contents");
  holds(buffer.space != Space::group || buffer.offset < 0, "memory of groups has no place in that of the device");
  holds(buffer.space != Space::params || buffer.scalar == Scalar::f32, "parameters are f32");
  holds(buffer.space != Space::clock || buffer.scalar == Scalar::f64, "the clock is f64");
  const bool host = buffer.space == Space::input || buffer.space == Space::output;
  const int channels = buffer.space == Space::input ? module.inputs : module.outputs;
  holds(!host || (buffer.channel >= 0 && buffer.channel < channels), "a host buffer has a channel of the module");
  holds(!host || buffer.scalar == Scalar::f32, "host channels are f32");
}

}  // namespace

void verify(const Module& module) {
  check(module.lanes >= 0 && module.lanes <= most_lanes, "vectors have up to 16 lanes");
  check(module.sub_block > 0 && module.sub_block % most_lanes == 0, "the sub-block is a multiple of every lane count");
  for (const Buffer& buffer : module.buffers) verify_buffer(module, buffer);
  for (std::size_t k = 0; k < module.functions.size(); ++k) {
    check(module.functions[k].result >= 0, "a function that kernels call returns a value");
    FunctionVerifier(module, module.functions[k], k).verify();
  }
  for (const Function& kernel : module.kernels) {
    check(kernel.result < 0, "a kernel returns nothing");
    FunctionVerifier(module, kernel, module.functions.size()).verify();
  }
}

}  // namespace dgen::ir
