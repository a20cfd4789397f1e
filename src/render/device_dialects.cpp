// OpenCL C 1.2, CUDA C++ and Metal, in scalars: a work item computes one element. A mask is an int, 0 or 1.

#include <algorithm>

#include "render/device_dialect.h"
#include "render/metal_double.h"

namespace dgen::render {

namespace {

using ir::Code;
using ir::Scalar;

constexpr Scalars f32 = set_of(Scalar::f32);

constexpr Spelling spellings[] = {
    {.code = Code::add, .to = floats | unsigned_integers, .text = "$0 + $1"},
    {.code = Code::sub, .to = floats | unsigned_integers, .text = "$0 - $1"},
    {.code = Code::mul, .to = floats | unsigned_integers, .text = "$0 * $1"},
    {.code = Code::div, .to = floats, .text = "$0 / $1"},
    {.code = Code::neg, .to = floats | unsigned_integers, .text = "-$0"},
    // signed overflow is undefined, and wraps here
    {.code = Code::add, .text = "($type)(($unsigned)$0 + ($unsigned)$1)"},
    {.code = Code::sub, .text = "($type)(($unsigned)$0 - ($unsigned)$1)"},
    {.code = Code::mul, .text = "($type)(($unsigned)$0 * ($unsigned)$1)"},
    {.code = Code::neg, .text = "($type)(-($unsigned)$0)"},
    {.code = Code::bit_and, .text = "$0 & $1"},
    {.code = Code::bit_or, .text = "$0 | $1"},
    {.code = Code::bit_xor, .text = "$0 ^ $1"},
    {.code = Code::bit_not, .to = masks, .text = "!$0"},
    {.code = Code::bit_not, .text = "~$0"},
    {.code = Code::shl, .to = unsigned_integers, .text = "$0 << $n"},
    {.code = Code::shl, .text = "($type)(($unsigned)$0 << $n)"},
    {.code = Code::shr, .text = "$0 >> $n"},
    {.code = Code::lt, .text = "$0 < $1"},
    {.code = Code::le, .text = "$0 <= $1"},
    {.code = Code::eq, .text = "$0 == $1"},
    {.code = Code::ne, .text = "$0 != $1"},
    {.code = Code::select, .text = "$0 ? $1 : $2"},
    {.code = Code::abs, .text = "fabs($0)"},
    {.code = Code::sqrt, .text = "sqrt($0)"},
    {.code = Code::floor, .text = "floor($0)"},
    {.code = Code::min, .text = "least_$r($0, $1)"},
    {.code = Code::max, .text = "most_$r($0, $1)"},
    {.code = Code::convert, .to = masks, .text = "$0"},
    {.code = Code::convert, .text = "($type)$0"},
    {.code = Code::bitcast, .to = masks, .from = masks, .text = "$0"},
    {.code = Code::bitcast, .to = masks, .from = integers, .text = "$0 != 0"},
    {.code = Code::bitcast, .to = integers, .from = integers, .text = "($type)$0"},
    {.code = Code::bitcast, .to = integers, .from = masks, .text = "($type)-($type)$0"},
    {.code = Code::bitcast, .text = "as_$type($0)"},
    {.code = Code::broadcast, .text = "$0"},
    {.code = Code::rounded, .text = "$0"},  // every frame runs the same code: there is no tail to agree with
    {.code = Code::load, .to = masks, .text = "$0[$1] != 0"},
    {.code = Code::load, .text = "$0[$1]"},
};

constexpr Spelling stores[] = {
    {.code = Code::load, .to = masks, .text = "$0[$1] = -$2;"},
    {.code = Code::load, .text = "$0[$1] = $2;"},
};

constexpr Helper helpers[] = {
    {.name = "least",
     .width = Width::scalar,
     .scalars = floats,
     .text = "DGEN_FUNCTION $type least_$t($type a, $type b) { return b < a ? b : a; }\n"},
    {.name = "most",
     .width = Width::scalar,
     .scalars = floats,
     .text = "DGEN_FUNCTION $type most_$t($type a, $type b) { return a < b ? b : a; }\n"},
};

constexpr std::array<TypeNames, 8> types{{
    {.scalar = "float", .wide = "", .memory = "float", .code = "f32"},
    {.scalar = "double", .wide = "", .memory = "double", .code = "f64"},
    {.scalar = "int", .wide = "", .memory = "int", .code = "i32"},
    {.scalar = "uint", .wide = "", .memory = "uint", .code = "u32"},
    {.scalar = "long", .wide = "", .memory = "long", .code = "i64"},
    {.scalar = "ulong", .wide = "", .memory = "ulong", .code = "u64"},
    {.scalar = "int", .wide = "", .memory = "int", .code = "m32"},
    {.scalar = "int", .wide = "", .memory = "long", .code = "m64"},
}};

// In memory doubles are what they are elsewhere.
constexpr Spelling metal_spellings[] = {{.code = Code::load, .to = set_of(Scalar::f64), .text = "as_Double($0[$1])"}};
constexpr Spelling metal_stores[] = {{.code = Code::load, .to = set_of(Scalar::f64), .text = "$0[$1] = as_ulong($2);"}};

template <std::size_t N, std::size_t M>
constexpr std::array<Spelling, N + M> joined(const Spelling (&first)[N], const Spelling (&then)[M]) {
  std::array<Spelling, N + M> all{};
  std::copy_n(then, M, std::copy_n(first, N, all.begin()));
  return all;
}
constexpr auto all_metal_spellings = joined(metal_spellings, spellings);
constexpr auto all_metal_stores = joined(metal_stores, stores);

constexpr std::array<TypeNames, 8> metal_types = [] {
  std::array<TypeNames, 8> made = types;
  made[static_cast<std::size_t>(Scalar::f64)] = {.scalar = "Double", .wide = "", .memory = "ulong", .code = "f64"};
  return made;
}();

constexpr Dialect language(std::string_view name, std::string_view prologue, std::string_view kernel, std::string_view barrier) {
  return {.name = name,
          .prologue = prologue,
          .types = types,
          .function = "DGEN_FUNCTION ",
          .kernel = kernel,
          .constant = "",
          .spellings = spellings,
          .stores = stores,
          .store_back = "",
          .helpers = helpers,
          .barrier = barrier};
}

constexpr std::string_view opencl_prologue = R"(#if defined(cl_khr_fp64)
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#define DGEN_FUNCTION static inline
#define INT64_C(x) (x##L)
#define UINT64_C(x) (x##UL)
#define __builtin_inff() as_float(0x7f800000)
#define __builtin_inf() as_double(0x7ff0000000000000L)
#define __builtin_nanf(x) as_float(0x7fc00000)
#define __builtin_nan(x) as_double(0x7ff8000000000000L)
typedef int int32_t;
)";

// NVRTC includes no headers; long is 64 bits on the systems it runs on but Windows.
constexpr std::string_view cuda_prologue = R"(#define DGEN_FUNCTION static __device__ __forceinline__
#define INT64_C(x) (x##LL)
#define UINT64_C(x) (x##ULL)
#define long long long
typedef unsigned char uchar;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef int int32_t;
#define as_float(x) __int_as_float((int)(x))
#define as_int(x) __float_as_int(x)
#define as_uint(x) ((uint)__float_as_int(x))
#define as_double(x) __longlong_as_double((long)(x))
#define as_long(x) __double_as_longlong(x)
#define as_ulong(x) ((ulong)__double_as_longlong(x))
#define __builtin_inff() __int_as_float(0x7f800000)
#define __builtin_inf() __longlong_as_double(0x7ff0000000000000LL)
#define __builtin_nanf(x) __int_as_float(0x7fc00000)
#define __builtin_nan(x) __longlong_as_double(0x7ff8000000000000LL)
)";

