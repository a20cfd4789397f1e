#pragma once
// What a value is: its element type, the clock it changes on, and its shape.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace dgen {

/// What one element is. `signal` is a number (float32 in kernels, double in the interpreter and at control rate);
/// the others are the handles of stateful nodes and never reach an output.
enum class DType : std::uint8_t { signal, line, table, tuple };

/// How often a value may change, slowest first.
enum class Clock : std::uint8_t { constant, control, hop, frame };

/// Extents of the leading dimensions; rank 0 is a scalar. At most 6 dimensions.
struct Shape {
  std::array<std::int32_t, 6> extent{};
  int rank = 0;
  bool operator==(const Shape&) const = default;
  /// Number of elements: the product of the extents, 1 for a scalar.
  std::int64_t elements() const;
};

/// The shape with these extents, slowest first: extents({2, 513}). Throws `Error` bad_type for an extent below 1 or more
/// than 6 of them.
Shape extents(std::initializer_list<std::int32_t> each);

/// The type of a node: element type, clock (`hop` frames between changes where the clock is `hop`) and shape.
struct Type {
  DType dtype = DType::signal;
  Clock clock = Clock::frame;
  std::int32_t hop = 0;
  Shape shape{};
  bool operator==(const Type&) const = default;
};

/// "frame", "control [8]", "hop(256) [2, 513]", "table": as `dgen dump` prints it.
std::string to_string(const Type& type);
std::string to_string(const Shape& shape);

/// Whether a value changes in time: every frame, or at every tick of a hop.
inline bool moves(const Type& type) { return type.clock >= Clock::hop; }

/// The shape NumPy's broadcasting gives. Throws `Error` bad_type naming both shapes where they do not broadcast.
Shape broadcast(const Shape& a, const Shape& b);
/// Whether `from` broadcasts to exactly `to`.
bool broadcasts_to(const Shape& from, const Shape& to);

}  // namespace dgen
