#pragma once
// Pieces of C-like text: literals, identifiers, templates.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace dgen::render {

/// The shortest literal that reads back as the same float or double; denormals become a zero of the same sign.
std::string float_literal(float value);
std::string double_literal(double value);

/// `text` as an identifier: other characters become _.
std::string identifier(std::string_view text);

/// `text` as a string literal in quotes.
std::string string_literal(std::string_view text);

/// `text` as // lines, each after `indent` spaces.
std::string comment_lines(std::string_view text, int indent);

/// Replaces $name, $0 … $9 by what `lookup` says, and $each{x[#]} by `lanes` copies, # being the lane.
std::string expand(std::string_view text, int lanes, const std::function<std::string(std::string_view)>& lookup);

/// Calls `visit` for every identifier of C-like text.
void each_identifier(std::string_view text, const std::function<void(std::string_view)>& visit);

}  // namespace dgen::render
