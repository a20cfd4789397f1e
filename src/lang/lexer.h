#pragma once
// Patch text into tokens.

#include <vector>

#include "lang/source.h"

namespace dgen::lang {

enum class TokenKind : std::uint8_t {
  end,
  name,
  number,
  text,
  left_paren,
  right_paren,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  comma,
  semicolon,
  dot,
  question,
  colon,
  assign,
  add_assign,
  subtract_assign,
  multiply_assign,
  divide_assign,
  modulo_assign,
  increment,
  decrement,
  plus,
  minus,
  star,
  slash,
  percent,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  and_and,
  or_or,
  xor_xor,
  bang,
};

struct Token {
  TokenKind kind = TokenKind::end;
  Span span{};
  double number = 0;  ///< of a number
};

/// How the token is written, for messages: "';'".
std::string_view spelling(TokenKind kind);

/// All tokens of the text, `end` last. Throws `Error` syntax, bad_value, limit_exceeded.
std::vector<Token> lex(const Source& source);

}  // namespace dgen::lang
