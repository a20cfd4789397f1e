#include "dsp/families.h"

namespace dgen::ops {

std::vector<std::span<const OpDef* const>> composite_families() {
  return {shape_family, conversion_family};
}

}  // namespace dgen::ops
