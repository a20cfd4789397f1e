#include "schedule/check_supported.h"

#include "dgen/error.h"
#include "graph/describe.h"

namespace dgen::schedule {

void check_supported(const Graph& graph) {
  for (int id = 0; id < graph.size(); ++id) {
    const Type& type = graph[id].type;
    if (type.dtype != DType::signal || (type.shape.rank == 0 && type.clock != Clock::hop)) continue;
    throw Error(ErrorCode::bad_type, describe(graph, id) + " is " + to_string(type) +
                                         "; compiled code has frame and control signals of one number, the interpreter "
                                         "takes tensors and the hop clock");
  }
}

}  // namespace dgen::schedule