constexpr std::string_view metal_prologue = R"(#include <metal_stdlib>
using namespace metal;
#define DGEN_FUNCTION static inline
#define INT64_C(x) (x##L)
#define UINT64_C(x) (x##UL)
#define __builtin_inff() INFINITY
#define __builtin_nanf(x) NAN
#define as_float(x) as_type<float>(x)
#define as_int(x) as_type<int>(x)
#define as_uint(x) as_type<uint>(x)
struct Arguments {
  long position;
  int frames;
  int items;
};
)";

constexpr Dialect metal_language() {
  Dialect made = language("metal", metal_prologue, "kernel void ", "threadgroup_barrier(mem_flags::mem_threadgroup);");
  made.types = metal_types;
  made.spellings = all_metal_spellings;
  made.stores = all_metal_stores;
  made.double_constant = "as_Double(";
  return made;
}

}  // namespace

const DeviceDialect& opencl_dialect() {
  static constexpr DeviceDialect dialect{
      .language = language("opencl", opencl_prologue, "__kernel void ", "barrier(CLK_LOCAL_MEM_FENCE);"),
      .parameters = "__global uchar* memory, int frames, long position, int items",
      .head = "  const int item = (int)get_global_id(0), row = (int)get_global_id(1);\n  if (item >= items) return;\n",
      .group_kernel = "__kernel __attribute__((reqd_work_group_size($size, 1, 1))) void ",
      .group_head =
          "  const int item = (int)get_global_id(0), row = (int)get_global_id(1);\n"
          "  const int thread = (int)get_local_id(0), group = (int)get_group_id(0);\n",
      .group_memory = "__local ",
      .pointer = "__global "};
  return dialect;
}

const DeviceDialect& cuda_dialect() {
  static constexpr DeviceDialect dialect{
      .language = language("cuda", cuda_prologue, "extern \"C\" __global__ void ", "__syncthreads();"),
      .parameters = "uchar* memory, int frames, long position, int items",
      .head =
          "  const int item = (int)(blockIdx.x * blockDim.x + threadIdx.x), row = (int)blockIdx.y;\n"
          "  if (item >= items) return;\n",
      .group_kernel = "extern \"C\" __global__ void __launch_bounds__($size) ",
      .group_head =
          "  const int item = (int)(blockIdx.x * blockDim.x + threadIdx.x), row = (int)blockIdx.y;\n"
          "  const int thread = (int)threadIdx.x, group = (int)blockIdx.x;\n",
      .group_memory = "__shared__ ",
      .pointer = ""};
  return dialect;
}

// How many work items a group may have is asked of each kernel once it is built.
const DeviceDialect& metal_dialect() {
  static const DeviceDialect dialect{
      .language = metal_language(),
      .parameters =
          "device uchar* memory [[buffer(0)]], constant Arguments& arguments [[buffer(1)]],\n"
          "    uint2 place [[thread_position_in_grid]], uint2 inside [[thread_position_in_threadgroup]],\n"
          "    uint2 around [[threadgroup_position_in_grid]]",
      .head =
          "  const int item = (int)place.x, row = (int)place.y, frames = arguments.frames;\n"
          "  const long position = arguments.position;\n"
          "  if (item >= arguments.items) return;\n",
      .group_kernel = "kernel void ",
      .group_head =
          "  const int item = (int)place.x, row = (int)place.y, frames = arguments.frames;\n"
          "  const int thread = (int)inside.x, group = (int)around.x;\n"
          "  const long position = arguments.position;\n",
      .group_memory = "threadgroup ",
      .pointer = "device ",
      .own_double = metal_double()};
  return dialect;
}

}  // namespace dgen::render
