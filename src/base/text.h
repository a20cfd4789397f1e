#pragma once
// Small work on text, for messages.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dgen::base {

/// The first `count` lines of `text`, with a last line that says how many are left out.
std::string first_lines(std::string_view text, int count);

/// Number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`, no part being changed
/// twice. Sources: Wagner, Fischer 1974; Damerau 1964 for the swaps.
int edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `name`, where it is near enough to be what was meant; else empty.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

/// " (did you mean 'cutoff'?)", or nothing: the end of a message about an unknown name.
std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

/// The shortest text that reads back as `value`.
std::string number_text(double value);

/// The number that all of `text` is: "0.5", "1e-3", "-2"; none for anything else.
std::optional<double> number_of(std::string_view text);

/// The parts of `text` between occurrences of `separator`; one part where there is none.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace dgen::base
