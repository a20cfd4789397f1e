// C with GNU vector extensions. A scalar mask is an int, 0 or 1; a wide mask an integer vector, 0 or -1 in each lane.

#include "render/dialect.h"

namespace dgen::render {

namespace {

using ir::Code;
using ir::Scalar;

// gcc takes vectors that are wider than the machine's apart element by element where they are compared, so what is not
// plain arithmetic goes part by part there: parts are as wide as the machine has registers.
constexpr std::string_view prologue = R"(#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed to inlined functions only

// Vectors of $lanes elements.
typedef float vf __attribute__((vector_size(4 * $lanes)));
typedef double vd __attribute__((vector_size(8 * $lanes)));
typedef int32_t vi __attribute__((vector_size(4 * $lanes)));
typedef uint32_t vu __attribute__((vector_size(4 * $lanes)));
typedef int64_t vl __attribute__((vector_size(8 * $lanes)));
typedef uint64_t vul __attribute__((vector_size(8 * $lanes)));
#define DGEN_INLINE static inline __attribute__((always_inline))

// gcc takes (float)(int)x for a rounding of x, which makes -0 of -0.5: the integers are kept from its sight.
#if defined(__clang__)
#define DGEN_TRUNCATE(type, x) ((type)(x))
#else
#define DGEN_TRUNCATE(type, x) \
  ({ type whole_ = (type)(x); if (!__builtin_constant_p(whole_)) __asm__("" : "+r"(whole_)); whole_; })
#endif

// What an empty instruction may have changed in a register, the compiler neither sees through nor fuses with anything.
#if defined(__SSE2__)
#define DGEN_REGISTER "+v"
#elif defined(__aarch64__)
#define DGEN_REGISTER "+w"
#endif

// Bytes of the part of a vector that the machine holds in one register.
#if defined(__AVX512F__)
#define DGEN_PART(bytes) ((bytes) < 64 ? (bytes) : 64)
#elif defined(__AVX2__)
#define DGEN_PART(bytes) ((bytes) < 32 ? (bytes) : 32)
#else
#define DGEN_PART(bytes) 16
#endif
#define DGEN_EACH_PART(k, vector) _Pragma("GCC unroll 8") for (int k = 0; k < (int)(sizeof(vector) / sizeof(vector.part[0])); ++k)
)";

constexpr Scalars only(Scalar s) { return set_of(s); }

constexpr Spelling spellings[] = {
    {.code = Code::select, .width = Width::octet, .text = "($type)(($0 & ($from)$1) | (~$0 & ($from)$2))"},
    {.code = Code::broadcast, .width = Width::octet, .text = "splat_$r($0)"},
    {.code = Code::load, .width = Width::octet, .text = "load_$r($0 + $1)"},
    {.code = Code::shift_down, .to = only(Scalar::f32), .text = "down_$r($0, $1)"},
    {.code = Code::first, .text = "$0[0]"},
    {.code = Code::bitcast, .width = Width::octet, .text = "($type)$0"},
    {.code = Code::add, .to = floats | unsigned_integers, .text = "$0 + $1"},
    {.code = Code::sub, .to = floats | unsigned_integers, .text = "$0 - $1"},
    {.code = Code::mul, .to = floats | unsigned_integers, .text = "$0 * $1"},
    {.code = Code::div, .to = floats, .text = "$0 / $1"},
    {.code = Code::neg, .to = floats | unsigned_integers, .text = "-$0"},
    // signed overflow is undefined in C, and wraps here
    {.code = Code::add, .text = "($type)(($unsigned)$0 + ($unsigned)$1)"},
    {.code = Code::sub, .text = "($type)(($unsigned)$0 - ($unsigned)$1)"},
    {.code = Code::mul, .text = "($type)(($unsigned)$0 * ($unsigned)$1)"},
    {.code = Code::neg, .text = "($type)(-($unsigned)$0)"},
    {.code = Code::bit_and, .text = "$0 & $1"},
    {.code = Code::bit_or, .text = "$0 | $1"},
    {.code = Code::bit_xor, .text = "$0 ^ $1"},
    {.code = Code::bit_not, .width = Width::scalar, .to = masks, .text = "!$0"},
    {.code = Code::bit_not, .text = "~$0"},
    {.code = Code::shl, .to = unsigned_integers, .text = "$0 << $n"},
    {.code = Code::shl, .text = "($type)(($unsigned)$0 << $n)"},
    {.code = Code::shr, .text = "$0 >> $n"},
    {.code = Code::lt, .width = Width::scalar, .text = "$0 < $1"},
    {.code = Code::le, .width = Width::scalar, .text = "$0 <= $1"},
    {.code = Code::eq, .width = Width::scalar, .text = "$0 == $1"},
    {.code = Code::ne, .width = Width::scalar, .text = "$0 != $1"},
    {.code = Code::lt, .text = "lt_$a($0, $1)"},
    {.code = Code::le, .text = "le_$a($0, $1)"},
    {.code = Code::eq, .text = "eq_$a($0, $1)"},
    {.code = Code::ne, .text = "ne_$a($0, $1)"},
    {.code = Code::select, .width = Width::scalar, .text = "$0 ? $1 : $2"},
    {.code = Code::select, .text = "select_$r($0, $1, $2)"},
    {.code = Code::abs, .width = Width::scalar, .to = only(Scalar::f32), .text = "__builtin_fabsf($0)"},
    {.code = Code::abs, .width = Width::scalar, .text = "__builtin_fabs($0)"},
    {.code = Code::abs, .text = "abs_$r($0)"},
    {.code = Code::sqrt, .width = Width::scalar, .to = only(Scalar::f32), .text = "__builtin_sqrtf($0)"},
    {.code = Code::sqrt, .width = Width::scalar, .text = "__builtin_sqrt($0)"},
    {.code = Code::sqrt, .text = "sqrt_$r($0)"},
    {.code = Code::floor, .text = "floor_$r($0)"},
    {.code = Code::rounded, .text = "rounded_$r($0)"},
    {.code = Code::min, .text = "min_$r($0, $1)"},
    {.code = Code::max, .text = "max_$r($0, $1)"},
    {.code = Code::convert, .width = Width::scalar, .to = masks, .text = "$0"},
    {.code = Code::convert, .width = Width::scalar, .to = integers, .from = floats, .text = "DGEN_TRUNCATE($type, $0)"},
    {.code = Code::convert, .width = Width::scalar, .text = "($type)$0"},
    {.code = Code::convert, .to = integers, .from = floats, .text = "keep_$r(__builtin_convertvector($0, $type))"},
    {.code = Code::convert, .text = "__builtin_convertvector($0, $type)"},
    {.code = Code::bitcast, .width = Width::wide, .text = "($type)$0"},
    {.code = Code::bitcast, .to = masks, .from = masks, .text = "$0"},
    {.code = Code::bitcast, .to = masks, .from = integers, .text = "$0 != 0"},
    {.code = Code::bitcast, .to = integers, .from = integers, .text = "($type)$0"},
    {.code = Code::bitcast, .to = integers, .from = masks, .text = "($type)-($type)$0"},
    {.code = Code::bitcast, .text = "((union { $from from; $type to; }){$0}).to"},
    {.code = Code::broadcast, .to = only(Scalar::m32), .text = "splat_vi(-$0)"},
    {.code = Code::broadcast, .to = only(Scalar::m64), .text = "splat_vl(-(int64_t)$0)"},
    {.code = Code::broadcast, .text = "splat_$r($0)"},
    {.code = Code::lane, .text = "(vi){$each{#}}"},
    {.code = Code::lanes, .text = "$lanes"},
    {.code = Code::shift_up, .text = "shift_up_$r($0, $1, $n)"},
    {.code = Code::last, .text = "__builtin_shufflevector($0, $0, $each{$lanes - 1})"},
    {.code = Code::interleave_low, .text = "__builtin_shufflevector($0, $1, $each{(# % 2 == 0 ? # / 2 : $lanes + # / 2)})"},
    {.code = Code::interleave_high,
     .text = "__builtin_shufflevector($0, $1, $each{$lanes / 2 + (# % 2 == 0 ? # / 2 : $lanes + # / 2)})"},
    {.code = Code::even_lanes, .text = "__builtin_shufflevector($0, $1, $each{2 * #})"},
    {.code = Code::odd_lanes, .text = "__builtin_shufflevector($0, $1, $each{2 * # + 1})"},
    {.code = Code::permute, .text = "__builtin_shufflevector($0, $1, $pattern)"},
    {.code = Code::load, .width = Width::scalar, .to = masks, .text = "$0[$1] != 0"},
    {.code = Code::load, .width = Width::scalar, .text = "$0[$1]"},
    {.code = Code::load, .text = "load_$r($0 + $1)"},
    {.code = Code::load_back, .text = "reverse_$r(load_$r($0 + $1 - ($lanes - 1)))"},
    {.code = Code::load_once, .text = "load_once_$r($0 + $1)"},
    {.code = Code::gather, .text = "gather_$r($0, $1)"},
};

constexpr Spelling stores[] = {
    {.code = Code::load, .width = Width::scalar, .to = masks, .text = "$0[$1] = -$2;"},
    {.code = Code::load, .width = Width::scalar, .text = "$0[$1] = $2;"},
    {.code = Code::load, .width = Width::wide, .text = "store_$r($0 + $1, $2);"},
    {.code = Code::load, .width = Width::octet, .text = "store_$r($0 + $1, $2);"},
};

constexpr std::string_view comparison = R"(DGEN_INLINE $mask $name_$t($type a, $type b) {
#if defined(__clang__)
  return ($mask)(a $op b);
#else
  const parts_$t x = {a}, y = {b};
  parts_$mask r;
  DGEN_EACH_PART(k, r) r.part[k] = (part_$mask)(x.part[k] $op y.part[k]);
  return r.whole;
#endif
}
)";

