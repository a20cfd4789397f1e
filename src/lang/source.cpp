#include "lang/source.h"

#include <algorithm>

namespace dgen::lang {

namespace {

constexpr std::size_t widest_excerpt = 120;  ///< characters of a source line that a message shows

/// Number of bytes of the UTF-8 character at `text[k]`; 0 where the bytes are no character.
std::size_t character_bytes(std::string_view text, std::size_t k) {
  const auto byte = static_cast<unsigned char>(text[k]);
  const std::size_t count = byte < 0x80                   ? 1
                            : byte >= 0xc2 && byte < 0xe0 ? 2
                            : byte >= 0xe0 && byte < 0xf0 ? 3
                            : byte >= 0xf0 && byte < 0xf5 ? 4
                                                          : 0;
  if (count == 0 || k + count > text.size()) return 0;
  for (std::size_t j = 1; j < count; ++j) {
    if ((static_cast<unsigned char>(text[k + j]) & 0xc0) != 0x80) return 0;
  }
  return count;
}

/// Up to `limit` characters of `text`, fit for a terminal: what is no character becomes '?'.
std::string printable(std::string_view text, std::size_t limit) {
  std::string shown;
  for (std::size_t k = 0, characters = 0; k < text.size() && characters < limit; ++characters) {
    const std::size_t count = character_bytes(text, k);
    const bool control = count == 1 && text[k] != '\t' && (static_cast<unsigned char>(text[k]) < 0x20 || text[k] == 0x7f);
    shown += count == 0 || control ? "?" : text.substr(k, count);
    k += std::max<std::size_t>(count, 1);
  }
  return shown;
}

/// The line that holds `offset`, without its end.
std::string_view line_around(std::string_view text, std::size_t offset, std::size_t& start) {
  start = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
  std::size_t end = text.find('\n', offset);
  if (end == std::string_view::npos) end = text.size();
  if (end > start && text[end - 1] == '\r') --end;
  return text.substr(start, end - start);
}

}  // namespace

Span join(const Span& first, const Span& last) {
  Span joined = first;
  joined.length = std::max(last.offset + last.length, first.offset + first.length) - first.offset;
  return joined;
}

void Source::fail(ErrorCode code, const Span& span, const std::string& message, const std::string& hint) const {
  std::size_t start = 0;
  const std::size_t offset = std::min<std::size_t>(span.offset, text.size());
  std::string_view line = line_around(text, offset, start);
  std::size_t before = std::min(offset - start, line.size());
  if (before > widest_excerpt / 2) {  // a long line: show the part around the place
    line.remove_prefix(before - widest_excerpt / 2);
    before = widest_excerpt / 2;
  }
  const std::size_t marked = std::min<std::size_t>(span.length, line.size() - before);
  const std::string lead = printable(line.substr(0, before), widest_excerpt);
  const std::string under = printable(line.substr(before, marked), widest_excerpt / 2);
  std::string caret;
  for (const char c : lead) {
    if (c == '\t')
      caret += '\t';
    else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
      caret += ' ';
  }
  const auto width =
      std::count_if(under.begin(), under.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  caret += '^';
  if (width > 1) caret.append(static_cast<std::size_t>(width - 1), '~');
  throw LocatedError(code, printable(file, 1000) + ":" + std::to_string(span.line) + ":" + std::to_string(span.column) +
                               ": error: " + message + "\n" + lead + printable(line.substr(before), widest_excerpt / 2) + "\n" +
                               caret + (hint.empty() ? "" : "\nhint: " + hint));
}

}  // namespace dgen::lang
