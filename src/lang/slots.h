#pragma once
// What the variables, states and outputs of a patch stand for at one place of its text, and how branches change that.

#include <cstddef>
#include <vector>

#include "dgen/op.h"

namespace dgen::lang {

/// Numbered places that hold a signal, or nothing yet. Inside a branch every change is logged, so that the branch can
/// be taken back in time proportional to what it changed.
class Slots {
 public:
  struct Change {
    int slot = -1;
    Signal value{};
  };

  int make(Signal initial = {}) {
    values_.push_back(initial);
    return static_cast<int>(values_.size()) - 1;
  }
  Signal get(int slot) const { return values_[static_cast<std::size_t>(slot)]; }
  void set(int slot, Signal value);

  /// Begins a branch.
  void enter() { starts_.push_back(log_.size()); }
  /// Ends the branch that began last: every slot is as it was before. Returns what the branch had made of them, in the
  /// order of first change.
  std::vector<Change> leave();

 private:
  std::vector<Signal> values_;
  std::vector<Change> log_;          ///< former values
  std::vector<std::size_t> starts_;  ///< of the branches that are open
};

}  // namespace dgen::lang