// x86's minimum and maximum give the second operand where neither is less, so they are asked about (b, a).
constexpr std::string_view extreme = R"(#if defined(__clang__) || !defined(__SSE2__)
DGEN_INLINE $type $name_$t($type a, $type b) { return select_$t(lt_$t($op), b, a); }
#else
#if DGEN_PART($bytes * $lanes) == 64
#define dgen_$name_$t(x, y) __builtin_ia32_$name$packed512_mask(x, y, x, $everyu, 4)
#elif DGEN_PART($bytes * $lanes) == 32
#define dgen_$name_$t(x, y) __builtin_ia32_$name$packed256(x, y)
#else
#define dgen_$name_$t(x, y) __builtin_ia32_$name$packed(x, y)
#endif
DGEN_INLINE $type $name_$t($type a, $type b) {
  const parts_$t x = {b}, y = {a};
  parts_$t r;
  DGEN_EACH_PART(k, r) r.part[k] = dgen_$name_$t(x.part[k], y.part[k]);
  return r.whole;
}
#endif
)";

constexpr Helper helpers[] = {
    {.name = "splat", .width = Width::wide, .text = "DGEN_INLINE $type splat_$t($element x) { return ($type){$each{x}}; }\n"},
    {.name = "any", .width = Width::wide, .text = "typedef $type any_$t __attribute__((aligned($bytes), may_alias));\n"},
    {.name = "load",
     .width = Width::wide,
     .text = "DGEN_INLINE $type load_$t(const void* from) { return *(const any_$t*)from; }\n"},
    {.width = Width::octet, .text = "typedef $element $type __attribute__((vector_size(8 * $bytes)));\n"},
    {.name = "splat",
     .width = Width::octet,
     .text = "DGEN_INLINE $type splat_$t($element x) { return ($type){x, x, x, x, x, x, x, x}; }\n"},
    {.name = "load",
     .width = Width::octet,
     .text =
         "DGEN_INLINE $type load_$t(const void* from) {\n  $type x;\n  __builtin_memcpy(&x, from, sizeof x);\n  return x;\n}\n"},
    {.name = "store",
     .width = Width::octet,
     .text = "DGEN_INLINE void store_$t(void* to, $type x) { __builtin_memcpy(to, &x, sizeof x); }\n"},
    // gcc shuffles octets by a vector of places, which takes longer.
    {.name = "down", .width = Width::octet, .scalars = only(Scalar::f32), .text = R"(DGEN_INLINE $type down_$t($type a, $type b) {
#if defined(__AVX512VL__) && !defined(__clang__)
  return ($type)__builtin_ia32_alignd256_mask((octet_i32)b, (octet_i32)a, 1, (octet_i32)a, (char)-1);
#else
  return __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8);
#endif
}
)"},
    // gcc takes a plain load into every instruction that uses it; across cache lines each costs twice.
    {.name = "load_once",
     .width = Width::wide,
     .text = "DGEN_INLINE $type load_once_$t(const void* from) { return *(const volatile any_$t*)from; }\n"},
    {.name = "store", .width = Width::wide, .text = "DGEN_INLINE void store_$t(void* to, $type x) { *(any_$t*)to = x; }\n"},
    // Elements near each other, as a delay whose time moves slowly reads them, come in two loads: from that of the first lane on,
    // and up to that of the last.
    {.name = "gather", .width = Width::wide, .text = R"(DGEN_INLINE $type gather_$t(const $element* from, vi at) {
#if defined(__AVX512F__) && !defined(__clang__) && $bytes * $lanes == 64 && $bytes == 4
  const int32_t first = at[0];
  const uint32_t span = (uint32_t)at[$lanes - 1] - (uint32_t)first;
  const vi ahead = at - first;
  if (span < 2 * $lanes && __builtin_ia32_ucmpd512_mask(ahead, (vi){0} + (int32_t)span, 2, (uint16_t)-1) == (uint16_t)-1) {
    const int32_t skipped = span < $lanes ? 0 : (int32_t)span - ($lanes - 1);
    const $type low = load_$t(from + first), high = load_$t(from + first + skipped);
    const vi in_high = ahead + ($lanes - skipped), is_high = ahead >= $lanes, place = (ahead & ~is_high) | (in_high & is_high);
    return ($type)__builtin_ia32_vpermt2vard512_mask(place, (vi)low, (vi)high, (uint16_t)-1);
  }
#endif
  return ($type){$each{from[at[#]]}};
}
)"},
    // Elements of 4 bytes that fill a register: gcc takes a permutation by indices for it, which overwrites an operand.
    {.name = "shift_up",
     .width = Width::wide,
     .text = R"(#if defined(__AVX512F__) && !defined(__clang__) && $bytes * $lanes == 64 && $bytes == 4
#define shift_up_$t(a, b, n) (($type)__builtin_ia32_alignd512_mask((vi)(a), (vi)(b), 16 - (n), (vi)(a), (uint16_t)-1))
#else
#define shift_up_$t(a, b, n) \
  __builtin_shufflevector(a, b, $each{(# >= (n) ? # - (n) : $lanes + ((n) < $lanes ? $lanes - (n) : 0) + #)})
#endif
)"},
    {.name = "select",
     .width = Width::wide,
     .text = "DGEN_INLINE $type select_$t($mask m, $type a, $type b) {\n"
             "  return ($type)((m & ($mask)a) | (~m & ($mask)b));\n}\n"},
    {.name = "parts",
     .width = Width::wide,
     .text = "typedef $element part_$t __attribute__((vector_size(DGEN_PART($bytes * $lanes))));\n"
             "typedef union {\n  $type whole;\n  part_$t part[$bytes * $lanes / DGEN_PART($bytes * $lanes)];\n} parts_$t;\n"},
    // The parts in reverse order, the elements of each in reverse order; gcc's shuffle takes places modulo their number.
    {.name = "reverse", .width = Width::wide, .text = R"(DGEN_INLINE $type reverse_$t($type x) {
#if defined(__clang__)
  return __builtin_shufflevector(x, x, $each{$lanes - 1 - #});
#else
  const parts_$t from = {x};
  const parts_$signed order = {($signed){$each{$lanes - 1 - #}}};
  parts_$t r;
  const int last = (int)(sizeof(r) / sizeof(r.part[0])) - 1;
  DGEN_EACH_PART(k, r) r.part[k] = __builtin_shuffle(from.part[last - k], order.part[k]);
  return r.whole;
#endif
}
)"},
    {.name = "keep", .width = Width::wide, .scalars = integers, .text = R"(DGEN_INLINE $type keep_$t($type x) {
#if defined(DGEN_REGISTER) && !defined(__clang__)
  parts_$t r = {x};
  DGEN_EACH_PART(k, r) __asm__("" : DGEN_REGISTER(r.part[k]));
  return r.whole;
#else
  return x;
#endif
}
)"},
    {.name = "rounded", .width = Width::scalar, .scalars = floats, .text = R"(DGEN_INLINE $type rounded_$t($type x) {
#if defined(DGEN_REGISTER)
  __asm__("" : DGEN_REGISTER(x));
  return x;
#else
  volatile $type r = x;
  return r;
#endif
}
)"},
    {.name = "rounded", .width = Width::wide, .scalars = floats, .text = R"(DGEN_INLINE $type rounded_$t($type x) {
#if defined(DGEN_REGISTER)
  parts_$t r = {x};
  DGEN_EACH_PART(k, r) __asm__("" : DGEN_REGISTER(r.part[k]));
  return r.whole;
#else
  volatile $type r = x;
  return r;
#endif
}
)"},
    {.name = "lt", .width = Width::wide, .text = comparison, .op = "<"},
    {.name = "le", .width = Width::wide, .text = comparison, .op = "<="},
    {.name = "eq", .width = Width::wide, .text = comparison, .op = "=="},
    {.name = "ne", .width = Width::wide, .text = comparison, .op = "!="},
    {.name = "abs",
     .width = Width::wide,
     .scalars = floats,
     .text = "DGEN_INLINE $type abs_$t($type x) { return ($type)(($unsigned)x & ~splat_$unsigned($sign)); }\n"},
    {.name = "sqrt", .width = Width::wide, .scalars = floats, .text = R"(#if defined(__clang__) || !defined(__SSE2__)
DGEN_INLINE $type sqrt_$t($type x) {
  return ($type){$each{__builtin_sqrt$f(x[#])}};
}
#else
#if DGEN_PART($bytes * $lanes) == 64
#define dgen_sqrt_$t(x) __builtin_ia32_sqrt$packed512_mask(x, x, $every, 4)
#elif DGEN_PART($bytes * $lanes) == 32
#define dgen_sqrt_$t(x) __builtin_ia32_sqrt$packed256(x)
#else
#define dgen_sqrt_$t(x) __builtin_ia32_sqrt$packed(x)
#endif
DGEN_INLINE $type sqrt_$t($type x) {
  parts_$t r = {x};
  DGEN_EACH_PART(k, r) r.part[k] = dgen_sqrt_$t(r.part[k]);
  return r.whole;
}
#endif
)"},
    {.name = "min",
     .width = Width::scalar,
     .scalars = floats,
     .text = "DGEN_INLINE $type min_$t($type a, $type b) { return b < a ? b : a; }\n"},
    {.name = "max",
     .width = Width::scalar,
     .scalars = floats,
     .text = "DGEN_INLINE $type max_$t($type a, $type b) { return a < b ? b : a; }\n"},
    {.name = "min", .width = Width::wide, .scalars = floats, .text = extreme, .op = "b, a"},
    {.name = "max", .width = Width::wide, .scalars = floats, .text = extreme, .op = "a, b"},
    // Without an instruction for it: adding and subtracting 2^23 (2^52) rounds to an integer, then 1 is taken off where
    // that went up; larger numbers, infinities and NaN are their own floor.
    {.name = "floor", .width = Width::scalar, .scalars = floats, .text = R"(DGEN_INLINE $type floor_$t($type x) {
#if defined(__SSE4_1__) || defined(__aarch64__)
  return __builtin_floor$f(x);
#else
  const $type size = __builtin_fabs$f(x);
  const $type nearest = __builtin_copysign$f((size + $exact) - $exact, x);
  return size < $exact ? nearest - (x < nearest ? ($type)1 : ($type)0) : x;
#endif
}
)"},
    {.name = "floor", .width = Width::wide, .scalars = floats, .text = R"(DGEN_INLINE $type floor_$t($type x) {
#if defined(__SSE4_1__) && !defined(__clang__)
#if DGEN_PART($bytes * $lanes) == 64
#define dgen_floor_$t(x) __builtin_ia32_rndscale$packed_mask(x, 9, x, $every, 4)
#elif DGEN_PART($bytes * $lanes) == 32
#define dgen_floor_$t(x) __builtin_ia32_round$packed256(x, 9)
#else
#define dgen_floor_$t(x) __builtin_ia32_round$packed(x, 9)
#endif
  parts_$t r = {x};
  DGEN_EACH_PART(k, r) r.part[k] = dgen_floor_$t(r.part[k]);
  return r.whole;
#elif defined(__SSE4_1__) || defined(__aarch64__)
  return ($type){$each{__builtin_floor$f(x[#])}};
#else
  const $type exact = splat_$t($exact);
  const $unsigned sign = splat_$unsigned($sign);
  const $type size = ($type)(($unsigned)x & ~sign);
  const $type nearest = ($type)(($unsigned)((size + exact) - exact) | (($unsigned)x & sign));
  const $type down = nearest - ($type)(lt_$t(x, nearest) & ($mask)splat_$t(1));
  return select_$t(lt_$t(size, exact), down, x);
#endif
}
)"},
};

}  // namespace

const Dialect& c_dialect() {
  static constexpr Dialect dialect{
      .name = "c",
      .prologue = prologue,
      .types = {{
          {.scalar = "float", .wide = "vf", .memory = "float", .code = "f32", .octet = "octet_f32"},
          {.scalar = "double", .wide = "vd", .memory = "double", .code = "f64", .octet = "octet_f64"},
          {.scalar = "int32_t", .wide = "vi", .memory = "int32_t", .code = "i32", .octet = "octet_i32"},
          {.scalar = "uint32_t", .wide = "vu", .memory = "uint32_t", .code = "u32", .octet = "octet_u32"},
          {.scalar = "int64_t", .wide = "vl", .memory = "int64_t", .code = "i64", .octet = "octet_i64"},
          {.scalar = "uint64_t", .wide = "vul", .memory = "uint64_t", .code = "u64", .octet = "octet_u64"},
          {.scalar = "int", .wide = "vi", .memory = "int32_t", .code = "m32", .octet = "octet_m32"},
          {.scalar = "int", .wide = "vl", .memory = "int64_t", .code = "m64", .octet = "octet_m64"},
      }},
      .function = "static inline ",
      .kernel = "static __attribute__((noinline)) void ",
      .constant = "static const ",
      .spellings = spellings,
      .stores = stores,
      .store_back = "store_$r($0 + $1 - ($lanes - 1), reverse_$r($2));",
      .helpers = helpers,
  };
  return dialect;
}

}  // namespace dgen::render
