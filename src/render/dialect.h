#pragma once
// How one C-like language differs from the others. The renderer is one; dialects are data.

#include <array>
#include <span>
#include <string_view>

#include "ir/ir.h"

namespace dgen::render {

/// A set of element types, one bit each.
using Scalars = unsigned;
constexpr Scalars set_of(ir::Scalar s) { return 1u << static_cast<unsigned>(s); }
inline constexpr Scalars floats = set_of(ir::Scalar::f32) | set_of(ir::Scalar::f64);
inline constexpr Scalars signed_integers = set_of(ir::Scalar::i32) | set_of(ir::Scalar::i64);
inline constexpr Scalars unsigned_integers = set_of(ir::Scalar::u32) | set_of(ir::Scalar::u64);
inline constexpr Scalars integers = signed_integers | unsigned_integers;
inline constexpr Scalars masks = set_of(ir::Scalar::m32) | set_of(ir::Scalar::m64);
inline constexpr Scalars every_scalar = floats | integers | masks;

enum class Width : std::uint8_t { scalar, wide, octet, any };

/// How one element type is spelt.
struct TypeNames {
  std::string_view scalar;   ///< a value
  std::string_view wide;     ///< a vector; also the suffix of helpers on it
  std::string_view memory;   ///< an element in a buffer
  std::string_view code;     ///< suffix of helpers on scalars
  std::string_view octet{};  ///< eight elements; also the suffix of helpers on them
};

/// How an instruction is spelt, for results (`to`) and first operands (`from`) of these element types. The first that
/// fits counts. In the text: $0 … $3 operands (load, gather: $0 buffer, $1 index); $n Instr::integer; $type the result's
/// type, $element its element type, $unsigned its unsigned twin, $from the first operand's type; $r and $a the suffixes
/// of helpers for the result's and the first operand's type; $lanes; $each{…#…} a list over lanes.
struct Spelling {
  ir::Code code;
  Width width = Width::any;
  Scalars to = every_scalar;
  Scalars from = every_scalar;
  std::string_view text;
};

/// A function of the prelude, for values of one type: its name is `name` and the type's suffix; without a name it is a type. In
/// the text: $name, $op, $t the suffix, $type, $element, $mask (what comparing gives), $signed, $unsigned (twins of the same
/// width), $sign (the sign bit of an element), $exact (from here on floats are integers), $f (suffix of literals and of the
/// compiler's built-in mathematics), $packed, $every and $everyu (x86: suffix of instructions, masks of all lanes of 64 bytes as
/// gcc declares them for one and for two operands), $bytes of an element, $lanes, $each{…}.
struct Helper {
  std::string_view name;
  Width width = Width::any;
  Scalars scalars = every_scalar;
  std::string_view text;
  std::string_view op{};  ///< where helpers share a text, what differs: $op
};

struct Dialect {
  std::string_view name;
  std::string_view prologue;       ///< first lines of every source; $lanes
  std::array<TypeNames, 8> types;  ///< by ir::Scalar
  std::string_view function;       ///< before the result type of a called function
  std::string_view kernel;         ///< before the name of a kernel
  std::string_view constant;       ///< before the element type of a constant buffer
  std::span<const Spelling> spellings;
  std::span<const Spelling> stores;    ///< statements: $0 buffer, $1 index, $2 value; `to` is the buffer's type
  std::string_view store_back;         ///< the same, of a vector from its last element on
  std::span<const Helper> helpers;     ///< any order; only those that are used are written
  std::string_view double_constant{};  ///< where the language has no doubles: before the bits of one, which end with ")"
  std::string_view barrier{};          ///< a statement; of languages of devices
};

/// C11 with GNU vector extensions, as gcc and clang both take it.
const Dialect& c_dialect();

}  // namespace dgen::render
