#pragma once
// The computation graph: an append-only list of nodes, with feedback through cells, delay lines, tables and handles.

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/initialise.h"
#include "dgen/op.h"

namespace dgen {

struct Node {
  const OpDef* op = nullptr;
  std::vector<int> inputs{};
  Type type{};
  Attributes attributes{};
  int feedback = -1;  ///< of cell, line, table and handle: the node whose value it takes; -1 while open
  Origin origin{};
  std::string path{};  ///< name path: the composites it is part of, and its own name
};

/// An output of the patch: a host channel.
struct Output {
  std::string name;
  int node = -1;
};

/// Range and behaviour of a parameter.
struct ParamOptions {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  Mapping mapping = Mapping::linear;
  /// Seconds in which a change comes within 1 % of its value; 0: changes at once, at the next call. A smoothed
  /// parameter is a frame signal.
  double smoothing_s = 0;
};

/// A signal graph. Not movable: signals hold its address.
class Graph {
 public:
  Graph();
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// Adds a node, or the nodes of a composite, with the defaults of missing optional inputs.
  /// Throws `Error` bad_arity, mixed_graphs, bad_type or bad_value.
  Signal n(const OpDef& op, std::initializer_list<Operand> inputs, const char* file = __builtin_FILE(),
           int line = __builtin_LINE());
  Signal n(const OpDef& op, std::span<const Operand> inputs, Origin origin);
  /// As `n`, for ops that carry attributes.
  Signal add(const OpDef& op, std::span<const Signal> inputs, Attributes attributes, Origin origin = {});

  /// A copy of `node` (of this or another graph) that reads `inputs` of this graph instead; keeps attributes, origin and
  /// path, and infers its type anew. Feedback is not copied: `close` the copy. What passes use.
  Signal copy(const Node& node, std::span<const int> inputs);
  /// A node whose type does not follow from its inputs: an argument or state of a recurrence body, an input of a phase.
  Signal typed(const OpDef& op, Type type, Attributes attributes, std::string_view path = {});

  /// A number fixed when the graph is built. Equal numbers share a node. Throws bad_value for NaN.
  Signal constant(double value);
  /// A number the host sets between calls. Throws duplicate_name, bad_value.
  Signal param(std::string_view name, double initial, const ParamOptions& options = {}, const char* file = __builtin_FILE(),
               int line = __builtin_LINE());
  /// A tensor the host sets between calls: one node of this shape, and one ParamInfo. `options` hold for every element.
  /// Throws as above; bad_type, bad_value where the initialiser does not fit the shape; limit_exceeded above 2^24 elements.
  Signal param(std::string_view name, const Shape& shape, const Initialiser& initial, const ParamOptions& options = {},
               const char* file = __builtin_FILE(), int line = __builtin_LINE());
  /// Host input channel `channel`, from 0; the same node for the same channel.
  Signal input(int channel = 0, std::string_view name = {});
  /// Makes `signal` the next host output channel. Returns the channel's number.
  int output(Signal signal, std::string_view name = {});
  /// As `output`, for a value of any clock and shape. What passes use.
  int leave(Signal signal, std::string_view name);

  /// A loop written before it is closed: use the signal, then `close` it with what it stands for. No time passes in
  /// the handle itself; the loop must hold a delay or history.
  Signal feedback(const char* file = __builtin_FILE(), int line = __builtin_LINE());
  /// Gives a cell, line, table or feedback handle the value it takes. Throws bad_feedback when it has one.
  void close(Signal open, Signal value);

  /// From node `first` on, cells and delay lines keep what they hold in frames where `condition` is 0: what a branch that
  /// is not taken remembers.
  void freeze(int first, Signal condition);

  /// Names a node, for messages, dumps and saved state. Returns the same signal.
  Signal name(Signal signal, std::string_view name);
  /// A copy of `text` that lives as long as the graph.
  std::string_view intern(std::string_view text);
  /// The origin given to nodes from here on, whatever call site adds them (patch text); empty file: the call sites'.
  void set_origin(Origin origin);

  /// While it lives, nodes get `name` in front of their path, and `origin` (what a composite does when it expands).
  class Scope {
   public:
    Scope(Graph& graph, std::string_view name, Origin origin = {});
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Graph& graph_;
    std::size_t path_length_;
    Origin origin_before_;
  };

  std::span<const Node> nodes() const { return nodes_; }
  const Node& operator[](int id) const { return nodes_[static_cast<std::size_t>(id)]; }
  int size() const { return static_cast<int>(nodes_.size()); }
  std::span<const Output> outputs() const { return outputs_; }
  /// Nodes of kind param, in the order they were made.
  std::span<const int> params() const { return params_; }
  /// Host input channels: one more than the highest used.
  int inputs() const;

 private:
  int append(Node node);
  Signal add_param(ParamInfo info, const ParamOptions& options, Origin origin);
  Signal expand(const OpDef& op, std::span<const Signal> inputs, Origin origin);
  std::vector<Node> nodes_;
  std::vector<Output> outputs_;
  std::vector<int> params_;
  struct Interned;
  std::unique_ptr<Interned> interned_;
  std::string path_;
  Origin origin_{};
};

/// The value of a constant node. Throws `Error` bad_value, naming `what`, when the signal is not a constant.
double constant_value(Signal signal, std::string_view what);

/// A state of a recurrence: a cell (the value one frame ago), a ring (a delay line, read 1…size frames ago) or a table
/// that is written in place.
struct RecurrenceState {
  enum class Form : std::uint8_t { cell, ring, table };
  Form form = Form::cell;
  int node = -1;     ///< body node of kind state
  int next = -1;     ///< body node of the value (cell, ring) or version (table) after this frame
  int initial = -1;  ///< of a cell: which input of the recur node gives the value at frame 0
  std::int64_t size = 0;
  std::shared_ptr<const std::vector<double>> table{};
  std::string name{};
  std::vector<std::string> lanes{};  ///< where it is many states of equal parts, made one: the name of each element
};

/// What a `recur` node runs once per frame: a body graph (nodes of kind argument are the recur's inputs), its states,
/// and the body nodes that leave it.
struct Recurrence {
  std::unique_ptr<Graph> body;
  std::vector<RecurrenceState> states;
  std::vector<int> results;
};

/// A pass returns a rewritten graph, and for each node of the old graph its id in the new one (-1: gone).
struct Rewritten {
  std::unique_ptr<Graph> graph;
  std::vector<int> map;
};

/// The graph as readable text, a line a node.
std::string to_text(const Graph& graph);

/// Adds a node for `op` to the graph its inputs belong to. Throws bad_type where every input is a number.
Signal add_node(Graph* graph, const OpDef& op, std::span<const Operand> inputs);

template <std::convertible_to<Operand>... S>
Signal OpDef::operator()(Operand first, S... rest) const {
  const std::array<Operand, 1 + sizeof...(S)> operands{first, Operand(rest)...};
  Graph* graph = nullptr;
  for (const Operand& x : operands) graph = graph ? graph : x.signal.graph;
  return add_node(graph, *this, operands);
}

}  // namespace dgen
