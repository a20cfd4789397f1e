#pragma once
// Proves that a module is well formed: what the builder, the renderers and the interpreter rely on.

#include "ir/ir.h"

namespace dgen::ir {

/// Types, definitions before use and in scope, buffers, calls, memory sizes. Throws InternalError saying which function,
/// which value and what must hold.
void verify(const Module& module);

}  // namespace dgen::ir
