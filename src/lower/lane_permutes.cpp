#include "lower/lane_permutes.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

using Pattern = std::vector<std::int8_t>;

/// A vector that has some of the lanes asked for.
struct Part {
  Value vector{};
  std::vector<int> from;  ///< by lane asked for: its lane of `vector`; -1: it has another

  bool in_place() const {
    for (std::size_t k = 0; k < from.size(); ++k) {
      if (from[k] >= 0 && from[k] != static_cast<int>(k)) return false;
    }
    return true;
  }
};

class Joiner {
 public:
  explicit Joiner(ir::Builder& builder, std::size_t lanes) : b_(builder), lanes_(lanes) {}

  Value vector(std::span<const LaneOf> wanted) {
    std::vector<Part> placed, moved;
    for (Part& part : parts_of(wanted)) (part.in_place() ? placed : moved).push_back(std::move(part));
    for (std::size_t k = 0; k < moved.size(); k += 2) {
      if (k + 1 < moved.size()) {
        placed.push_back(joined(moved[k], moved[k + 1]));
      } else if (placed.empty()) {
        placed.push_back(joined(moved[k], moved[k]));
      } else {
        placed.front() = joined(moved[k], placed.front());
      }
    }
    while (placed.size() > 1) {
      std::vector<Part> pairs;
      for (std::size_t k = 0; k + 1 < placed.size(); k += 2) pairs.push_back(joined(placed[k], placed[k + 1]));
      if (placed.size() % 2 == 1) pairs.push_back(placed.back());
      placed = std::move(pairs);
    }
    return placed[0].vector;
  }

 private:
  std::vector<Part> parts_of(std::span<const LaneOf> wanted) {
    std::vector<Part> parts;
    for (std::size_t k = 0; k < lanes_; ++k) {
      const bool none = wanted[k].vector.builder == nullptr;
      const Value from = none ? zero() : wanted[k].vector;
      auto part = std::ranges::find(parts, from.id, [](const Part& p) { return p.vector.id; });
      if (part == parts.end()) part = parts.insert(part, Part{from, std::vector<int>(lanes_, -1)});
      part->from[k] = none ? static_cast<int>(k) : wanted[k].number;
    }
    return parts;
  }

  Value zero() {
    if (!zero_) zero_ = b_.number({Scalar::f32, true}, 0);
    return *zero_;
  }

  /// Both in place.
  Part joined(const Part& a, const Part& b) {
    Pattern pattern(lanes_);
    Part made{.from = std::vector<int>(lanes_, -1)};
    for (std::size_t k = 0; k < lanes_; ++k) {
      const int own = static_cast<int>(k);
      const int lane = a.from[k] >= 0 ? a.from[k] : b.from[k] >= 0 ? static_cast<int>(lanes_) + b.from[k] : own;
      if (a.from[k] >= 0 || b.from[k] >= 0) made.from[k] = own;
      pattern[k] = static_cast<std::int8_t>(lane);
    }
    made.vector = b_.permute(a.vector, b.vector, pattern);
    return made;
  }

  ir::Builder& b_;
  const std::size_t lanes_;
  std::optional<Value> zero_;
};

}  // namespace

Value vector_of_lanes(ir::Builder& builder, std::span<const LaneOf> lanes) { return Joiner(builder, lanes.size()).vector(lanes); }

}  // namespace dgen::lower
