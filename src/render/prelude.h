#pragma once
// The helper functions of a dialect that a text uses, and those they use, in an order in which each is defined first.

#include <string>
#include <string_view>

#include "render/dialect.h"

namespace dgen::render {

std::string prelude(const Dialect& dialect, std::string_view text, int lanes);

/// The dialect's name of a type, and the suffix of helpers on it.
std::string_view type_name(const Dialect& dialect, ir::Type type);
std::string_view type_code(const Dialect& dialect, ir::Type type);
/// The unsigned and signed integer types, and the mask, of the width of `scalar`.
ir::Scalar unsigned_twin(ir::Scalar scalar);
ir::Scalar signed_twin(ir::Scalar scalar);
ir::Scalar mask_twin(ir::Scalar scalar);

}  // namespace dgen::render
