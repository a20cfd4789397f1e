#pragma once
// Adjoints that are scattered: of tables that are written in place, and of delays whose time changes per frame.

#include <vector>

#include "dgen/graph.h"
#include "passes/adjoints.h"

namespace dgen::passes {

/// Whether time runs backward in the memory that a node is, or that it reads.
bool runs_backward(const Graph& graph, int id);

/// The adjoint of a table is a table in reversed time: a read adds to the element it read; a write takes the element's
/// adjoint for its value, and clears it, because what was there before is overwritten.
class TableAdjoints {
 public:
  /// Adds the adjoint tables of the active written tables, and what arrives at the values they were written with.
  void open(Graph& graph, const std::vector<bool>& active, Adjoints& adjoints);

  /// The adjoint of y[n] = x[n - time[n]]: what arrives at read `id` in frame n is added to x's adjoint of frame
  /// n - time[n]. in_loop: the read is at least one frame old, and its adjoint is known only when the walk is over.
  void spread(Graph& graph, int id, Signal time, bool in_loop, Adjoints& adjoints, int written);

  /// When the walk is over: connects what arrived at the reads.
  void close(Graph& graph, Adjoints& adjoints);

 private:
  struct Arrival {
    Signal handle{};
    int of = -1;
  };
  void open_table(Graph& graph, int table, const std::vector<bool>& active, Adjoints& adjoints);
  Signal arrival(Graph& graph, int id);
  std::vector<Arrival> arrivals_;
};

}  // namespace dgen::passes
