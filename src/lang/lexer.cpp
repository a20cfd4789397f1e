#include "lang/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace dgen::lang {

namespace {

constexpr std::size_t largest_text = std::size_t{1} << 22;  ///< bytes

struct Spelling {
  std::string_view text;
  TokenKind kind;
};

/// Longer ones first where one begins another.
constexpr std::array spellings{
    Spelling{"==", TokenKind::equal},
    Spelling{"!=", TokenKind::not_equal},
    Spelling{"<=", TokenKind::less_equal},
    Spelling{">=", TokenKind::greater_equal},
    Spelling{"&&", TokenKind::and_and},
    Spelling{"||", TokenKind::or_or},
    Spelling{"^^", TokenKind::xor_xor},
    Spelling{"+=", TokenKind::add_assign},
    Spelling{"-=", TokenKind::subtract_assign},
    Spelling{"*=", TokenKind::multiply_assign},
    Spelling{"/=", TokenKind::divide_assign},
    Spelling{"%=", TokenKind::modulo_assign},
    Spelling{"++", TokenKind::increment},
    Spelling{"--", TokenKind::decrement},
    Spelling{"(", TokenKind::left_paren},
    Spelling{")", TokenKind::right_paren},
    Spelling{"{", TokenKind::left_brace},
    Spelling{"}", TokenKind::right_brace},
    Spelling{"[", TokenKind::left_bracket},
    Spelling{"]", TokenKind::right_bracket},
    Spelling{",", TokenKind::comma},
    Spelling{";", TokenKind::semicolon},
    Spelling{".", TokenKind::dot},
    Spelling{"?", TokenKind::question},
    Spelling{":", TokenKind::colon},
    Spelling{"=", TokenKind::assign},
    Spelling{"+", TokenKind::plus},
    Spelling{"-", TokenKind::minus},
    Spelling{"*", TokenKind::star},
    Spelling{"/", TokenKind::slash},
    Spelling{"%", TokenKind::percent},
    Spelling{"<", TokenKind::less},
    Spelling{">", TokenKind::greater},
    Spelling{"!", TokenKind::bang},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source) {}

  std::vector<Token> run() {
    for (skip_blank(); position_ < source_.text.size(); skip_blank()) tokens_.push_back(next());
    tokens_.push_back({TokenKind::end, here(0)});
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < source_.text.size() ? source_.text[position_ + ahead] : '\0';
  }
  bool at(std::string_view text) const { return source_.text.substr(position_, text.size()) == text; }
  Span here(std::size_t length) const {
    return {static_cast<std::uint32_t>(position_), static_cast<std::uint32_t>(length), line_, column_};
  }

  void advance(std::size_t count) {
    for (; count > 0; --count, ++position_) {
      const char c = source_.text[position_];
      if (c == '\n')
        ++line_, column_ = 1;
      else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
        ++column_;
    }
  }

  void skip_blank() {
    while (position_ < source_.text.size()) {
      const char c = peek();
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        advance(1);
      } else if (at("//")) {
        advance(std::min(source_.text.find('\n', position_), source_.text.size()) - position_);
      } else if (at("/*")) {
        skip_block_comment();
      } else if (position_ == 0 && at("\xef\xbb\xbf")) {
        position_ += 3;  // byte order mark
      } else {
        return;
      }
    }
  }

  void skip_block_comment() {
    const std::size_t end = source_.text.find("*/", position_ + 2);
    if (end == std::string_view::npos) source_.fail(ErrorCode::syntax, here(2), "this comment is never closed", "end it with */");
    advance(end + 2 - position_);
  }

  Token next() {
    const char c = peek();
    if (is_letter(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '"' || c == '\'') return text();
    for (const Spelling& spelling : spellings) {
      if (at(spelling.text)) return take(spelling.kind, spelling.text.size());
    }
    unknown();
  }

  Token take(TokenKind kind, std::size_t length) {
    const Token token{kind, here(length)};
    advance(length);
    return token;
  }

  Token word() {
    std::size_t length = 1;
    while (is_letter(peek(length)) || is_digit(peek(length))) ++length;
    return take(TokenKind::name, length);
  }

  Token number() {
    const char* const first = source_.text.data() + position_;
    double value = 0;
    const auto [end, error] = std::from_chars(first, source_.text.data() + source_.text.size(), value);
    std::size_t length = static_cast<std::size_t>(end - first);
    if (error == std::errc::result_out_of_range) {
      source_.fail(ErrorCode::bad_value, here(length), "this number is out of range", "numbers reach from 1e-308 to 1e308");
    }
    std::size_t suffix = 0;
    while (is_letter(peek(length + suffix)) || is_digit(peek(length + suffix))) ++suffix;
    if (suffix > 0)
      source_.fail(ErrorCode::syntax, here(length + suffix), "a number runs into a name", "put an operator between them");
    Token token = take(TokenKind::number, length);
    token.number = value;
    return token;
  }

  Token text() {
    const std::size_t end = source_.text.find_first_of(peek() == '"' ? "\"\n" : "'\n", position_ + 1);
    if (end == std::string_view::npos || source_.text[end] == '\n') {
      source_.fail(ErrorCode::syntax, here(1), "this quoted text is never closed", "end it on the same line with the same quote");
    }
    return take(TokenKind::text, end + 1 - position_);
  }

  [[noreturn]] void unknown() {
    const char c = peek();
    if (c == '&' || c == '|' || c == '^' || c == '~') {
      source_.fail(ErrorCode::syntax, here(1), "there are no bitwise operators",
                   "logic is written &&, || and ^^; powers are pow(x, y)");
    }
    const auto byte = static_cast<unsigned char>(c);
    const std::string what = byte >= 0x20 && byte < 0x7f ? "'" + std::string(1, c) + "'" : "byte " + std::to_string(byte);
    source_.fail(ErrorCode::syntax, here(1), "unexpected " + what, "outside comments, patch text is plain ASCII");
  }

  const Source& source_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::int32_t line_ = 1, column_ = 1;
};

}  // namespace

std::string_view spelling(TokenKind kind) {
  for (const Spelling& known : spellings) {
    if (known.kind == kind) return known.text;
  }
  switch (kind) {
    case TokenKind::name: return "a name";
    case TokenKind::number: return "a number";
    case TokenKind::text: return "quoted text";
    default: return "the end of the patch";
  }
}

std::vector<Token> lex(const Source& source) {
  if (source.text.size() > largest_text) {
    throw Error(ErrorCode::limit_exceeded, std::string(source.file) + ": the patch has " + std::to_string(source.text.size()) +
                                               " bytes; the most is " + std::to_string(largest_text));
  }
  return Lexer(source).run();
}

}  // namespace dgen::lang
