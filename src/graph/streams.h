#pragma once
// What can run as a stream, and what is known only when a whole segment is.

#include "dgen/graph.h"

namespace dgen {

/// Throws `Error` bad_value where an output depends on the end of a call (a time_sum) or on later frames (a gradient).
void check_streams(const Graph& graph);

}  // namespace dgen
