#pragma once
// The families of primitive ops, each a list made from its header.

#include <span>

#include "dgen/op.h"

namespace dgen::ops {

extern const std::span<const OpDef* const> math_family;            // math.cpp
extern const std::span<const OpDef* const> transcendental_family;  // transcendental.cpp
extern const std::span<const OpDef* const> activation_family;      // activations.cpp
extern const std::span<const OpDef* const> compare_family;         // compare.cpp
extern const std::span<const OpDef* const> policy_family;          // policies.cpp
extern const std::span<const OpDef* const> time_family;            // time.cpp
extern const std::span<const OpDef* const> tensor_family;          // tensor.cpp
extern const std::span<const OpDef* const> fourier_family;         // fourier.cpp

/// Whether every record of a family of pointwise ops has what the compiler needs of it.
consteval bool complete_pointwise(std::span<const OpDef* const> family) {
  for (const OpDef* op : family) {
    if (op->name.empty() || op->doc.empty() || op->inputs.empty() || !op->meaning || !op->gradient || !op->lower) return false;
  }
  return true;
}

}  // namespace dgen::ops
