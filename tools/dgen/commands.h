#pragma once
// The subcommands of `dgen`, one file each. Each function adds its command to `app`; the command runs when the arguments
// have been read, and throws `Error` (exit code 1) or `UsageError` (2).

#include <CLI/CLI.hpp>
#include <stdexcept>

namespace dgen::tool {

/// Arguments that make no sense together: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void add_render(CLI::App& app);
void add_play(CLI::App& app);
void add_explain(CLI::App& app);
void add_dump(CLI::App& app);
void add_bench(CLI::App& app);
void add_ops(CLI::App& app);
void add_export(CLI::App& app);
void add_check(CLI::App& app);
void add_devices(CLI::App& app);
/// `command_line`: as it was typed, for the report.
void add_train(CLI::App& app, const std::string& command_line);

}  // namespace dgen::tool
