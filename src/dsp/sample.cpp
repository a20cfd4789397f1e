#include "dgen/error.h"
#include "dgen/indexing.h"
#include "dsp/interpolate.h"
#include "graph/describe.h"

namespace dgen {

Signal sample(Operand x, Signal position, int order, Bound bound) {
  if (order != 0 && order != 1 && order != 3) {
    throw Error(ErrorCode::bad_value, "sample (" + to_string(x.origin) +
                                          "): the order must be 0 (none), 1 (linear) or 3 (cubic), got " + std::to_string(order));
  }
  return dsp::interpolate(order, position, [&](Signal k) { return take(x, k, -1, bound); });
}

}  // namespace dgen
