#pragma once
// Which version of a table each read sees.

#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// For each node of kind gather the node whose version of the table it reads: the table itself for the content the frame
/// before left, or a scatter; -1 for the other nodes. A gather of the table itself reads a scatter's version where a
/// sequence evaluates it after that scatter: the gather is reached from an argument of the sequence and from no earlier
/// one, and the scatter is the last of the table's that is reached from an earlier one.
std::vector<int> table_versions(const Graph& graph);

/// The version that node `id` of table type is: itself, or of a sequence the last input.
int table_version(const Graph& graph, int id);

/// The table whose version node `version` (table, scatter, or another node of table type) is.
int table_of(const Graph& graph, int version);

}  // namespace dgen
