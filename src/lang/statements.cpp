// Statements: assignments, branches, returns.

#include "dgen/math.h"
#include "lang/builder.h"
#include "lang/fold.h"

namespace dgen::lang {

namespace {

/// The operator that a compound assignment applies.
TokenKind operation(TokenKind assignment) {
  switch (assignment) {
    case TokenKind::add_assign:
    case TokenKind::increment: return TokenKind::plus;
    case TokenKind::subtract_assign:
    case TokenKind::decrement: return TokenKind::minus;
    case TokenKind::multiply_assign: return TokenKind::star;
    case TokenKind::divide_assign: return TokenKind::slash;
    case TokenKind::modulo_assign: return TokenKind::percent;
    default: return TokenKind::end;
  }
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

Builder::Flow Builder::run_block(const std::vector<int>& body, std::size_t from) {
  for (std::size_t k = from; k < body.size(); ++k) {
    const Statement& statement = patch_.statement(body[k]);
    const Flow flow = run_statement(statement);
    if (flow == Flow::returns) return flow;
    if (flow == Flow::continues) continue;
    if (k + 1 == body.size()) return flow;
    const Level level(*this, statement.span);
    Flow rest = Flow::continues;  // of what follows, which runs where the function has not returned
    branch(
        negation(slots_.get(frames_.back().returned)), [&] { rest = run_block(body, k + 1); }, [] {});
    return rest == Flow::returns ? rest : Flow::may_return;
  }
  return Flow::continues;
}

Builder::Flow Builder::run_statement(const Statement& statement) {
  count_step(statement.span);
  switch (statement.kind) {
    case StatementKind::assignment: run_assignment(statement); break;
    case StatementKind::call: run_call(statement); break;
    case StatementKind::conditional: return run_conditional(statement);
    case StatementKind::returning: return run_return(statement);
    case StatementKind::declaration:
      declare(patch_.declarations[static_cast<std::size_t>(statement.declaration)]);
      for (const int other : statement.then) run_statement(patch_.statement(other));
      break;
  }
  return Flow::continues;
}

Builder::Flow Builder::run_conditional(const Statement& statement) {
  const Level level(*this, statement.span);
  const Signal test = evaluate(statement.values[0]);
  Flow then = Flow::continues, otherwise = Flow::continues;
  place(statement.span);
  branch(
      test, [&] { then = run_block(statement.then); }, [&] { otherwise = run_block(statement.otherwise); });
  if (then == otherwise) return then;
  return Flow::may_return;
}

Builder::Flow Builder::run_return(const Statement& statement) {
  std::vector<Signal> values = right_side(statement, 0);
  Frame& frame = frames_.back();
  if (!frame.has_results) {
    frame.has_results = true;
    for (std::size_t k = 0; k < values.size(); ++k) frame.results.push_back(make_slot(Rest::zero));
  }
  if (values.size() != frame.results.size()) {
    fail(ErrorCode::bad_arity, statement.span,
         "this 'return' gives " + counted(values.size(), "value") + ", an earlier one of '" + std::string(frame.function->name) +
             "' " + std::to_string(frame.results.size()),
         "give the same number everywhere");
  }
  for (std::size_t k = 0; k < values.size(); ++k) slots_.set(frame.results[k], values[k]);
  slots_.set(frame.returned, graph_.constant(1));
  return Flow::returns;
}

void Builder::run_call(const Statement& statement) {
  const Expr& expr = patch_.expr(statement.values[0]);
  const std::vector<Signal> unused = call(expr, 0);
  const bool acts = expr.kind == ExprKind::method || functions_.contains(expr.name);
  if (!unused.empty() && !acts) {
    fail(ErrorCode::syntax, expr.span, "the value of '" + std::string(expr.name) + "' is not used",
         "assign it, such as x = " + std::string(expr.name) + "(…);");
  }
}

/// The values of the right side. `wanted`: how many the left side takes; 0: as many as there are.
std::vector<Signal> Builder::right_side(const Statement& statement, std::size_t wanted) {
  std::vector<Signal> values;
  for (std::size_t k = 0; k < statement.values.size(); ++k) {
    const bool last = k + 1 == statement.values.size();
    const std::size_t left = wanted > values.size() ? wanted - values.size() : 1;
    if (last)
      evaluate_all(statement.values[k], left, values);
    else
      values.push_back(evaluate(statement.values[k]));
  }
  return values;
}

void Builder::run_assignment(const Statement& statement) {
  const int first_new = graph_.size();
  const std::size_t count = statement.targets.size();
  if (statement.op != TokenKind::assign) {
    const Target& target = statement.targets[0];
    const Expr name{.kind = ExprKind::name, .span = target.span, .at = target.span, .name = target.name};
    if (statement.values.size() > 1)
      fail(ErrorCode::bad_arity, statement.span, "one variable is changed by " + counted(statement.values.size(), "value"));
    slot_to_assign(target);
    const Signal before = value_of(name);
    const Signal by = statement.values.empty() ? graph_.constant(1) : evaluate(statement.values[0]);
    assign(target, combine(operation(statement.op), before, by, target.span), first_new);
    return;
  }
  const std::vector<Signal> values = right_side(statement, count);
  if (values.size() < count || statement.values.size() > count) {
    fail(ErrorCode::bad_arity, statement.span,
         counted(count, "variable") + " on the left, " + counted(values.size(), "value") + " on the right");
  }
  for (std::size_t k = 0; k < count; ++k) assign(statement.targets[k], values[k], first_new);
}

/// The slot that an assignment to the name changes. Makes a variable where there is none.
int Builder::slot_to_assign(const Target& target) {
  const std::string quoted = "'" + std::string(target.name) + "'";
  if (const Binding* binding = find(target.name)) {
    if (!binding->object) return binding->slot;
    switch (binding->object->kind) {
      case DeclarationKind::history: return binding->object->slot;
      case DeclarationKind::param:
        fail(ErrorCode::bad_value, target.span, quoted + " is a Param: only the host sets it", "assign to another name");
      case DeclarationKind::delay:
        fail(ErrorCode::bad_value, target.span, quoted + " is a Delay and cannot be assigned",
             "write to it with " + std::string(target.name) + ".write(x);");
      case DeclarationKind::data:
        fail(ErrorCode::bad_value, target.span, quoted + " is a Data table and cannot be assigned",
             "write to it with poke(" + std::string(target.name) + ", value, index);");
    }
  }
  if (const int out = channel(target.name, "out", target.span); out > 0) return output_slot(out);
  if (channel(target.name, "in", target.span) > 0)
    fail(ErrorCode::bad_value, target.span, quoted + " is an input and cannot be assigned", "assign to another name");
  if (is_reserved(target.name))
    fail(ErrorCode::bad_value, target.span, quoted + " is a constant and cannot be assigned", "use another name");
  const int slot = make_slot(Rest::nothing);
  frames_.back().names[target.name] = {slot, nullptr, target.span};
  return slot;
}

void Builder::assign(const Target& target, Signal value, int first_new) {
  slots_.set(slot_to_assign(target), value);
  const Kind kind = graph_[value.id].op->kind;
  if (value.id >= first_new && (kind == Kind::pointwise || kind == Kind::gather)) graph_.name(value, target.name);
}

}  // namespace dgen::lang
