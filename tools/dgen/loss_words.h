#pragma once
// KEY=VALUE pairs of a `--loss` term, and what they may say.

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace dgen::tool {

/// KEY=VALUE of a term.
struct LossPair {
  std::string key, value;
};

/// Throws `UsageError`.
[[noreturn]] void refuse_loss(const std::string& why);
[[noreturn]] void unknown_loss_key(const std::string& loss, const std::string& key, const std::vector<std::string_view>& known);

std::vector<std::string> split_words(const std::string& text, char at);
double loss_number(const std::string& what, const std::string& text);
/// A whole number, least … most. what: " of frames", or nothing.
std::int64_t loss_count(const LossPair& pair, const std::string& what, std::int64_t least, std::int64_t most);
/// Frames between windows, as many as the losses on spectra take: 1 … 2^20.
std::int64_t loss_hop(const LossPair& pair);
/// Frames of a window or transform, as many as the losses on spectra take: 2 … 8192.
std::int64_t loss_window(const LossPair& pair);
/// Several, as in 2048/512, each read by `one`.
std::vector<std::int64_t> loss_list(const LossPair& pair, std::int64_t (*one)(const LossPair&));
/// The place of the value among the words.
std::size_t loss_word(const LossPair& pair, const std::vector<std::string_view>& words);

/// One of the words, as what stands in its place.
template <class T, std::size_t count>
T loss_choice(const LossPair& pair, const std::array<std::string_view, count>& words, const std::array<T, count>& values) {
  return values[loss_word(pair, {words.begin(), words.end()})];
}

}  // namespace dgen::tool
