#pragma once
// The families of ops, each a list made from its header.

#include <span>
#include <string_view>
#include <vector>

#include "dgen/op.h"

namespace dgen::ops {

extern const std::span<const OpDef* const> oscillator_family;  // oscillators.cpp
extern const std::span<const OpDef* const> shape_family;       // shapes.cpp
extern const std::span<const OpDef* const> conversion_family;  // conversions.cpp
extern const std::span<const OpDef* const> control_family;     // control.cpp
extern const std::span<const OpDef* const> delay_family;       // delays.cpp
extern const std::span<const OpDef* const> memory_family;      // memory.cpp
extern const std::span<const OpDef* const> filter_family;      // filters.cpp
extern const std::span<const OpDef* const> biquad_family;      // biquad.cpp
extern const std::span<const OpDef* const> dynamics_family;    // dynamics.cpp
extern const std::span<const OpDef* const> loss_family;        // losses.cpp
extern const std::span<const OpDef* const> windowing_family;   // windowing.cpp
extern const std::span<const OpDef* const> complex_family;     // complex.cpp
extern const std::span<const OpDef* const> spectral_family;    // spectral.cpp
extern const std::span<const OpDef* const> network_family;     // activations.cpp

/// Ops of one header, and what a page calls them.
struct Family {
  std::string_view title;
  std::span<const OpDef* const> ops;
};

/// Every family, primitives first.
std::vector<Family> families();

/// Whether every record has a name, a doc and an expansion.
consteval bool complete(std::span<const OpDef* const> family) {
  for (const OpDef* op : family) {
    if (op->kind != Kind::composite || op->name.empty() || op->doc.empty() || !op->expand) return false;
  }
  return true;
}

}  // namespace dgen::ops
