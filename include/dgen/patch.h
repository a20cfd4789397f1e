#pragma once
// Patch text: the core of GenExpr, the language of gen~'s codebox.

#include <string>
#include <string_view>

#include "dgen/graph.h"

namespace dgen {

/// Adds what `text` says to `graph`: its inputs, outputs, parameters and loops. `file` is named in messages.
/// Throws `Error` syntax, unknown_name, bad_arity …: file:line:column, the source line with a caret, what to do.
void parse_patch(Graph& graph, std::string_view text, std::string_view file = "patch");

/// Reads the file and parses it. Throws file_unreadable.
void load_patch(Graph& graph, const std::string& path);

}  // namespace dgen
