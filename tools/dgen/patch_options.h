#pragma once
// Options that several commands share: which patch, its parameters, how it is compiled.

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dgen/program.h"

namespace dgen::tool {

/// A parameter's value as `--set NAME=VALUE` gives it.
struct Setting {
  std::string name;
  double value = 0;
};

/// PATCH, and the options that say how it is compiled.
struct PatchOptions {
  std::string path{};
  CompileOptions compile{};
  void add_patch(CLI::App& command);
  void add_backend(CLI::App& command);
  void add_backend_or_device(CLI::App& command);  ///< for what devices do as well
  void add_width(CLI::App& command);
};

/// `--set NAME=VALUE`, any number of times.
struct SetOptions {
  std::vector<std::string> texts{};
  void add(CLI::App& command);
  /// Throws `UsageError` where a text is not NAME=VALUE with a number.
  std::vector<Setting> settings() const;
};

/// Which of the parameters each setting is, with values outside the range brought to its end and reported.
/// Throws `Error` unknown_name.
std::vector<std::pair<int, double>> resolve(std::span<const ParamInfo> params, const std::vector<Setting>& settings);

}  // namespace dgen::tool
