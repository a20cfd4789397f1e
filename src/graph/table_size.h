#pragma once
// The extent of a table, whether it was given contents or only a size.

#include "dgen/graph.h"

namespace dgen {

/// Elements of a table node.
inline std::int64_t table_size(const Attributes& attributes) {
  return attributes.table ? static_cast<std::int64_t>(attributes.table->size()) : attributes.size;
}

/// Contents at reset; zeros where none were given.
inline std::vector<double> table_contents(const Attributes& attributes) {
  return attributes.table ? *attributes.table : std::vector<double>(static_cast<std::size_t>(attributes.size));
}

}  // namespace dgen
