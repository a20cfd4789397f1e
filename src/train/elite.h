#pragma once
// The best points of a search that lie apart from each other.

#include <cstdint>
#include <span>
#include <vector>

namespace dgen::train {

class Elite {
 public:
  struct Member {
    double loss = 0;
    std::vector<double> point{};
  };
  /// Keeps `most` points; of two nearer than `apart` in every coordinate only the better one.
  Elite(std::size_t most, double apart) : most_(most), apart_(apart) {}

  /// A loss that is not finite is not kept.
  void add(double loss, std::span<const double> point);
  /// Best first.
  std::span<const Member> members() const { return members_; }

 private:
  bool near(const Member& member, std::span<const double> point) const;

  std::size_t most_;
  double apart_;
  std::vector<Member> members_;
};

}  // namespace dgen::train
