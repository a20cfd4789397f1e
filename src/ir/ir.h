#pragma once
// The loop IR: what a kernel does, in typed expressions and structured statements. Renderers turn it into text.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace dgen::ir {

/// Element types. m32 and m64 are masks: what comparing elements of 32 and 64 bits gives.
enum class Scalar : std::uint8_t { f32, f64, i32, u32, i64, u64, m32, m64 };

/// A scalar, or (wide) one element per lane of the target's vectors, or (octet, not wide) eight elements on every target.
struct Type {
  Scalar scalar = Scalar::f32;
  bool wide = false;
  bool octet = false;
  bool operator==(const Type&) const = default;
};

// clang-format off
enum class Code : std::uint8_t {
  constant,   ///< number (floats) or integer (the others), in every lane
  argument,   ///< of the function, number `integer`
  index,      ///< the variable of the enclosing For
  get,        ///< the local variable `ref` as it stands here
  add, sub, mul, div, neg,          // floats; add, sub, mul, neg also integers (wrap around)
  bit_and, bit_or, bit_xor, bit_not,  // integers and masks
  shl, shr,                         // integers by `integer` bits; shr is arithmetic on signed types
  lt, le, eq, ne,                   // -> mask; a comparison with NaN is false (ne: true)
  select,     ///< mask ? a : b
  abs, sqrt, floor,                 // floats
  rounded,    ///< a, floats: what makes it is rounded here, in every copy of the code, not fused with what takes it
  min, max,   ///< min(a, b) = b < a ? b : a; max(a, b) = a < b ? b : a
  convert,    ///< to `type`: int <-> float truncates toward zero and needs |x| in range; f32 <-> f64; m32 <-> m64
  bitcast,    ///< same width
  broadcast,  ///< scalar -> wide or octet
  lane,       ///< wide i32: 0, 1, 2, …
  lanes,      ///< i32: how many lanes a wide value has
  shift_up,   ///< wide: lane i gets lane i - `integer` of a, lanes below that get the last ones of b, of the vector before
  last,       ///< the last lane of a, in every lane
  shift_down, ///< octet: element i gets element i + 1 of a, the last the first of b
  first,      ///< octet -> its first element
  interleave_low, interleave_high,  ///< wide: a0, b0, a1, b1, … of the first halves of a and b, of the second halves
  even_lanes, odd_lanes,            ///< wide: the even lanes of a, then those of b; the odd ones
  permute,    ///< wide: lane i gets lane `pattern[i]` of a, or from the number of lanes on of b. In modules of fixed `lanes`
  load,       ///< element `args[0]` of buffer `ref`; wide, octet: consecutive elements from there
  load_back,  ///< wide: elements `args[0]`, `args[0]` - 1, … of buffer `ref`
  load_once,  ///< wide: like load; what takes it several times shall find it in a register
  gather,     ///< elements `args[0]` (wide i32) of buffer `ref`
  call,       ///< function `ref` of the module
};
// clang-format on

struct Instr {
  Code code = Code::constant;
  Type type{};
  std::array<int, 4> args{-1, -1, -1, -1};  ///< values of the same function
  int ref = -1;
  double number = 0;
  std::int64_t integer = 0;
  std::array<std::int8_t, 16> pattern{};  ///< of permute
};

/// A statement. `let` computes `value`; `barrier`: what the work items of a group stored in its memory is there for all of them,
/// once all have come here; the others read as their names say.
struct Stmt {
  enum class Form : std::uint8_t { let, store, set, loop, branch, barrier, comment };
  Form form = Form::let;
  int value = -1;            ///< let, store, set: the value; loop: its index; branch: the condition (scalar mask)
  int ref = -1;              ///< store: buffer; set: variable
  int at = -1;               ///< store: index of the (first) element
  bool back = false;         ///< store of a wide value: elements `at`, `at` - 1, …
  int begin = -1, end = -1;  ///< loop: bounds, i32 scalars
  bool by_lanes = false;     ///< loop: steps by the number of lanes, else by 1
  bool likely = false;       ///< branch: `body` nearly always, which the compiler lays out so
  bool rare = false;         ///< branch: `body` hardly ever
  std::vector<Stmt> body{};
  std::vector<Stmt> otherwise{};
  std::string text{};  ///< comment
};

/// A mutable local of a function.
struct Variable {
  std::string name;
  Type type{};
};

/// When the launch list runs a kernel.
enum class When : std::uint8_t {
  change,  ///< at the start of a call in which a parameter's bits or the sample rate differ from the last run
  start,   ///< once after reset, after the `change` kernels and before the first frame; the state arena is zeroed
  ahead,   ///< for every sub-block, where these run in parts: over all of it, before the parts
  block,   ///< for every sub-block, or every part of one
};

