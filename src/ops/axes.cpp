#include "ops/axes.h"

#include "graph/describe.h"

namespace dgen::ops {

namespace {

/// "sum (model.cpp:12): "
std::string called(const char* function, const Origin& origin) {
  const std::string place = to_string(origin);
  return std::string(function) + (place.empty() ? ": " : " (" + place + "): ");
}

}  // namespace

TensorArgument::TensorArgument(const char* of, const Operand& x) : function(of), signal(x.signal), origin(x.origin) {
  if (!signal) {
    throw Error(ErrorCode::bad_value, called(of, origin) + "takes a signal; it got a number or a signal that is empty");
  }
  const Type& type = graph()[signal.id].type;
  if (type.dtype != DType::signal) refuse(ErrorCode::bad_type, "it takes a signal");
  shape = type.shape;
}

int TensorArgument::axis(int given) const {
  if (given >= -shape.rank && given < shape.rank) return given < 0 ? given + shape.rank : given;
  const std::string axes = shape.rank == 0   ? "it is one number, without an axis"
                           : shape.rank == 1 ? "it has axis 0, or -1"
                                             : "it has axes 0 … " + std::to_string(shape.rank - 1) + ", or -1 … -" +
                                                   std::to_string(shape.rank) + " from the last";
  refuse(ErrorCode::bad_value, "there is no axis " + std::to_string(given) + ": " + axes);
}

void TensorArgument::refuse(ErrorCode code, const std::string& why) const {
  throw Error(code, called(function, origin) + describe(*signal.graph, signal.id) + " is " +
                        to_string((*signal.graph)[signal.id].type) + "; " + why);
}

}  // namespace dgen::ops
