#pragma once
// Patch text with its name: where things stand in it, and how a mistake in it is shown.

#include <cstdint>
#include <string>
#include <string_view>

#include "dgen/error.h"

namespace dgen::lang {

/// A stretch of the text. Offsets count bytes; line and column count from 1, columns in characters.
struct Span {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::int32_t line = 1;
  std::int32_t column = 1;
};

/// From the start of `first` to the end of `last`.
Span join(const Span& first, const Span& last);

/// An error that already names its place in the text.
class LocatedError : public Error {
 public:
  using Error::Error;
};

struct Source {
  std::string_view text;
  std::string_view file;

  /// The text of a span.
  std::string_view at(const Span& span) const { return text.substr(span.offset, span.length); }

  /// Throws: "file:line:column: error: message", the line of source, a caret under the span, and the hint.
  [[noreturn]] void fail(ErrorCode code, const Span& span, const std::string& message, const std::string& hint = {}) const;
};

}  // namespace dgen::lang
