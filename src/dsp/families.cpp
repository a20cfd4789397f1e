#include "dsp/families.h"

#include "ops/families.h"

namespace dgen::ops {

std::vector<Family> families() {
  return {
      {"Arithmetic and rounding", math_family},
      {"Trigonometry, exponentials and powers", transcendental_family},
      {"Activations", activation_family},
      {"Comparison and logic", compare_family},
      {"Gradient policies", policy_family},
      {"Sources and time", time_family},
      {"Tensors and the hop clock", tensor_family},
      {"Fourier transforms", fourier_family},
      {"Oscillators", oscillator_family},
      {"Shapes", shape_family},
      {"Conversions", conversion_family},
      {"Control", control_family},
      {"Delays", delay_family},
      {"Memory", memory_family},
      {"Filters", filter_family},
      {"Cookbook filters", biquad_family},
      {"Dynamics", dynamics_family},
      {"Losses", loss_family},
      {"Windows of signals", windowing_family},
      {"Complex numbers", complex_family},
      {"Spectra", spectral_family},
      {"Networks", network_family},
  };
}

}  // namespace dgen::ops
