// Expressions: numbers, operators, choices.

#include "dgen/compare.h"
#include "dgen/math.h"
#include "lang/builder.h"
#include "lang/fold.h"

namespace dgen::lang {

Signal Builder::evaluate(int id) {
  const Expr& expr = patch_.expr(id);
  const Level level(*this, expr.at);
  count_step(expr.at);
  switch (expr.kind) {
    case ExprKind::number: return graph_.constant(expr.number);
    case ExprKind::text:
      fail(ErrorCode::bad_type, expr.span, "quoted text is no value", "it is for options, such as interp=\"linear\"");
    case ExprKind::name: return value_of(expr);
    case ExprKind::unary: {
      const Signal x = evaluate(expr.inputs[0]);
      place(expr.at);
      return expr.op == TokenKind::minus ? folded(-x) : expr.op == TokenKind::bang ? negation(x) : x;
    }
    case ExprKind::binary: return evaluate_binary(id);
    case ExprKind::conditional: {
      const Signal test = evaluate(expr.inputs[0]), yes = evaluate(expr.inputs[1]), no = evaluate(expr.inputs[2]);
      place(expr.at);
      return choose(test, yes, no);
    }
    case ExprKind::call:
    case ExprKind::method: {
      const std::vector<Signal> values = call(expr, 1);
      if (values.empty()) fail(ErrorCode::bad_type, expr.span, "'" + std::string(expr.name) + "' gives no value");
      return values[0];
    }
  }
  return {};
}

/// A chain such as a + b + c + … leans to the left and may be long: walked without recursion.
Signal Builder::evaluate_binary(int id) {
  std::vector<int> chain;
  for (; patch_.expr(id).kind == ExprKind::binary; id = patch_.expr(id).inputs[0]) chain.push_back(id);
  Signal value = evaluate(id);
  for (; !chain.empty(); chain.pop_back()) {
    const Expr& expr = patch_.expr(chain.back());
    count_step(expr.at);
    value = combine(expr.op, value, evaluate(expr.inputs[1]), expr.at);
  }
  return value;
}

Signal Builder::combine(TokenKind op, Signal a, Signal b, const Span& at) {
  place(at);
  switch (op) {
    case TokenKind::plus: return folded(a + b);
    case TokenKind::minus: return folded(a - b);
    case TokenKind::star: return folded(a * b);
    case TokenKind::slash: return safe_divide(a, b);
    case TokenKind::percent: return safe_modulo(a, b);
    case TokenKind::equal: return folded(eq(a, b));
    case TokenKind::not_equal: return folded(neq(a, b));
    case TokenKind::less: return folded(lt(a, b));
    case TokenKind::less_equal: return folded(lte(a, b));
    case TokenKind::greater: return folded(gt(a, b));
    case TokenKind::greater_equal: return folded(gte(a, b));
    case TokenKind::and_and: return folded(logical_and(a, b));
    case TokenKind::or_or: return folded(logical_or(a, b));
    case TokenKind::xor_xor: return folded(logical_xor(a, b));
    default: break;
  }
  throw InternalError("the parser makes binary expressions of binary operators only");
}

/// Appends all values of the expression: several where it is a call that gives several.
void Builder::evaluate_all(int id, std::size_t wanted, std::vector<Signal>& values) {
  const Expr& expr = patch_.expr(id);
  if (expr.kind != ExprKind::call && expr.kind != ExprKind::method) {
    values.push_back(evaluate(id));
    return;
  }
  const Level level(*this, expr.at);
  count_step(expr.at);
  const std::vector<Signal> given = call(expr, wanted);
  if (given.empty()) fail(ErrorCode::bad_type, expr.span, "'" + std::string(expr.name) + "' gives no value");
  values.insert(values.end(), given.begin(), given.end());
}

}  // namespace dgen::lang
