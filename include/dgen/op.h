#pragma once
// What an operation is: one record, read by the interpreter, autodiff, lowering, tests and docs.

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/type.h"

namespace dgen {

class Graph;
struct OpDef;
struct GradientRule;  // dgen/policies.h
struct Recurrence;

namespace ir {
struct Value;  // src/ir/builder.h
}

/// Where a node was made: a C++ call site, or a place in a patch (column 0: unknown).
struct Origin {
  std::string_view file;  ///< a string that lives as long as the program, or as the graph (Graph::intern)
  int line = 0;
  int column = 0;
};

/// A handle to one node's value. Cheap to copy; valid as long as its graph.
struct Signal {
  Graph* graph = nullptr;
  int id = -1;
  explicit operator bool() const { return graph != nullptr; }
};

/// An argument of an op: a signal, or a number that becomes a constant. Records where the call stands.
struct Operand {
  Operand(Signal s, const char* file = __builtin_FILE(), int line = __builtin_LINE()) : signal(s), origin{file, line, 0} {}
  Operand(double number, const char* file = __builtin_FILE(), int line = __builtin_LINE())
      : value(number), is_number(true), origin{file, line, 0} {}
  Signal signal{};         ///< empty for a number, and where a signal was never assigned
  double value = 0;        ///< of a number
  bool is_number = false;  ///< else a signal
  Origin origin;
};

/// How an op relates one frame to the others. Passes switch on this, never on a particular op.
enum class Kind : std::uint8_t {
  constant,     ///< Attributes::value
  param,        ///< Attributes::param; control clock
  input,        ///< Attributes::size is the host channel; frame clock
  sample_rate,  ///< Hz; control clock
  frame_index,  ///< frames since reset, 0 first; with Attributes::hop, those of its ticks
  noise,        ///< a number per frame from (seed = Attributes::size, frame)
  pointwise,    ///< a function of the inputs' values of the same tick
  delay,        ///< x0 delayed by floor(x1) whole frames in [0, Attributes::size]; 0 before frame 0
  table,        ///< Attributes::table: contents at reset. With feedback: written in place, one version a frame
  gather,       ///< element floor(x1) of table x0, outside by Attributes::bound
  scatter,      ///< the version of table x0 after element floor(x1) became x2; outside is ignored
  cell,         ///< feedback's value one frame ago; x0 at frame 0. Only before close_loops
  line,         ///< a delay line of Attributes::size frames whose input is feedback. Only before close_loops
  line_read,    ///< line x0, floor(x1) frames ago, [0, size]; at least 1 where the loop needs it. Before close_loops
  handle,       ///< feedback's value of the same frame, for loops written before they are closed. Before close_loops
  reduce,       ///< the sum of x0 over the frames of a call (the ticks of Attributes::hop), in order; known at its end
  sequence,     ///< the last input; reads of tables in later inputs see writes of earlier ones. Before close_loops
  recur,        ///< a recurrence: Attributes::recurrence; a tuple of results. Only after close_loops
  result,       ///< element Attributes::size of the recur x0
  state,        ///< in a recurrence body: state number Attributes::size (a value, line or table)
  argument,     ///< in a recurrence body: input number Attributes::size of the recur
  tensor,       ///< Attributes::table in Attributes::shape; constant clock
  window,       ///< at each tick of Attributes::hop the last Attributes::size frames of x0; 0 before frame 0
  overlap_add,  ///< the sum of the frames x0 that reach this frame; each begins at its tick
  hold,         ///< x0 of the last tick
  expand,       ///< x0 broadcast to Attributes::shape, on the ticks of Attributes::hop where that is not 0
  contract,     ///< x0 summed to Attributes::shape over the axes along which that would broadcast
  reshape,      ///< the elements of x0 in Attributes::shape
  linear,       ///< the last axis of x0 times the matrix x1 [outputs, inputs]; Attributes::size 1: times its transpose
  outer,        ///< the products of the last axes of x0 and x1, summed over the axes before them: [n of x0, m of x1]
  view,         ///< in Attributes::shape: element map[e] of the inputs, laid one behind another; 0 where that is -1
  view_sum,     ///< in Attributes::shape: each element e of x0 added to element map[e]; to none where that is -1
  matmul,       ///< the last two axes of x0 times those of x1; Attributes::size 1: x0 transposed, 2: x1, 3: both
  cumulate,     ///< along Attributes::axis y[i] = x0[i] + x1[i] y[i-1]; Attributes::size 1: … y[i+1]
  extremum,     ///< where along Attributes::axis x0 is largest, first of equals; Attributes::size 1: smallest
  take,         ///< elements floor(x1) of x0 along Attributes::axis, outside by Attributes::bound
  scatter_add,  ///< x0 added to elements floor(x1) of Attributes::size along Attributes::axis, outside by bound
  fft,          ///< the Fourier transform Attributes::transform of the last axis, Attributes::size long
  composite,    ///< expands into other ops when it is added; no node has this kind
};

/// What a read outside a table gives.
enum class Bound : std::uint8_t { clip, wrap, zero };

/// A discrete Fourier transform of the last axis. Complex numbers are two rows, [..., 2, n]: real parts, imaginary parts.
enum class Transform : std::uint8_t {
  complex_forward,  ///< [..., 2, n] to [..., 2, n]: sum of x[t] exp(-2 pi i k t / n)
  complex_inverse,  ///< back: its sum with exp(+2 pi i k t / n), divided by n
  real_forward,     ///< [..., n] to [..., 2, n/2+1]: bins 0 … n/2
  real_inverse,     ///< back
};

/// How steps of an optimiser and a slider move a parameter.
enum class Mapping : std::uint8_t { linear, log, decibel };

/// A parameter as the host sees it: a number, or a tensor of numbers with one range.
struct ParamInfo {
  std::string name;
  double initial = 0;  ///< of a tensor: of its first element
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  Mapping mapping = Mapping::linear;
  Shape shape{};
  std::shared_ptr<const std::vector<double>> values{};  ///< initial, of every element, last axis fastest; null: all `initial`
  std::int64_t elements() const { return shape.elements(); }
  double initial_of(std::int64_t element) const { return values ? (*values)[static_cast<std::size_t>(element)] : initial; }
};

/// Elements of all parameters: the length of an array that holds them one behind the other.
std::int64_t elements_of(std::span<const ParamInfo> params);

/// What a node carries besides its inputs. Which members mean something depends on the op's kind (see `Kind`).
struct Attributes {
  double value = 0;
  std::int64_t size = 0;
  std::string name{};
  Bound bound = Bound::clip;
  std::int32_t hop = 0;  ///< frames between ticks
  Shape shape{};
  std::int32_t axis = 0;  ///< from 0
  bool reversed = false;  ///< of what relates frames: time runs from the last frame of the call to the first
  Transform transform = Transform::complex_forward;
  std::shared_ptr<const ParamInfo> param{};
  std::shared_ptr<const std::vector<double>> table{};
  std::shared_ptr<const std::vector<std::int32_t>> map{};  ///< of elements, last axis fastest
  std::shared_ptr<const Recurrence> recurrence{};
  std::shared_ptr<const GradientRule> rule{};  ///< of custom_gradient
};

/// Where a test may sample an input.
struct Domain {
  double lo = -2, hi = 2;
};

/// What a gradient rule sees, and the input gradients it must fill in. A default Signal means zero.
/// x: the inputs; y: the node's own value; dy: the gradient that arrives; dx: one slot per input.
struct Vjp {
  std::span<const Signal> x;
  Signal y, dy;
  std::span<Signal> dx;
};

struct OpDef {
  std::string_view name;
  std::string_view doc;     ///< one line: formula, units, range
  std::string_view inputs;  ///< "x, cutoff_hz, q = 0.7071"; a default makes an input optional; "..." ends a variadic list
  Kind kind = Kind::pointwise;

