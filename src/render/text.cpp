#include "render/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "dgen/error.h"

namespace dgen::render {

namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

template <typename Float>
std::string literal(Float value, std::string_view suffix) {
  const std::string tail(suffix);
  if (std::isnan(value)) return std::signbit(value) ? "(-__builtin_nan" + tail + "(\"\"))" : "__builtin_nan" + tail + "(\"\")";
  if (std::isinf(value)) return value < 0 ? "(-__builtin_inf" + tail + "())" : "__builtin_inf" + tail + "()";
  if (std::abs(value) < std::numeric_limits<Float>::min()) value = std::copysign(Float{0}, value);
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  text += tail;
  return std::signbit(value) ? "(" + text + ")" : text;
}

/// The body of "$each{…}" for every lane.
std::string each_lane(std::string_view body, int lanes) {
  std::string text;
  for (int lane = 0; lane < lanes; ++lane) {
    if (lane > 0) text += ", ";
    for (const char c : body) c == '#' ? text += std::to_string(lane) : text += c;
  }
  return text;
}

}  // namespace

std::string float_literal(float value) { return literal(value, "f"); }
std::string double_literal(double value) { return literal(value, ""); }

std::string identifier(std::string_view text) {
  std::string name;
  for (const char c : text) name += is_word(c) ? c : '_';
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(name.begin(), '_');
  return name;
}

std::string string_literal(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (code < 0x20 || code == 0x7f || c == '?') {  // ?: no trigraphs; three octal digits end by themselves
      quoted +=
          {'\\', static_cast<char>('0' + code / 64), static_cast<char>('0' + code / 8 % 8), static_cast<char>('0' + code % 8)};
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string comment_lines(std::string_view text, int indent) {
  const std::string start = std::string(static_cast<std::size_t>(indent), ' ') + "// ";
  std::string lines = start;
  for (const char c : text) {
    if (c == '\n') {
      lines += "\n" + start;
    } else {
      lines += c == '\\' || c == '\r' ? '/' : c;  // a backslash at the end would join the next line
    }
  }
  return lines + "\n";
}

std::string expand(std::string_view text, int lanes, const std::function<std::string(std::string_view)>& lookup) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '$') {
      out += text[at];
      continue;
    }
    std::size_t end = at + 1;
    if (end < text.size() && text[end] >= '0' && text[end] <= '9')
      ++end;
    else
      while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
    const std::string_view name = text.substr(at + 1, end - at - 1);
    if (name == "each") {
      const std::size_t close = text.find('}', end);
      check(text[end] == '{' && close != std::string_view::npos, "$each in a template has its braces");
      out += expand(each_lane(text.substr(end + 1, close - end - 1), lanes), lanes, lookup);
      at = close;
    } else {
      out += name == "lanes" ? std::to_string(lanes) : lookup(name);
      at = end - 1;
    }
  }
  return out;
}

void each_identifier(std::string_view text, const std::function<void(std::string_view)>& visit) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end > at) visit(text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace dgen::render
