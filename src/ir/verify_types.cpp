#include "ir/verify_types.h"

#include <algorithm>

namespace dgen::ir {

namespace {

bool is_float(Scalar s) { return s == Scalar::f32 || s == Scalar::f64; }
bool is_mask(Scalar s) { return s == Scalar::m32 || s == Scalar::m64; }
bool is_integer(Scalar s) { return !is_float(s) && !is_mask(s); }

const char* operand_count(Code code, std::size_t count) {
  switch (code) {
    case Code::constant:
    case Code::argument:
    case Code::index:
    case Code::get:
    case Code::lane:
    case Code::lanes: return count == 0 ? nullptr : "an instruction without operands has none";
    case Code::neg:
    case Code::bit_not:
    case Code::shl:
    case Code::shr:
    case Code::abs:
    case Code::sqrt:
    case Code::floor:
    case Code::rounded:
    case Code::convert:
    case Code::bitcast:
    case Code::broadcast:
    case Code::last:
    case Code::first:
    case Code::load:
    case Code::load_back:
    case Code::load_once:
    case Code::gather: return count == 1 ? nullptr : "an instruction of one operand has one";
    case Code::add:
    case Code::sub:
    case Code::mul:
    case Code::div:
    case Code::shift_up:
    case Code::shift_down:
    case Code::interleave_low:
    case Code::interleave_high:
    case Code::even_lanes:
    case Code::odd_lanes:
    case Code::permute:
    case Code::bit_and:
    case Code::bit_or:
    case Code::bit_xor:
    case Code::lt:
    case Code::le:
    case Code::eq:
    case Code::ne:
    case Code::min:
    case Code::max: return count == 2 ? nullptr : "an instruction of two operands has two";
    case Code::select: return count == 3 ? nullptr : "select has a mask and two branches";
    case Code::call: return nullptr;
  }
  return "an instruction has a known code";
}

const char* scalar_rule(Code code, Scalar s) {
  switch (code) {
    case Code::div:
    case Code::abs:
    case Code::sqrt:
    case Code::floor:
    case Code::rounded:
    case Code::min:
    case Code::max: return is_float(s) ? nullptr : "division, roots, rounding and choice by size take floats";
    case Code::add:
    case Code::sub:
    case Code::mul:
    case Code::neg: return !is_mask(s) ? nullptr : "arithmetic takes floats or integers";
    case Code::bit_and:
    case Code::bit_or:
    case Code::bit_xor:
    case Code::bit_not: return !is_float(s) ? nullptr : "logic on bits takes integers or masks";
    case Code::shl:
    case Code::shr: return is_integer(s) ? nullptr : "shifts take integers";
    default: return nullptr;
  }
}

const char* comparison_rule(const Instr& v, std::span<const Type> x) {
  if (x[0] != x[1]) return "the operands of a comparison have one type";
  if (is_mask(x[0].scalar)) return "comparisons take numbers";
  const Scalar mask = bytes(x[0].scalar) == 8 ? Scalar::m64 : Scalar::m32;
  return v.type == Type{mask, x[0].wide, x[0].octet} ? nullptr : "a comparison gives a mask of its operands' width";
}

const char* select_rule(const Instr& v, std::span<const Type> x) {
  if (!is_mask(x[0].scalar)) return "a select chooses by a mask";
  if (x[1] != x[2] || x[1] != v.type) return "the branches of a select have its type";
  const bool fits = x[0].wide == v.type.wide && x[0].octet == v.type.octet && bytes(x[0].scalar) == bytes(v.type.scalar);
  return fits ? nullptr : "the mask of a select has the width of its branches";
}

const char* conversion_rule(const Instr& v, Type x) {
  if (v.code == Code::broadcast) {
    const bool fits = x == Type{x.scalar} && v.type.scalar == x.scalar && v.type.wide != v.type.octet;
    return fits ? nullptr : "a broadcast makes a scalar wide or an octet and keeps its element type";
  }
  if (x.wide != v.type.wide || x.octet != v.type.octet) return "a conversion keeps the number of lanes";
  if (v.code == Code::bitcast) return bytes(x.scalar) == bytes(v.type.scalar) ? nullptr : "a bitcast keeps the width";
  return is_mask(x.scalar) == is_mask(v.type.scalar) ? nullptr : "masks convert to masks, numbers to numbers";
}

const char* lanes_rule(const Instr& v, std::span<const Type> x) {
  if (!x[0].wide) return "lanes move within a wide value";
  if (v.type != x[0] || x.back() != x[0]) return "lanes that move keep their type, and those that fill in have it";
  if (v.code != Code::shift_up) return nullptr;
  return v.integer >= 1 && v.integer <= padding ? nullptr : "lanes move up by 1 … 16";
}

const char* octet_rule(const Instr& v, std::span<const Type> x) {
  if (!x[0].octet || x.back() != x[0]) return "elements move within octets of one type";
  const bool fits = v.code == Code::shift_down ? v.type == x[0] : v.type == Type{x[0].scalar};
  return fits ? nullptr : "an octet that moves keeps its type, and its first element is a scalar of it";
}

const char* constant_rule(const Instr& v) {
  if (v.code == Code::lanes) return v.type == Type{Scalar::i32, false} ? nullptr : "the number of lanes is an i32";
  if (v.code == Code::lane) return v.type == Type{Scalar::i32, true} ? nullptr : "lane numbers are wide i32";
  return nullptr;
}

}  // namespace

const char* broken_type_rule(const Instr& v, std::span<const Type> x) {
  if (const char* broken = operand_count(v.code, x.size())) return broken;
  switch (v.code) {
    case Code::lt:
    case Code::le:
    case Code::eq:
    case Code::ne: return comparison_rule(v, x);
    case Code::select: return select_rule(v, x);
    case Code::convert:
    case Code::bitcast:
    case Code::broadcast: return conversion_rule(v, x[0]);
    case Code::constant:
    case Code::lane:
    case Code::lanes: return constant_rule(v);
    case Code::shift_up:
    case Code::interleave_low:
    case Code::interleave_high:
    case Code::even_lanes:
    case Code::odd_lanes:
    case Code::permute:
    case Code::last: return lanes_rule(v, x);
    case Code::shift_down:
    case Code::first: return octet_rule(v, x);
    case Code::argument:
    case Code::index:
    case Code::get:
    case Code::load:
    case Code::load_back:
    case Code::load_once:
    case Code::gather:
    case Code::call: return nullptr;
    default: break;
  }
  if (std::any_of(x.begin(), x.end(), [&](Type t) { return t != v.type; })) return "the operands of an instruction have its type";
  if (const char* broken = scalar_rule(v.code, v.type.scalar)) return broken;
  const bool shift = v.code == Code::shl || v.code == Code::shr;
  if (shift && (v.integer < 0 || v.integer >= 8 * bytes(v.type.scalar))) return "a shift is shorter than its operand";
  return nullptr;
}

}  // namespace dgen::ir
