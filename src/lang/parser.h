#pragma once
// Tokens into a syntax tree.

#include "lang/ast.h"

namespace dgen::lang {

/// The tree of the text, whose names are views into `source.text`. Throws `Error` syntax, limit_exceeded, duplicate_name.
Patch parse(const Source& source);

}  // namespace dgen::lang
