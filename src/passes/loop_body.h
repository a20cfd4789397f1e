#pragma once
// Writes the body graph of one recurrence from the nodes of a loop.

#include <map>
#include <set>
#include <vector>

#include "dgen/graph.h"
#include "passes/loop_analysis.h"

namespace dgen::passes {

class LoopBody {
 public:
  /// `component`: nodes of `g` that depend on each other. `outer_map`: where their other inputs are in `outer`.
  LoopBody(const Graph& g, const LoopAnalysis& analysis, const std::vector<int>& component, const Graph& outer,
           const std::vector<int>& outer_map);

  /// Makes the value of node `id` leave the recurrence, as its next result.
  void add_result(int id) { made_.results.push_back(map_.at(id)); }
  /// Nodes of `outer`, by input of the recur.
  const std::vector<int>& inputs() const { return inputs_; }
  Recurrence take() { return std::move(made_); }

 private:
  void add_state(int id);
  int input_number(int id);
  Signal value(int id);
  void write(int id);
  Signal at_or_before(const Node& node, std::int64_t size, Signal past, Signal now, Signal frames);
  std::vector<int> in_order() const;
  [[noreturn]] void complain_about_table() const;

  const Graph& g_;
  const LoopAnalysis& a_;
  const std::vector<int>& component_;
  const Graph& outer_;
  const std::vector<int>& outer_map_;
  std::set<int> inside_;
  Recurrence made_;
  std::map<int, int> map_;      ///< node -> body node
  std::map<int, int> rings_;    ///< delay -> the body node of its ring
  std::map<int, int> numbers_;  ///< node -> input of the recur
  std::vector<int> inputs_;
  std::vector<int> owners_;  ///< by state: its cell, line, delay or table
};

}  // namespace dgen::passes
