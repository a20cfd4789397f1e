#include "runtime/state_elements.h"

#include <cstring>
#include <type_traits>

namespace dgen::runtime {

namespace {

/// Calls `visit` with a value of the C++ type that a state's elements have in memory.
template <typename Visit>
void with_type(ir::Scalar scalar, Visit visit) {
  switch (scalar) {
    case ir::Scalar::f32: return visit(float{});
    case ir::Scalar::f64: return visit(double{});
    case ir::Scalar::i32:
    case ir::Scalar::m32: return visit(std::int32_t{});
    case ir::Scalar::u32: return visit(std::uint32_t{});
    case ir::Scalar::i64:
    case ir::Scalar::m64: return visit(std::int64_t{});
    case ir::Scalar::u64: return visit(std::uint64_t{});
  }
}

template <typename T>
constexpr bool takes_two = std::is_integral_v<T> && sizeof(T) == 8;

/// The integer nearest to a saved number, which may come from a file: 0 where it is none.
template <typename T>
T to_integer(double value) {
  constexpr double limit = 9007199254740992.0;  // 2^53
  if (!(value > -limit && value < limit)) return T{};
  return static_cast<T>(static_cast<std::int64_t>(value));
}

}  // namespace

std::int64_t saved_elements(ir::Scalar scalar, std::int64_t count) {
  std::int64_t elements = 0;
  with_type(scalar, [&]<typename T>(T) { elements = takes_two<T> ? 2 * count : count; });
  return elements;
}

std::vector<double> read_elements(ir::Scalar scalar, std::int64_t count, const std::byte* memory) {
  std::vector<double> values;
  with_type(scalar, [&]<typename T>(T element) {
    for (std::int64_t k = 0; k < count; ++k) {
      std::memcpy(&element, memory + k * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
      if constexpr (takes_two<T>) {
        values.push_back(static_cast<double>(static_cast<std::uint64_t>(element) >> 32));
        values.push_back(static_cast<double>(static_cast<std::uint32_t>(element)));
      } else {
        values.push_back(static_cast<double>(element));
      }
    }
  });
  return values;
}

void write_elements(ir::Scalar scalar, std::int64_t count, std::byte* memory, std::span<const double> values) {
  with_type(scalar, [&]<typename T>(T element) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
      if constexpr (takes_two<T>) {
        element = static_cast<T>(to_integer<std::uint64_t>(values[2 * k]) << 32 | to_integer<std::uint32_t>(values[2 * k + 1]));
      } else if constexpr (std::is_integral_v<T>) {
        element = to_integer<T>(values[k]);
      } else {
        element = static_cast<T>(values[k]);
      }
      std::memcpy(memory + static_cast<std::int64_t>(k * sizeof(T)), &element, sizeof(T));
    }
  });
}

std::int64_t to_frames(double value) { return to_integer<std::int64_t>(value); }

}  // namespace dgen::runtime
