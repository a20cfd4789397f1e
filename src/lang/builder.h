#pragma once
// A syntax tree into a graph: executes the patch once, on signals instead of numbers.

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "dgen/graph.h"
#include "lang/ast.h"
#include "lang/delay_read.h"
#include "lang/gen_names.h"
#include "lang/slots.h"

namespace dgen::lang {

/// What one patch may use. Smaller ones keep a fuzzer quick.
struct Limits {
  std::int64_t elements = std::int64_t{1} << 26;  ///< numbers in all delay lines and tables
  std::int64_t steps = 4'000'000;                 ///< statements and expressions executed, those of called functions again
  int nodes = 1'000'000;
  int depth = 600;  ///< of expressions, blocks and calls in each other
};

/// Adds the patch to `graph`. Throws `Error` that names the place in `source`.
void build(Graph& graph, const Source& source, const Patch& patch, const Limits& limits = {});

/// What a declaration makes.
struct Object {
  DeclarationKind kind = DeclarationKind::param;
  std::string_view name;
  Span span{};
  Signal node{};  ///< value of a Param; cell, line or table
  int slot = -1;  ///< of a History: its value here; of a Delay: what this frame puts into the line
  int head = -1;  ///< of a Delay: what a read of time 0 gives here; nothing before the write
  Signal most{};  ///< of a Delay: longest time, in frames
  std::int64_t size = 0;
  Interpolation how = Interpolation::linear;
  DataTable data{};
};

/// What a name stands for: a slot, or a declared object.
struct Binding {
  int slot = -1;
  Object* object = nullptr;
  Span span{};  ///< where the name was made
};

/// The names and results of the outermost level, or of one call of a function.
struct Frame {
  const Function* function = nullptr;
  std::unordered_map<std::string_view, Binding> names;
  std::size_t branches = 0;  ///< branches around the call
  int returned = -1;         ///< slot: 1 where the function has returned
  std::vector<int> results;  ///< slots
  bool has_results = false;
};

class Builder {
 public:
  Builder(Graph& graph, const Source& source, const Patch& patch, const Limits& limits);
  void run();

 private:
  /// How control leaves a statement of a function.
  enum class Flow : std::uint8_t { continues, may_return, returns };
  /// What a slot holds where nothing was assigned.
  enum class Rest : std::uint8_t { nothing, zero, line_slot, line_head };

  struct SlotInfo {
    Rest rest = Rest::nothing;
    Object* owner = nullptr;
    bool partial = false;  ///< assigned in one branch only
  };

  struct Condition {
    Signal test{};
    bool inverted = false;
    Signal joined{};  ///< with the conditions around it; empty until it is needed
  };

  struct Level;

  // builder.cpp
  [[noreturn]] void fail(ErrorCode code, const Span& span, const std::string& message, const std::string& hint = {}) const {
    source_.fail(code, span, message, hint);
  }
  void place(const Span& span);
  void located(const Span& span, const std::function<void()>& action);
  void count_step(const Span& span);
  int make_slot(Rest rest, Object* owner = nullptr, Signal initial = {});
  Signal resting_value(int slot);
  Signal condition();
  void branch(Signal test, const std::function<void()>& then, const std::function<void()>& otherwise);
  void merge(Signal test, const std::vector<Slots::Change>& then, const std::vector<Slots::Change>& otherwise);
  void close_states();
  void add_outputs();
  void find_functions();

  // statements.cpp
  Flow run_block(const std::vector<int>& body, std::size_t from = 0);
  Flow run_statement(const Statement& statement);
  Flow run_conditional(const Statement& statement);
  Flow run_return(const Statement& statement);
  void run_assignment(const Statement& statement);
  void run_call(const Statement& statement);
  void assign(const Target& target, Signal value, int first_new);
  int slot_to_assign(const Target& target);
  std::vector<Signal> right_side(const Statement& statement, std::size_t wanted);

  // declarations.cpp
  void declare(const Declaration& declaration);
  void check_new_name(std::string_view name, const Span& span);
  void declare_param(const Declaration& declaration, Object& object);
  void declare_history(const Declaration& declaration, Object& object);
  void declare_delay(const Declaration& declaration, Object& object);
  void declare_data(const Declaration& declaration, Object& object);
  double number(int expr, const std::string& what);
  std::string_view quoted_text(const NamedArgument& argument);
  void take_elements(std::int64_t count, const Span& span, const std::string& what);

  // names.cpp
  const Binding* find(std::string_view name) const;
  Signal value_of(const Expr& expr);
  Signal value_of_object(const Object& object, const Span& span);
  Signal special_value(const Expr& expr);
  [[noreturn]] void unknown_name(std::string_view name, const Span& span) const;
  int channel(std::string_view name, std::string_view prefix, const Span& span) const;
  int output_slot(int channel);
  bool is_reserved(std::string_view name) const;

  // expressions.cpp
  Signal evaluate(int id);
  Signal evaluate_binary(int id);
  Signal combine(TokenKind op, Signal a, Signal b, const Span& at);
  void evaluate_all(int id, std::size_t wanted, std::vector<Signal>& values);

  // calls.cpp
  std::vector<Signal> call(const Expr& expr, std::size_t wanted);
  std::vector<Signal> call_function(const Expr& expr, const Function& function);
  std::vector<Signal> call_gen(const Expr& expr, const GenName& gen, std::size_t wanted, Object* data);
  std::vector<Signal> call_op(const Expr& expr, const OpDef& op);
  std::vector<Signal> call_method(const Expr& expr, std::size_t wanted);
  std::vector<Signal> read_line(const Expr& expr, Object& object);
  void write_line(const Expr& expr, Object& object);
  Object* data_argument(int id) const;
  void keep_when_skipped(int first);
  [[noreturn]] void unknown_function(const Expr& expr) const;
  struct Inputs {
    std::vector<int> expressions;  ///< -1: not given
    std::size_t given = 0;         ///< up to the last that was given
    std::vector<const NamedArgument*> others;
  };
  Inputs bind(const Expr& expr, std::string_view name, std::string_view text, const Signature& wanted, std::size_t skip) const;
  void check_others(const Inputs& inputs, std::string_view name, std::string_view text, const Signature& wanted) const;
  void refuse_options(const Expr& expr, const Inputs& inputs) const;
  void refuse_recursion(const Expr& expr, const Function& function) const;
  Binding bind_argument(const Parameter& parameter, int id);
  Object* first_argument_data(const Expr& expr, const GenName& gen);
  std::string_view option(const GenName& gen, const NamedArgument& argument);

  Graph& graph_;
  const Source& source_;
  const Patch& patch_;
  const Limits limits_;
  std::string_view file_;
  Slots slots_;
  std::vector<SlotInfo> info_;
  std::deque<Object> objects_;
  std::deque<Frame> frames_;  ///< of the calls that are running, the outermost level first
  std::unordered_map<std::string_view, const Function*> functions_;
  std::unordered_map<std::string_view, int> calls_;  ///< of each function, for the paths of its nodes
  std::vector<Condition> conditions_;
  std::map<int, int> outputs_;  ///< slot by channel
  std::int64_t steps_ = 0, elements_ = 0, seeds_ = 0;
  int depth_ = 0;
  bool skips_writes_ = false;  ///< the patch may skip a Delay.write in a frame
};

/// One more level of nesting while it lives.
struct Builder::Level {
  Level(Builder& builder, const Span& span);
  ~Level() { --builder_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  Builder& builder_;
};

}  // namespace dgen::lang