  bool commutative = false;
  bool zero_derivative = false;  ///< piecewise constant: the stated policy is a gradient of zero
  bool stated_gradient = false;  ///< the gradient is not the derivative of `meaning`, on purpose
  bool modular = false;          ///< wrap: adding a whole period x2 - x1 to x0 changes nothing
  bool additive = false;         ///< x0 + x1
  bool chooses = false;          ///< y is one of the inputs: the gradient to each is that of y, or 0 where another was taken
  bool choice = false;           ///< x0 != 0 ? x1 : x2
  bool outline = false;          ///< lowered once as a function of the kernel source, not in place
  int cost = 1;                  ///< scalar work against an addition, for the scheduler

  /// Exact meaning in double, of pointwise ops.
  double (*meaning)(std::span<const double> x) = nullptr;
  /// Adds the nodes of the vector-Jacobian product.
  void (*gradient)(Vjp) = nullptr;
  /// Builds the kernel code for operands of one type, f32 or f64, scalar or wide.
  ir::Value (*lower)(std::span<const ir::Value> x) = nullptr;
  /// The same value with less work, for these inputs of a graph being rewritten; an empty signal where there is none.
  Signal (*simplify)(std::span<const Signal> x) = nullptr;
  /// Of a composite: adds the nodes it stands for.
  Signal (*expand)(Graph& graph, std::span<const Signal> x) = nullptr;

  double ulp = 4;       ///< largest error of a float32 back end on `domain`, in units in the last place of y …
  double absolute = 0;  ///< … or absolute, whichever is larger
  std::array<Domain, 4> domain{};
  /// Distance of x to the nearest point where the function is not differentiable; null where there is none.
  double (*kink)(std::span<const double> x) = nullptr;
  std::string_view source{};  ///< of the method

  /// Adds a node for this op: `ops::sin(x)`. Numbers become constants; missing optional inputs their defaults.
  template <std::convertible_to<Operand>... S>
  Signal operator()(Operand first, S... rest) const;
};

/// One input of an op, as its record declares it.
struct InputDef {
  std::string_view name;
  bool optional = false;
  double initial = 0;  ///< of an optional input
};

/// The inputs of an op in order, without the variadic "...".
struct Signature {
  std::vector<InputDef> inputs;
  bool variadic = false;
  std::size_t required() const;
};

/// Reads OpDef::inputs.
Signature signature(const OpDef& op);

/// Every op: primitives and composites, in the order of the families.
std::span<const OpDef* const> all_ops();

/// The op of that name, or null.
const OpDef* find_op(std::string_view name);

/// The reference of all ops as Markdown, a table per family: docs/ops.md.
std::string op_reference_markdown();

}  // namespace dgen
