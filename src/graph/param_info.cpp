#include "dgen/op.h"

namespace dgen {

std::int64_t elements_of(std::span<const ParamInfo> params) {
  std::int64_t count = 0;
  for (const ParamInfo& param : params) count += param.elements();
  return count;
}

}  // namespace dgen
