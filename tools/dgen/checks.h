#pragma once
// Checks on the arguments of options, with messages that say what an option takes.

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace dgen::tool {

/// A number from `least` to `most`.
CLI::Validator number_from(double least, double most);
/// A whole number from `least` to `most`.
CLI::Validator whole_number_from(int least, int most);
/// A whole number of 64 bits, from 0.
CLI::Validator seed_number();
/// One of `words`.
CLI::Validator one_of(const std::vector<std::string>& words);

/// An option whose words stand for the values of `T`.
template <class T>
CLI::Option* add_choice(CLI::App& command, const std::string& name, T& value,
                        const std::vector<std::pair<std::string, T>>& choices, const std::string& help) {
  std::vector<std::string> words;
  std::string type;
  for (const auto& choice : choices) {
    words.push_back(choice.first);
    type += (type.empty() ? "" : "|") + choice.first;
  }
  const auto choose = [&value, choices](const std::string& word) {
    for (const auto& choice : choices) {
      if (choice.first == word) value = choice.second;
    }
  };
  return command.add_option_function<std::string>(name, choose, help)->check(one_of(words))->type_name(type);
}

}  // namespace dgen::tool
