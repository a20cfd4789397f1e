#include "dgen/loss_words.h"

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "dgen/commands.h"
#include "dgen/messages.h"

namespace dgen::tool {

void refuse_loss(const std::string& why) { throw UsageError("--loss: " + why); }

void unknown_loss_key(const std::string& loss, const std::string& key, const std::vector<std::string_view>& known) {
  std::string list;
  for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string(name);
  refuse_loss("'" + loss + "' has no '" + key + "'" + base::suggestion(key, known) + "; it takes " + list);
}

std::vector<std::string> split_words(const std::string& text, char at) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

double loss_number(const std::string& what, const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const char* const from = !text.empty() && text[0] == '+' ? text.data() + 1 : text.data();
  const auto [stop, failed] = std::from_chars(from, end, value);
  if (failed != std::errc{} || stop != end || !std::isfinite(value)) refuse_loss(what + " takes a number, not '" + text + "'");
  return value;
}

std::int64_t loss_count(const LossPair& pair, const std::string& what, std::int64_t least, std::int64_t most) {
  const double value = loss_number(pair.key, pair.value);
  if (value < static_cast<double>(least) || value > static_cast<double>(most) || value != std::floor(value)) {
    refuse_loss(pair.key + " takes a whole number" + what + " from " + std::to_string(least) + " to " + std::to_string(most) +
                ", not '" + pair.value + "'");
  }
  return static_cast<std::int64_t>(value);
}

std::int64_t loss_hop(const LossPair& pair) { return loss_count(pair, " of frames", 1, 1 << 20); }
std::int64_t loss_window(const LossPair& pair) { return loss_count(pair, " of frames", 2, 8192); }

std::vector<std::int64_t> loss_list(const LossPair& pair, std::int64_t (*one)(const LossPair&)) {
  std::vector<std::int64_t> frames;
  for (const std::string& part : split_words(pair.value, '/')) frames.push_back(one({pair.key, part}));
  return frames;
}

std::size_t loss_word(const LossPair& pair, const std::vector<std::string_view>& words) {
  std::string list;
  for (std::size_t k = 0; k < words.size(); ++k) {
    if (pair.value == words[k]) return k;
    list += (k == 0 ? "" : k + 1 == words.size() ? " or " : ", ") + std::string(words[k]);
  }
  refuse_loss(pair.key + " takes " + list + ", not '" + pair.value + "'");
}

}  // namespace dgen::tool
