#pragma once
// Options that several commands share: which patch, its parameters, how it is compiled.

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dgen/program.h"

namespace dgen::tool {

/// A parameter's value as `--set NAME=VALUE` gives it, or a file of weights.
struct Setting {
  std::string name;
  double value = 0;
  std::string file{};  ///< empty: the command line
};

/// PATCH, and the options that say how it is compiled.
struct PatchOptions {
  std::string path{};
  CompileOptions compile{};
  void add_patch(CLI::App& command);
  void add_backend(CLI::App& command);
  void add_width(CLI::App& command);
};

/// `--set NAME=VALUE`, any number of times, and `--weights FILE`.
struct SetOptions {
  std::vector<std::string> texts{};
  std::string weights{};
  void add(CLI::App& command);
  /// Those of the file, then those of the command line, so that these count. Throws `UsageError` where a text is not
  /// NAME=VALUE with a number, what `read_safetensors` throws, and `Error` state_mismatch for a tensor of several elements or
  /// one that is not finite.
  std::vector<Setting> settings() const;
};

/// Which of the parameters each setting is, with values outside the range brought to its end and reported. Of several for one
/// parameter the last counts. Throws `Error` unknown_name.
std::vector<std::pair<int, double>> resolve(std::span<const ParamInfo> params, const std::vector<Setting>& settings);

}  // namespace dgen::tool
