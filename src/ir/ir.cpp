#include "ir/ir.h"

namespace dgen::ir {

int bytes(Scalar scalar) {
  switch (scalar) {
    case Scalar::f32:
    case Scalar::i32:
    case Scalar::u32:
    case Scalar::m32: return 4;
    case Scalar::f64:
    case Scalar::i64:
    case Scalar::u64:
    case Scalar::m64: return 8;
  }
  return 0;
}

const char* to_string(Scalar scalar) {
  switch (scalar) {
    case Scalar::f32: return "f32";
    case Scalar::f64: return "f64";
    case Scalar::i32: return "i32";
    case Scalar::u32: return "u32";
    case Scalar::i64: return "i64";
    case Scalar::u64: return "u64";
    case Scalar::m32: return "m32";
    case Scalar::m64: return "m64";
  }
  return "?";
}

const char* to_string(Code code) {
  switch (code) {
    case Code::constant: return "constant";
    case Code::argument: return "argument";
    case Code::index: return "index";
    case Code::get: return "get";
    case Code::add: return "add";
    case Code::sub: return "sub";
    case Code::mul: return "mul";
    case Code::div: return "div";
    case Code::neg: return "neg";
    case Code::bit_and: return "and";
    case Code::bit_or: return "or";
    case Code::bit_xor: return "xor";
    case Code::bit_not: return "not";
    case Code::shl: return "shl";
    case Code::shr: return "shr";
    case Code::lt: return "lt";
    case Code::le: return "le";
    case Code::eq: return "eq";
    case Code::ne: return "ne";
    case Code::select: return "select";
    case Code::abs: return "abs";
    case Code::sqrt: return "sqrt";
    case Code::floor: return "floor";
    case Code::rounded: return "rounded";
    case Code::min: return "min";
    case Code::max: return "max";
    case Code::convert: return "convert";
    case Code::bitcast: return "bitcast";
    case Code::broadcast: return "broadcast";
    case Code::lane: return "lane";
    case Code::lanes: return "lanes";
    case Code::shift_up: return "shift_up";
    case Code::last: return "last";
    case Code::shift_down: return "shift_down";
    case Code::first: return "first";
    case Code::interleave_low: return "interleave_low";
    case Code::interleave_high: return "interleave_high";
    case Code::even_lanes: return "even_lanes";
    case Code::odd_lanes: return "odd_lanes";
    case Code::permute: return "permute";
    case Code::load: return "load";
    case Code::load_back: return "load_back";
    case Code::load_once: return "load_once";
    case Code::gather: return "gather";
    case Code::call: return "call";
  }
  return "?";
}

}  // namespace dgen::ir
