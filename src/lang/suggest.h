#pragma once
// The known name that a misspelt one most likely means.

#include <string_view>
#include <vector>

namespace dgen::lang {

/// The closest of `known` to `name` by edit distance, if it is close enough to be meant; else empty.
std::string_view suggest(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace dgen::lang
