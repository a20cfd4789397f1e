#include "dgen/checks.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "dgen/messages.h"

namespace dgen::tool {

namespace {

/// The number `text` is, or NaN.
double parsed(const std::string& text) {
  const char* const end = text.data() + text.size();
  double value = 0;
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  return failed == std::errc{} && stop == end ? value : std::nan("");
}

CLI::Validator in_range(double least, double most, const std::string& what, bool (*accept)(double)) {
  const auto check = [=](const std::string& text) -> std::string {
    const double value = parsed(text);
    if (value >= least && value <= most && accept(value)) return {};
    return "takes " + what + " from " + number(least, 8) + " to " + number(most, 8) + ", not '" + text + "'";
  };
  return CLI::Validator(check, "", "range");
}

}  // namespace

CLI::Validator number_from(double least, double most) {
  return in_range(least, most, "a number", [](double) { return true; });
}

CLI::Validator whole_number_from(int least, int most) {
  return in_range(least, most, "a whole number", [](double value) { return value == std::floor(value); });
}

CLI::Validator seed_number() {
  const auto check = [](const std::string& text) -> std::string {
    const char* const end = text.data() + text.size();
    std::uint64_t value = 0;
    const auto [stop, failed] = std::from_chars(text.data(), end, value);
    if (failed == std::errc{} && stop == end) return {};
    return "takes a whole number from 0 to " + std::to_string(std::numeric_limits<std::uint64_t>::max()) + ", not '" + text + "'";
  };
  return CLI::Validator(check, "", "range");
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  const auto check = [words](const std::string& text) -> std::string {
    if (std::find(words.begin(), words.end(), text) != words.end()) return {};
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : &word == &words.back() ? " or " : ", ") + word;
    return "takes " + list + ", not '" + text + "'";
  };
  return CLI::Validator(check, "", "choice");
}

}  // namespace dgen::tool
