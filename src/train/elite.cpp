#include "train/elite.h"

#include <algorithm>
#include <cmath>

namespace dgen::train {

bool Elite::near(const Member& member, std::span<const double> point) const {
  for (std::size_t k = 0; k < point.size(); ++k) {
    if (std::fabs(member.point[k] - point[k]) >= apart_) return false;
  }
  return true;
}

void Elite::add(double loss, std::span<const double> point) {
  if (!std::isfinite(loss)) return;
  if (members_.size() == most_ && loss >= members_.back().loss) return;
  const auto better = [&](const Member& member) { return member.loss <= loss && near(member, point); };
  if (std::ranges::any_of(members_, better)) return;
  std::erase_if(members_, [&](const Member& member) { return near(member, point); });
  const auto place = std::ranges::upper_bound(members_, loss, {}, &Member::loss);
  members_.insert(place, {loss, {point.begin(), point.end()}});
  if (members_.size() > most_) members_.pop_back();
}

}  // namespace dgen::train
