#include "lang/parser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dgen::lang {

namespace {

constexpr std::size_t most_arguments = 256;  ///< of a call, a declaration or a function
constexpr int deepest_nesting = 256;         ///< of parentheses, blocks, unary operators and `else if`: keeps the stack small

/// Binding strength of a binary operator, 0 where the token is none.
int strength(TokenKind kind) {
  switch (kind) {
    case TokenKind::or_or: return 1;
    case TokenKind::xor_xor: return 2;
    case TokenKind::and_and: return 3;
    case TokenKind::equal:
    case TokenKind::not_equal: return 4;
    case TokenKind::less:
    case TokenKind::less_equal:
    case TokenKind::greater:
    case TokenKind::greater_equal: return 5;
    case TokenKind::plus:
    case TokenKind::minus: return 6;
    case TokenKind::star:
    case TokenKind::slash:
    case TokenKind::percent: return 7;
    default: return 0;
  }
}

bool is_assignment(TokenKind kind) {
  switch (kind) {
    case TokenKind::assign:
    case TokenKind::add_assign:
    case TokenKind::subtract_assign:
    case TokenKind::multiply_assign:
    case TokenKind::divide_assign:
    case TokenKind::modulo_assign:
    case TokenKind::increment:
    case TokenKind::decrement: return true;
    default: return false;
  }
}

/// Constructs of GenExpr that this version refuses, and why.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> unsupported{{
    {"for", "loops within a frame are not built yet"},
    {"while", "loops within a frame are not built yet"},
    {"do", "loops within a frame are not built yet"},
    {"break", "there are no loops yet"},
    {"continue", "there are no loops yet"},
    {"require", "a patch is one file"},
    {"Buffer", "it is a table that the host owns, and the host cannot hand one over yet"},
    {"import", "a patch is one file"},
}};

class Parser {
 public:
  Parser(const Source& source, std::vector<Token> tokens) : source_(source), tokens_(std::move(tokens)) {}

  Patch run() {
    while (token().kind != TokenKind::end) {
      if (token().kind == TokenKind::right_brace)
        fail(token(), "this '}' closes nothing", "remove it, or add the '{' it belongs to");
      if (begins_function())
        function();
      else if (const int id = statement(); id >= 0)
        patch_.body.push_back(id);
    }
    return std::move(patch_);
  }

