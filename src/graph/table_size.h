#pragma once
// The extent of a table, whether it was given contents or only a size.

#include <algorithm>

#include "dgen/graph.h"

namespace dgen {

/// Elements of a table node.
inline std::int64_t table_size(const Attributes& attributes) {
  return attributes.table ? static_cast<std::int64_t>(attributes.table->size()) : attributes.size;
}

/// Contents at reset; empty where all of them are 0.
inline std::vector<double> table_contents(const Attributes& attributes) {
  const auto is_zero = [](double x) { return x == 0; };
  if (!attributes.table || std::all_of(attributes.table->begin(), attributes.table->end(), is_zero)) return {};
  return *attributes.table;
}

}  // namespace dgen
