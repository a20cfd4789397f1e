#pragma once
#include <cstddef>

namespace dgen {

/// A node or value number as an index into a vector.
constexpr std::size_t at(int id) { return static_cast<std::size_t>(id); }

}  // namespace dgen
