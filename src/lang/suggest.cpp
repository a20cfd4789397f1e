#include "lang/suggest.h"

#include <algorithm>
#include <cstdlib>

namespace dgen::lang {

namespace {

constexpr std::size_t longest_name = 64;  ///< longer names get no suggestion: the distance takes quadratic time

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Edits that turn `a` into `b`: letters inserted, removed or replaced, or two neighbours swapped; case is half an edit.
int twice_distance(std::string_view a, std::string_view b) {
  std::vector<int> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(2 * j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(2 * i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = a[i - 1] == b[j - 1] ? 0 : lower(a[i - 1]) == lower(b[j - 1]) ? 1 : 2;
      row[j] = std::min({last[j] + 2, row[j - 1] + 2, last[j - 1] + replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before_last[j - 2] + 2);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view suggest(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.empty() || name.size() > longest_name) return {};
  std::string_view best;
  // Twice the edits that are too many: none but case in one letter, one in two, less than two up to five, less than three.
  int least = name.size() == 1 ? 2 : name.size() == 2 ? 3 : name.size() <= 5 ? 4 : 6;
  for (const std::string_view candidate : known) {
    const auto length = static_cast<int>(candidate.size()) - static_cast<int>(name.size());
    if (candidate.size() > longest_name || 2 * std::abs(length) >= least) continue;
    if (const int distance = twice_distance(name, candidate); distance < least) least = distance, best = candidate;
  }
  return best;
}

}  // namespace dgen::lang