 private:
  /// Counts a level of nesting while it lives.
  struct Level {
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > deepest_nesting) {
        parser_.source_.fail(ErrorCode::limit_exceeded, parser_.token().span,
                             "nested more than " + std::to_string(deepest_nesting) + " levels deep",
                             "move the inner part to a variable or a function");
      }
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    Parser& parser_;
  };

  const Token& token(std::size_t ahead = 0) const { return tokens_[std::min(position_ + ahead, tokens_.size() - 1)]; }
  std::string_view text(const Token& t) const { return source_.at(t.span); }
  bool is(TokenKind kind) const { return token().kind == kind; }

  Token take() {
    const Token taken = token();
    if (taken.kind != TokenKind::end) ++position_;
    return taken;
  }

  bool skip(TokenKind kind) {
    if (!is(kind)) return false;
    ++position_;
    return true;
  }

  [[noreturn]] void fail(const Token& at, const std::string& message, const std::string& hint = {}) const {
    source_.fail(ErrorCode::syntax, at.span, message, hint);
  }

  [[noreturn]] void too_many(const Token& at) const {
    source_.fail(ErrorCode::limit_exceeded, at.span, "more than " + std::to_string(most_arguments) + " arguments");
  }

  [[noreturn]] void no_arrays() const {
    fail(token(), "there are no arrays in patch text", "declare a table: Data name(size); and read it with peek(name, index)");
  }

  std::string found(const Token& t) const {
    return t.kind == TokenKind::end ? "the end of the patch" : "'" + std::string(text(t).substr(0, 40)) + "'";
  }

  Token expect(TokenKind kind, const std::string& where) {
    if (is(kind)) return take();
    fail(token(), "expected " + quoted(kind) + " " + where + ", found " + found(token()));
  }

  static std::string quoted(TokenKind kind) {
    const std::string written(spelling(kind));
    return kind == TokenKind::name || kind == TokenKind::number || kind == TokenKind::text ? written : "'" + written + "'";
  }

  /// The end of a statement. A missing semicolon is shown where it belongs: behind the token before.
  void semicolon(const char* after) {
    if (skip(TokenKind::semicolon)) return;
    if (is(TokenKind::left_bracket)) no_arrays();
    const Token& before = tokens_[position_ == 0 ? 0 : position_ - 1];
    Span behind = before.span;
    behind.offset += behind.length;
    behind.column += static_cast<std::int32_t>(behind.length);
    behind.length = 0;
    source_.fail(ErrorCode::syntax, behind, "expected ';' after " + std::string(after) + ", found " + found(token()),
                 "end the statement with ';'");
  }

  int add(Expr expr) {
    patch_.expressions.push_back(std::move(expr));
    return static_cast<int>(patch_.expressions.size()) - 1;
  }

  int add(Statement statement) {
    patch_.statements.push_back(std::move(statement));
    return static_cast<int>(patch_.statements.size()) - 1;
  }

  // Statements

  /// name ( … ) { at the outermost level. Looks ahead to the matching parenthesis.
  bool begins_function() const {
    if (!is(TokenKind::name) || token(1).kind != TokenKind::left_paren || text(token()) == "if" || refused(token())) return false;
    int open = 0;
    for (std::size_t k = position_ + 1; k < tokens_.size(); ++k) {
      const TokenKind kind = tokens_[k].kind;
      if (kind == TokenKind::semicolon || kind == TokenKind::left_brace) return false;
      if (kind == TokenKind::left_paren) ++open;
      if (kind == TokenKind::right_paren && --open == 0)
        return k + 1 < tokens_.size() && tokens_[k + 1].kind == TokenKind::left_brace;
    }
    return false;
  }

  void function() {
    Function made;
    const Token name = take();
    made.name = text(name);
    made.span = name.span;
    take();
    while (!is(TokenKind::right_paren)) {
      const Token parameter = expect(TokenKind::name, "as a parameter of '" + std::string(made.name) + "'");
      for (const Parameter& other : made.parameters) {
        if (other.name == text(parameter)) {
          source_.fail(ErrorCode::duplicate_name, parameter.span,
                       "'" + std::string(made.name) + "' has two parameters named '" + std::string(other.name) + "'");
        }
      }
      if (made.parameters.size() == most_arguments) too_many(parameter);
      made.parameters.push_back({text(parameter), parameter.span, skip(TokenKind::assign) ? expression() : -1});
      if (!skip(TokenKind::comma)) break;
    }
    expect(TokenKind::right_paren, "after the parameters of '" + std::string(made.name) + "'");
    inside_function_ = true;
    made.body = block();
    inside_function_ = false;
    patch_.functions.push_back(std::move(made));
  }

  std::vector<int> block() {
    const Level level(*this);
    const Token open = expect(TokenKind::left_brace, "here");
    std::vector<int> body;
    while (!is(TokenKind::right_brace)) {
      if (is(TokenKind::end)) fail(open, "this '{' is never closed", "add the '}' it belongs to");
      if (const int id = statement(); id >= 0) body.push_back(id);
    }
    take();
    return body;
  }

  std::vector<int> block_or_statement() {
    if (is(TokenKind::left_brace)) return block();
    const Level level(*this);
    const int id = statement();
    return id < 0 ? std::vector<int>{} : std::vector<int>{id};
  }

  const std::pair<std::string_view, std::string_view>* refused(const Token& t) const {
    for (const auto& entry : unsupported) {
      if (t.kind == TokenKind::name && text(t) == entry.first) return &entry;
    }
    return nullptr;
  }

  void check_supported(const Token& t) const {
    const auto* entry = refused(t);
    if (!entry || is_assignment(token(1).kind)) return;
    fail(t, "'" + std::string(entry->first) + "' is not supported yet, because " + std::string(entry->second),
         entry->first == "Buffer" ? "use Data for a table inside the patch" : "");
  }

  /// The id of the statement; -1 for an empty one.
  int statement() {
    if (skip(TokenKind::semicolon)) return -1;
    if (is(TokenKind::name)) {
      check_supported(token());
      const std::string_view word = text(token());
      if (word == "if") return conditional();
      if (word == "else") fail(token(), "this 'else' belongs to no 'if'");
      if (word == "return") return returning();
      const bool declares = token(1).kind == TokenKind::name;
      if (word == "Param" && declares) return declaration(DeclarationKind::param);
      if (word == "History" && declares) return declaration(DeclarationKind::history);
      if (word == "Delay" && declares) return declaration(DeclarationKind::delay);
      if (word == "Data" && declares) return declaration(DeclarationKind::data);
      if (is_assignment(token(1).kind) || token(1).kind == TokenKind::comma) return assignment();
      if (declares)
        fail(token(1), "expected an operator, '=' or ';' after '" + std::string(word) + "', found " + found(token(1)));
    }
    return call_statement();
  }

  int conditional() {
    const Level level(*this);
    Statement made{.kind = StatementKind::conditional, .span = take().span};
    expect(TokenKind::left_paren, "after 'if'");
    made.values = {expression()};
    expect(TokenKind::right_paren, "after the condition");
    made.then = block_or_statement();
    if (is(TokenKind::name) && text(token()) == "else") {
      take();
      made.otherwise = block_or_statement();
    }
    return add(std::move(made));
  }

  int returning() {
    Statement made{.kind = StatementKind::returning, .span = take().span};
    if (!inside_function_)
      source_.fail(ErrorCode::syntax, made.span, "'return' stands outside a function", "write to out1 to make sound");
    if (!is(TokenKind::semicolon)) made.values = expression_list();
    semicolon("'return'");
    return add(std::move(made));
  }

  int assignment() {
    Statement made{.kind = StatementKind::assignment, .span = token().span};
    do {
      const Token name = expect(TokenKind::name, "to assign to");
      made.targets.push_back({text(name), name.span});
    } while (skip(TokenKind::comma));
    if (!is_assignment(token().kind)) fail(token(), "expected '=' after what is assigned to, found " + found(token()));
    const Token op = take();
    made.op = op.kind;
    if (op.kind != TokenKind::assign && made.targets.size() > 1)
      fail(op, "'" + std::string(spelling(op.kind)) + "' changes one variable at a time");
    if (op.kind != TokenKind::increment && op.kind != TokenKind::decrement) made.values = expression_list();
    semicolon("the assignment");
    return add(std::move(made));
  }

  int call_statement() {
    Statement made{.kind = StatementKind::call, .span = token().span};
    made.values = {expression()};
    const Expr& value = patch_.expr(made.values[0]);
    made.span = value.span;
    semicolon("the statement");
    if (value.kind != ExprKind::call && value.kind != ExprKind::method) {
      source_.fail(ErrorCode::syntax, value.span, "this statement does nothing: its value is not used",
                   "assign it, such as out1 = …;");
    }
    return add(std::move(made));
  }

  /// Param a(0.5, min=0), b; is one statement: the first declaration, and the others behind it in `then`.
  int declaration(DeclarationKind kind) {
    const Token word = take();
    Statement made{.kind = StatementKind::declaration, .span = word.span, .declaration = declarator(kind)};
    while (skip(TokenKind::comma))
      made.then.push_back(add(Statement{.kind = StatementKind::declaration, .span = word.span, .declaration = declarator(kind)}));
    semicolon("the declaration");
    return add(std::move(made));
  }

  int declarator(DeclarationKind kind) {
    const Token name = expect(TokenKind::name, "to declare");
    Declaration made{.kind = kind, .name = text(name), .span = name.span};
    if (is(TokenKind::left_paren)) arguments(made.inputs, made.named);
    patch_.declarations.push_back(std::move(made));
    return static_cast<int>(patch_.declarations.size()) - 1;
  }

  // Expressions

  std::vector<int> expression_list() {
    std::vector<int> list{expression()};
    while (skip(TokenKind::comma)) list.push_back(expression());
    return list;
  }

  int expression() {
    const Level level(*this);
    const int condition = binary(1);
    if (!is(TokenKind::question)) return condition;
    const Token question = take();
    const int yes = expression();
    expect(TokenKind::colon, "in the choice c ? a : b");
    const int no = expression();
    return add({.kind = ExprKind::conditional,
                .span = join(patch_.expr(condition).span, patch_.expr(no).span),
                .at = question.span,
                .inputs = {condition, yes, no}});
  }

  int binary(int least) {
    int left = unary();
    while (strength(token().kind) >= least) {
      const Token op = take();
      const int right = binary(strength(op.kind) + 1);
      left = add({.kind = ExprKind::binary,
                  .span = join(patch_.expr(left).span, patch_.expr(right).span),
                  .at = op.span,
                  .op = op.kind,
                  .inputs = {left, right}});
    }
    return left;
  }

  int unary() {
    if (!is(TokenKind::minus) && !is(TokenKind::bang) && !is(TokenKind::plus)) return primary();
    const Level level(*this);
    const Token op = take();
    const int operand = unary();
    return add({.kind = ExprKind::unary,
                .span = join(op.span, patch_.expr(operand).span),
                .at = op.span,
                .op = op.kind,
                .inputs = {operand}});
  }

  int primary() {
    const Token first = token();
    switch (first.kind) {
      case TokenKind::number:
        take();
        return add({.kind = ExprKind::number, .span = first.span, .at = first.span, .number = first.number});
      case TokenKind::text: {
        take();
        const std::string_view inside = text(first).substr(1, first.span.length - 2);
        return add({.kind = ExprKind::text, .span = first.span, .at = first.span, .name = inside});
      }
      case TokenKind::name: return name_or_call();
      case TokenKind::left_paren: {
        take();
        const int inner = expression();
        if (!is(TokenKind::right_paren))
          fail(token(), "expected ')', found " + found(token()),
               "the '(' in line " + std::to_string(first.span.line) + " is still open");
        take();
        return inner;
      }
      default: break;
    }
    if (first.kind == TokenKind::left_bracket) no_arrays();
    fail(first, "expected a value, found " + found(first));
  }

  int name_or_call() {
    const Token name = take();
    if (const auto* entry = refused(name); entry && is(TokenKind::left_paren)) {
      fail(name, "'" + std::string(entry->first) + "' is not supported yet, because " + std::string(entry->second));
    }
    Expr made{.kind = ExprKind::name, .span = name.span, .at = name.span, .name = text(name)};
    if (skip(TokenKind::dot)) {
      const Token method = expect(TokenKind::name, "after '.'");
      made.kind = ExprKind::method;
      made.object = made.name;
      made.name = text(method);
      made.at = method.span;
      if (!is(TokenKind::left_paren))
        fail(token(), "expected '(' after '." + std::string(made.name) + "', found " + found(token()));
    } else if (is(TokenKind::left_paren)) {
      made.kind = ExprKind::call;
    } else {
      return add(std::move(made));
    }
    made.span = join(made.span, arguments(made.inputs, made.named));
    return add(std::move(made));
  }

  /// ( a, b, name = c ). Returns the span of the closing parenthesis.
  Span arguments(std::vector<int>& inputs, std::vector<NamedArgument>& named) {
    const Token open = take();
    while (!is(TokenKind::right_paren)) {
      if (inputs.size() + named.size() == most_arguments) too_many(token());
      if (is(TokenKind::name) && token(1).kind == TokenKind::assign) {
        const Token name = take();
        take();
        for (const NamedArgument& other : named) {
          if (other.name == text(name))
            source_.fail(ErrorCode::duplicate_name, name.span, "'" + std::string(other.name) + "' is given twice");
        }
        named.push_back({text(name), name.span, expression()});
      } else {
        const Token first = token();
        inputs.push_back(expression());
        if (!named.empty()) fail(first, "an unnamed argument follows a named one", "put the unnamed ones first");
      }
      if (!skip(TokenKind::comma)) break;
    }
    if (!is(TokenKind::right_paren)) {
      fail(token(), "expected ',' or ')' in the arguments, found " + found(token()),
           "the '(' in line " + std::to_string(open.span.line) + " is still open");
    }
    return take().span;
  }

  const Source& source_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  int depth_ = 0;
  bool inside_function_ = false;
  Patch patch_;
};

}  // namespace

Patch parse(const Source& source) { return Parser(source, lex(source)).run(); }

}  // namespace dgen::lang
