#include "dsp/families.h"

namespace dgen::ops {

std::vector<std::span<const OpDef* const>> composite_families() {
  return {oscillator_family, shape_family,  conversion_family, control_family, delay_family,
          memory_family,     filter_family, biquad_family,     dynamics_family};
}

}  // namespace dgen::ops
