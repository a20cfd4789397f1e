#pragma once
// What is made of the elements along axes: sums, products, the largest, running sums. Records in src/ops/tensor_axes.cpp.
// Axes count from 0; negative ones from the last. The axes that are reduced are gone from the result, or stay with extent 1
// (`keep`). All throw `Error` bad_value for an axis that is not there, bad_type for a number without axes.

#include "dgen/tensor.h"
#include "dgen/views.h"

namespace dgen {

/// Whether the axes that were reduced stay, with extent 1.
enum class Reduced : std::uint8_t { gone, kept };

/// Sum over axes.
Signal sum(Operand x, const Axes& axes, Reduced reduced = Reduced::gone);
/// Mean over axes.
Signal mean(Operand x, const Axes& axes, Reduced reduced = Reduced::gone);
/// Product over axes. The gradient is exact where elements are 0, too.
Signal prod(Operand x, const Axes& axes = -1, Reduced reduced = Reduced::gone);
/// The largest along axes; its gradient goes to the first of equal ones. A value that is not a number is passed over, but in
/// the first place.
Signal max_over(Operand x, const Axes& axes = -1, Reduced reduced = Reduced::gone);
/// The smallest along axes, as max_over.
Signal min_over(Operand x, const Axes& axes = -1, Reduced reduced = Reduced::gone);
/// Where along an axis the largest is, from 0; the first of equal ones. No gradient.
Signal argmax(Operand x, int axis = -1, Reduced reduced = Reduced::gone);
/// Where along an axis the smallest is, from 0; the first of equal ones. No gradient.
Signal argmin(Operand x, int axis = -1, Reduced reduced = Reduced::gone);

/// Running sum along an axis: y[i] = x[0] + … + x[i].
Signal cumsum(Operand x, int axis = -1);
/// Running product along an axis. The gradient is exact where elements are 0, too.
Signal cumprod(Operand x, int axis = -1);
/// A recurrence along an axis: y[i] = x[i] + factor[i] y[i - 1], y[0] = x[0]. factor broadcasts to x.
Signal cumulate(Operand x, Signal factor, int axis = -1);

}  // namespace dgen
