#pragma once
// Small work on text, for messages.

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

}  // namespace dgen::base
