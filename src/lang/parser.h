#pragma once
// Tokens into a syntax tree.

#include "lang/ast.h"

namespace dgen::lang {

/// The tree of the text, whose names are views into `source.text`. Throws `Error` syntax, limit_exceeded, duplicate_name.
Patch parse(const Source& source);

/// Where a parameter's default stands in the text: what a trainer replaces when it writes a patch back.
struct ParamLocation {
  std::string_view name;
  Span initial{};  ///< length 0: there is none
};

/// The parameters of a patch in the order they are declared.
std::vector<ParamLocation> param_locations(const Patch& patch);

}  // namespace dgen::lang
