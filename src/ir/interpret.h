#pragma once
// Runs the loop IR without a compiler: slow and obvious, every f32 operation rounded to float, nothing contracted.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ir/ir.h"

namespace dgen::ir {

/// The value of an expression: one element per lane (one where the type is not wide), as its bits, zero-extended.
/// Masks are all zeros or all ones in each lane.
struct Lanes {
  Type type{};
  std::vector<std::uint64_t> bits{};
};

/// A wide (or, of one element, scalar) value of these numbers, rounded to the element type.
Lanes lanes_of(Type type, std::span<const double> numbers);
/// Element `lane` as a number; masks: 0 or -1.
double number_of(const Lanes& value, int lane = 0);

struct InterpretOptions {
  int lanes = 8;
  /// Floating-point arithmetic and comparisons treat denormal operands and results as zero, as kernels do. Moving bits
  /// (load, select, abs, neg, min, max, bitcast) does not.
  bool flush_denormals = true;
};

/// The value of a function that returns one. Throws InternalError for a kernel or for arguments of other types.
Lanes evaluate(const Module& module, const Function& function, std::span<const Lanes> arguments,
               const InterpretOptions& options = {});

/// The bytes of every buffer of the module, in its order.
using Memory = std::vector<std::vector<std::byte>>;

/// Zeros, and the contents of constant buffers; every buffer padded for whole vectors behind its last element.
Memory allocate(const Module& module);
/// Element `index` of a buffer as a number, and setting it.
double element(const Module& module, const Memory& memory, int buffer, std::int64_t index);
void set_element(const Module& module, Memory& memory, int buffer, std::int64_t index, double value);

/// Runs a kernel for `frames` frames that start `position` frames after reset. Throws InternalError where it touches
/// memory outside a buffer or converts a number that does not fit.
void run(const Module& module, const Function& kernel, Memory& memory, std::int32_t frames, std::int64_t position,
         const InterpretOptions& options = {});

}  // namespace dgen::ir
