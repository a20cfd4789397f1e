#pragma once
// What the parser makes of patch text: statements and expressions in flat arrays, every one with its place.

#include <string_view>
#include <vector>

#include "lang/lexer.h"

namespace dgen::lang {

enum class ExprKind : std::uint8_t { number, text, name, unary, binary, conditional, call, method };

/// `name = value` among the arguments of a call or declaration.
struct NamedArgument {
  std::string_view name;
  Span span{};
  int value = -1;  ///< expression
};

struct Expr {
  ExprKind kind = ExprKind::number;
  Span span{};                    ///< all of it
  Span at{};                      ///< where messages point: the operator, or the name
  TokenKind op = TokenKind::end;  ///< of unary and binary
  double number = 0;
  std::string_view name{};    ///< of a name, call or method; the contents of quoted text
  std::string_view object{};  ///< of a method: what stands before the dot
  std::vector<int> inputs{};  ///< operands, or positional arguments
  std::vector<NamedArgument> named{};
};

struct Target {
  std::string_view name;
  Span span{};
};

enum class DeclarationKind : std::uint8_t { param, history, delay, data };

struct Declaration {
  DeclarationKind kind = DeclarationKind::param;
  std::string_view name;
  Span span{};
  std::vector<int> inputs{};
  std::vector<NamedArgument> named{};
};

enum class StatementKind : std::uint8_t { assignment, call, conditional, returning, declaration };

struct Statement {
  StatementKind kind = StatementKind::call;
  Span span{};
  std::vector<Target> targets{};         ///< of an assignment
  TokenKind op = TokenKind::assign;      ///< of an assignment: `=`, or the operator of a compound one
  std::vector<int> values{};             ///< expressions: right side, condition, call, or what is returned
  std::vector<int> then{}, otherwise{};  ///< statements of the branches
  int declaration = -1;
};

struct Parameter {
  std::string_view name;
  Span span{};
  int initial = -1;  ///< expression of the default, or -1
};

struct Function {
  std::string_view name;
  Span span{};
  std::vector<Parameter> parameters{};
  std::vector<int> body{};
};

struct Patch {
  std::vector<Expr> expressions;
  std::vector<Statement> statements;
  std::vector<Declaration> declarations;
  std::vector<Function> functions;
  std::vector<int> body;  ///< statements outside functions

  const Expr& expr(int id) const { return expressions[static_cast<std::size_t>(id)]; }
  const Statement& statement(int id) const { return statements[static_cast<std::size_t>(id)]; }
};

}  // namespace dgen::lang
