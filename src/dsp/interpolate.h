#pragma once
// Values between the elements of a sequence: of a delay line or of a table.

#include <functional>

#include "dgen/graph.h"

namespace dgen::dsp {

/// The value at `position`, in elements, of the sequence whose element k is `element(k)`. order 0: element
/// floor(position); 1: straight lines; 3: cubics through the elements whose slopes are the central differences.
/// Source of the cubic: Catmull & Rom 1974.
Signal interpolate(int order, Signal position, const std::function<Signal(Signal k)>& element);

}  // namespace dgen::dsp
