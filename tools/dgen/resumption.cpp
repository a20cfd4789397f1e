#include "dgen/resumption.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>
#include <vector>

#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/train_search.h"

namespace dgen::tool {

namespace {

constexpr const char* count_key = "descents";
constexpr const char* optimizer_key = "optimiser";

using Note = std::map<std::string, std::string>;

/// A line for each: "key: value".
Note read_note(const std::string& text) {
  Note note;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t colon = line.find(": "); colon != std::string::npos)
      note[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return note;
}

std::string frozen_names(std::vector<std::string> names) {
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

/// What must be the same: the values at the first step, or which way steps go, follow from it.
Note fixed_of(const TrainOptions& options) {
  Note note{{"--freeze", frozen_names(options.freeze)}, {"--scale", options.scale == Scale::range ? "range" : "none"}};
  note["the search"] = options.search.wanted() ? search_text(options) : "none";
  if (const std::optional<int>& population = options.search.population) note["--population"] = std::to_string(*population);
  return note;
}

const std::string& value_of(const Note& note, const std::string& key) {
  static const std::string none = "none";
  const auto found = note.find(key);
  return found == note.end() ? none : found->second;
}

void check_same(const Note& saved, const Note& here, const std::string& path) {
  Note all = here;
  all.insert(saved.begin(), saved.end());
  for (const auto& [key, value] : all) {
    const std::string &was = value_of(saved, key), &is = value_of(here, key);
    if (key == count_key || key == optimizer_key || was == is) continue;
    throw Error(ErrorCode::state_mismatch, "the checkpoint '" + path + "' does not go with this training: it was made with " +
                                               key + ": " + was + "; here it is: " + is +
                                               ". Give the arguments that it was made with, or leave out --resume to start anew");
  }
}

int count_of_descents(const Note& note) {
  const std::string& text = value_of(note, count_key);
  int count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  return read.ec == std::errc{} && count > 0 ? count : 1;
}

}  // namespace

std::string checkpoint_note(const TrainOptions& options, const Method& method, int descents) {
  Note note = fixed_of(options);
  note[optimizer_key] = to_string(method.optimizer);
  note[count_key] = std::to_string(descents);
  std::string text;
  for (const auto& [key, value] : note) text += key + ": " + value + "\n";
  return text;
}

std::optional<int> saved_descents(const TrainOptions& options, const Method& method) {
  const std::string path = checkpoint_of(options, 0);
  if (!std::filesystem::exists(path)) return {};
  const std::string text = dgen::checkpoint_note(path);
  if (text.empty()) return 1;  // not of this command
  const Note saved = read_note(text);
  check_same(saved, fixed_of(options), path);
  const std::string optimizer = to_string(method.optimizer);
  if (const std::string& was = value_of(saved, optimizer_key); was != optimizer)
    say("the optimiser of '" + path + "' was " + was + "; the steps go on with " + optimizer);
  const int count = count_of_descents(saved);
  for (int k = 1; k < count; ++k) dgen::checkpoint_note(checkpoint_of(options, k));
  return count;
}

}  // namespace dgen::tool
