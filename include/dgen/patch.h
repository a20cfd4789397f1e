#pragma once
// Patch text: the core of GenExpr, the language of gen~'s codebox.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// Adds what `text` says to `graph`: its inputs, outputs, parameters and loops. `file` is named in messages.
/// Throws `Error` syntax, unknown_name, bad_arity …: file:line:column, the source line with a caret, what to do.
void parse_patch(Graph& graph, std::string_view text, std::string_view file = "patch");

/// Reads the file, of at most 16 MiB, and parses it. Throws file_unreadable.
void load_patch(Graph& graph, const std::string& path);

/// A parameter and the default it is to get.
struct ParamDefault {
  std::string name{};
  double value = 0;
};

/// The text with the named parameters' defaults replaced, each by the shortest decimal that reads back as its value. All
/// else, comments and layout, stays byte for byte; so does a default that has the value already.
/// Throws what `parse_patch` does, unknown_name, or bad_value for a value that is not finite or outside its range.
std::string with_defaults(std::string_view text, std::span<const ParamDefault> defaults, std::string_view file = "patch");

/// A name of gen~ as patch text understands it: what `dgen ops` prints beside the ops.
struct PatchName {
  std::string_view name, doc;
  std::string_view inputs;   ///< as OpDef::inputs
  std::string_view missing;  ///< why it cannot be used; empty where it can
};

/// All of them, by topic. Ops of the table are called by their own names too; where both have a name, text means gen~'s,
/// and DGen's is reached with the prefix dgen_.
std::vector<PatchName> patch_names();

}  // namespace dgen