/// A function that kernels call (`result` >= 0), or a kernel. A kernel takes two scalar arguments: i32, the frames of
/// this sub-block (1 … Module::sub_block; 0 outside `block` kernels), and i64, the frames since reset at its start (`Run`).
/// One of a device takes two more (i32), the numbers of its work item and row; one whose work items share the memory of their
/// group another two: the numbers of the work item in its group, and of the group in its row.
/// A loop by lanes over [0, frames) runs whole vectors: every buffer it touches is padded to a whole vector.
struct Function {
  std::string name;
  std::vector<Type> arguments{};
  std::vector<Instr> values{};
  std::vector<Variable> variables{};
  std::vector<Stmt> body{};
  int result = -1;          ///< -1: a kernel, which returns nothing
  When when = When::block;  ///< of a kernel
  /// Of a `change` kernel: bit k, that it runs where element k of the parameters changed (63: any from there on). Where the
  /// sample rate changed, and at the start, all run.
  std::uint64_t changes = ~std::uint64_t{0};
  int group = 0;      ///< of a kernel: work items of a group that share its memory and meet at barriers; 0: they do not meet
  std::string why{};  ///< of a kernel: how it runs and why, for the reader of the source
};

/// Elements of an octet: two registers of the smallest vectors, or half of one of the largest.
inline constexpr int octet_elements = 8;

/// Which memory a buffer lies in.
enum class Space : std::uint8_t {
  state,     ///< survives calls: cells, rings, tables, control values
  scratch,   ///< one sub-block
  constant,  ///< read-only contents, in the text
  params,    ///< the host's parameter values, f32, one buffer of `size` elements
  clock,     ///< one f64: the sample rate in Hz
  input,     ///< host channel `channel` of the sub-block
  output,    ///< host channel `channel` of the sub-block
  group,     ///< of one group of work items of one kernel, as long as it runs
};

/// What a group of work items may be on a device. No items: its groups have no fast memory of their own.
struct GroupLimits {
  int items = 0;
  std::int64_t bytes = 0;  ///< of its memory
};

/// What every GPU of the last ten years gives.
inline constexpr GroupLimits usual_group{.items = 256, .bytes = 32 << 10};

struct Buffer {
  std::string name;
  Space space = Space::state;
  Scalar scalar = Scalar::f32;
  std::int64_t size = 1;           ///< elements
  int channel = -1;                ///< of input and output
  std::int32_t hop = 0;            ///< of input and output: frames between its rows; 0: an element a frame
  std::int64_t stride = 1;         ///< elements from a row to the next
  bool direct = true;              ///< of an output: written after the last read of any input, so it may be host memory
  std::int64_t offset = -1;        ///< bytes in its arena, from plan_memory; scratch buffers may share bytes
  std::vector<double> contents{};  ///< of constant
};

/// How calls of a program follow each other in time.
enum class Run : std::uint8_t {
  stream,    ///< a call continues the last one; an output's memory may be an input's
  forward,   ///< over segments, from the first frame to the last; no memory of the host overlaps
  backward,  ///< over segments, from the last frame to the first: a kernel's first frame is the sub-block's last, its position is
             ///< that of the frame that comes first in time, and host channels may be touched up to a vector before them
};

/// Everything that is rendered into one translation unit for one program.
struct Module {
  std::string name;
  std::vector<Function> functions{};  ///< called by kernels, callees first
  std::vector<Function> kernels{};    ///< in launch order: control stages first, then the stages of a sub-block
  std::vector<Buffer> buffers{};
  int inputs = 0, outputs = 0;  ///< host channels
  Run run = Run::stream;
  int lanes = 0;         ///< floats of the vectors it is written for; 0: of any, 4, 8 or 16
  int block_limit = -1;  ///< i32 state buffer, from `change` kernels: most frames a block kernel gets at once
  int part_from = -1;    ///< i32 state buffer, where sub-blocks run in parts: the first frame of the part
  int latest = -1;       ///< i32 state buffer, from `ahead` kernels, where they do: for each frame the number of the latest one
                         ///< that a delay reads in it, counted as its own; no part begins behind one that it reads
  bool whole_vectors = false;    ///< a sub-block that begins within a vector of frames since reset ends with it, at the latest
  int sub_block = 256;           ///< most frames a `block` kernel gets at once; a multiple of every lane count
  std::int64_t state_bytes = 0;  ///< of the arenas, from plan_memory
  std::int64_t scratch_bytes = 0;
};

/// Every buffer is padded behind its last element by this many elements, so that a whole vector may be loaded or stored
/// at its last one.
inline constexpr int padding = 16;

int bytes(Scalar scalar);
/// Whether an instruction reads buffer `ref`.
constexpr bool reads_buffer(Code code) {
  return code == Code::load || code == Code::load_back || code == Code::load_once || code == Code::gather;
}
const char* to_string(Scalar scalar);
const char* to_string(Code code);

}  // namespace dgen::ir
