#include "dsp/families.h"

namespace dgen::ops {

std::vector<std::span<const OpDef* const>> composite_families() { return {}; }

}  // namespace dgen::ops
