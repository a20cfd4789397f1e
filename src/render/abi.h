#pragma once
// The binary interface of generated code, as the C++ side reads it. `abi_header` says the same in C; a test compares them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ir/ir.h"

namespace dgen::render::abi {

inline constexpr std::uint32_t version = 2;

struct Param {
  const char* name;
  double initial, minimum, maximum;
  std::int64_t count;    ///< elements
  const double* values;  ///< initial, of every element; null: all `initial`
};

struct State {
  const char* name;
  std::int64_t offset;  ///< bytes from the start of the instance's memory
  std::int64_t count;   ///< elements
  std::int32_t scalar;  ///< ir::Scalar
};

struct Descriptor {
  std::uint32_t version;
  std::uint32_t vector_width;  ///< floats a vector
  std::int64_t memory_bytes;   ///< of one instance
  std::int64_t alignment;      ///< of that memory, in bytes
  std::int32_t inputs, outputs, params, states;
  const char* name;
  const char* const* input_names;
  const char* const* output_names;
  const Param* param_list;
  const State* state_list;
  void (*init)(void* state, double sample_rate);
  void (*reset)(void* state);
  int (*process)(void* state, const float* params, const float* const* in, float* const* out, std::int64_t frames);
};

/// dgen_NAME_parts, of programs that several threads may run: what `process` does, in pieces. For Run::backward `from` is
/// behind `to`, and frames are cut from the end.
struct Parts {
  std::int64_t slot_bytes;  ///< memory of a sub-block on its way; aligned as an instance's, first all zeros
  /// What comes before the first frame of a call.
  void (*prepare)(void* state, const float* params);
  /// Frames of the sub-block that comes next at frame `at` of a call of `frames` frames, at `position` since reset.
  std::int32_t (*cut)(const void* state, std::int64_t at, std::int64_t frames, std::int64_t position);
  /// Runs one part over the sub-blocks between frames `from` and `to` of a call that begins at frame `start` since reset. Each
  /// has its slot, `step` (0 or 1) slots from the one before. Position and `out` of a call are the caller's to take care of: no
  /// memory of `in` is of `out`, and channels that no part writes are left.
  void (*run)(void* state, void* slots, std::int64_t step, const float* const* in, float* const* out, std::int64_t start,
              std::int64_t frames, std::int64_t from, std::int64_t to, std::int32_t part);
};

/// The first bytes of an instance's memory, written by init, reset and process. The parameters of the last run follow.
struct Header {
  double sample_rate;           ///< Hz
  double prepared_sample_rate;  ///< of the last run of the `change` kernels
  std::int64_t position;        ///< frames since reset
  std::uint32_t started;        ///< 0: `change` and `start` kernels run at the next call
  std::uint32_t reserved;
};

/// Bytes before the first state buffer: the header and the elements of the parameters of the last run, rounded up to a
/// cache line.
constexpr std::int64_t header_bytes(std::int64_t params) {
  const auto bytes = static_cast<std::int64_t>(sizeof(Header)) + 4 * (params + ir::padding);
  return (bytes + 63) / 64 * 64;
}

}  // namespace dgen::render::abi

namespace dgen::render {

using abi::header_bytes;

/// The declarations of `abi` as C text, guarded, usable from C++.
std::string abi_header();
/// That of `abi::Parts`, for generated code only.
std::string_view parts_header();

}  // namespace dgen::render
