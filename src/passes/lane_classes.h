#pragma once
// Which nodes of a loop's body may be lanes of one vector, because they do the same in equal parts of the loop, such as the
// junctions of a mesh.

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// A node taken as an operation on the one operand that makes it a lane: add, sub or mul with something that other lanes may
/// lack, and then have 0 or 1 for. -x is -1 times x.
struct Layer {
  const OpDef* op = nullptr;
  int core = -1;      ///< the operand
  int other = -1;     ///< the other operand; -1: `number`
  double number = 0;  ///< other operand of -x
  bool core_first = true;
};

/// By name: addresses of ops differ from build to build.
struct ByName {
  bool operator()(const OpDef* a, const OpDef* b) const { return name_of(a) < name_of(b); }
  static std::string_view name_of(const OpDef* op) { return op ? op->name : std::string_view{}; }
};
using OpSet = std::set<const OpDef*, ByName>;

/// The body of a loop, with what classes are found by.
class RecurBody {
 public:
  RecurBody(const Graph& outer, int recur);

  const Graph& outer;
  const int recur;
  const Recurrence& recurrence;
  const Graph& body;

  /// Whether all states are histories of numbers and all work is pointwise on numbers.
  bool is_plain() const;
  bool is_leaf(int id) const { return body[id].op->kind == Kind::argument || body[id].op->kind == Kind::constant; }
  bool is_state(int id) const { return body[id].op->kind == Kind::state; }
  int next_of(int state) const { return recurrence.states[static_cast<std::size_t>(body[state].attributes.size)].next; }
  /// Node of `outer` that an argument stands for.
  int given(int argument) const { return outer[recur].inputs[static_cast<std::size_t>(body[argument].attributes.size)]; }
  /// Whether a leaf changes within a call.
  bool leaf_moves(int leaf) const;
  std::optional<Layer> layer(int id) const;

 private:
  std::vector<bool> depends_;  ///< by node: on a state
};

/// What is left of a lane without its layers is its base; layers are ops around it, outermost first. A node without a layer's
/// op passes.
struct LaneClass {
  std::vector<const OpDef*> layers;
};

struct LaneClasses {
  std::vector<int> of;  ///< by node of the body: its class; -1: none, it stays a number
  std::vector<LaneClass> classes;
};

/// The finest classes in which next states of equal signature, `depth` ops deep, are together, and with nodes also their
/// operands, with states also what they become; none where that cannot be.
/// `states_apart`: no state is in one class with what is computed, as at a rim that takes a state where others take a sum.
std::optional<LaneClasses> find_lane_classes(const RecurBody& loop, int depth, bool states_apart);

/// Of a node as the layer `op`: none where it passes.
std::optional<Layer> layer_of(const RecurBody& loop, int id, const OpDef* op);

}  // namespace dgen::passes
