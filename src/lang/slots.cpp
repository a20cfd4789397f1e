#include "lang/slots.h"

#include <unordered_set>

namespace dgen::lang {

void Slots::set(int slot, Signal value) {
  Signal& held = values_[static_cast<std::size_t>(slot)];
  if (!starts_.empty()) log_.push_back({slot, held});
  held = value;
}

std::vector<Slots::Change> Slots::leave() {
  const std::size_t start = starts_.back();
  starts_.pop_back();
  std::vector<Change> made;
  std::unordered_set<int> seen;
  for (std::size_t k = start; k < log_.size(); ++k) {
    if (seen.insert(log_[k].slot).second) made.push_back({log_[k].slot, get(log_[k].slot)});
  }
  for (; log_.size() > start; log_.pop_back()) values_[static_cast<std::size_t>(log_.back().slot)] = log_.back().value;
  return made;
}

}  // namespace dgen::lang
