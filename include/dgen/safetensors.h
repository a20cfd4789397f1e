#pragma once
// Weights in files of the safetensors format, which PyTorch, JAX and others read and write:
// https://github.com/huggingface/safetensors. F32 and F64 are read and written.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dgen/parameters.h"

namespace dgen {

/// How numbers lie in a file.
enum class Stored : std::uint8_t { f32, f64 };

struct NamedTensor {
  std::string name;
  Shape shape{};
  std::vector<double> values{};  ///< last axis fastest
};

/// All tensors of a file, in the order of their data. Throws `Error` file_unreadable; file_malformed where it is truncated, is
/// no safetensors file, its tensors overlap or leave gaps, or one does not have as many bytes as its shape says, is stored in
/// another type, or has more than 6 axes or an axis without elements, naming file and tensor.
std::vector<NamedTensor> read_safetensors(const std::string& path);

/// Writes a file, whole or not at all. Throws `Error` file_unwritable; duplicate_name; bad_value where a tensor has not as many
/// values as elements, is named "__metadata__", which the format reserves, or holds a finite number that f32 cannot.
void write_safetensors(const std::string& path, std::span<const NamedTensor> tensors, Stored stored = Stored::f32);

/// What a file of weights must hold.
enum class Weights : std::uint8_t {
  all,  ///< every parameter, and nothing else
  some  ///< some of the parameters; the others stay as they are
};

/// Sets parameters to the tensors of their names, in their ranges. Throws as `read_safetensors`; state_mismatch where a shape
/// differs, a tensor is no parameter or a parameter is missing; then nothing changed.
void load_weights(Parameters& parameters, const std::string& path, Weights wanted = Weights::all);

/// Writes all parameters. Throws as `write_safetensors`.
void save_weights(const Parameters& parameters, const std::string& path, Stored stored = Stored::f32);

}  // namespace dgen
