#pragma once
// What the functions on tensors have in common: their arguments checked once, at the door.

#include <string>

#include "dgen/error.h"
#include "dgen/graph.h"

namespace dgen::ops {

/// A function's input: the signal with its shape, and how messages begin.
struct TensorArgument {
  TensorArgument(const char* function, const Operand& x);
  Graph& graph() const { return *signal.graph; }
  /// The axis from 0. Throws `Error` bad_value where there is none.
  int axis(int given) const;
  /// Throws an `Error`: function, node, its type, and why it does not fit.
  [[noreturn]] void refuse(ErrorCode code, const std::string& why) const;

  const char* function;
  Signal signal;
  Shape shape;
  Origin origin;
};

/// A signal as if it stood at another place of the caller's text.
inline Operand placed(Signal x, const Origin& origin) {
  Operand made(x);
  made.origin = origin;
  return made;
}

}  // namespace dgen::ops
