#include "dgen/type.h"

#include <algorithm>

#include "dgen/error.h"

namespace dgen {

std::int64_t Shape::elements() const {
  std::int64_t n = 1;
  for (int k = 0; k < rank; ++k) n *= extent[static_cast<std::size_t>(k)];
  return n;
}

Shape extents(std::initializer_list<std::int32_t> each) {
  Shape shape;
  if (each.size() > shape.extent.size()) throw Error(ErrorCode::bad_type, "a shape has at most 6 dimensions");
  for (const std::int32_t extent : each) {
    if (extent < 1) throw Error(ErrorCode::bad_type, "a shape has an extent of " + std::to_string(extent) + "; 1 is the least");
    shape.extent[static_cast<std::size_t>(shape.rank++)] = extent;
  }
  return shape;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (int k = 0; k < shape.rank; ++k) text += (k ? ", " : "") + std::to_string(shape.extent[static_cast<std::size_t>(k)]);
  return text + "]";
}

std::string to_string(const Type& type) {
  std::string text;
  switch (type.dtype) {
    case DType::signal: break;
    case DType::line: return "line";
    case DType::table: return "table";
    case DType::tuple: return "tuple";
  }
  switch (type.clock) {
    case Clock::constant: text = "constant"; break;
    case Clock::control: text = "control"; break;
    case Clock::hop: text = "hop(" + std::to_string(type.hop) + ")"; break;
    case Clock::frame: text = "frame"; break;
  }
  return type.shape.rank ? text + " " + to_string(type.shape) : text;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape joined{.extent = {}, .rank = std::max(a.rank, b.rank)};
  for (int k = 1; k <= joined.rank; ++k) {
    const std::int32_t m = k <= a.rank ? a.extent[static_cast<std::size_t>(a.rank - k)] : 1;
    const std::int32_t n = k <= b.rank ? b.extent[static_cast<std::size_t>(b.rank - k)] : 1;
    if (m != n && m != 1 && n != 1) {
      throw Error(ErrorCode::bad_type, "shapes " + to_string(a) + " and " + to_string(b) + " do not broadcast: dimension " +
                                           std::to_string(k) + " from the last is " + std::to_string(m) + " and " +
                                           std::to_string(n));
    }
    joined.extent[static_cast<std::size_t>(joined.rank - k)] = m == 1 ? n : m;
  }
  return joined;
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  bool fits = from.rank <= to.rank;
  for (int k = 1; fits && k <= from.rank; ++k) {
    const std::int32_t have = from.extent[static_cast<std::size_t>(from.rank - k)];
    fits = have == 1 || have == to.extent[static_cast<std::size_t>(to.rank - k)];
  }
  return fits;
}

}  // namespace dgen
