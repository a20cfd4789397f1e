#pragma once
// Runs the built command line in a folder of its own.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <sstream>

#include "base/subprocess.h"
#include "support/temporary_folder.h"

/// A test with a folder; `run` replaces a leading "@" of an argument by the folder's path.
class Tool : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const TemporaryFolder cache;
    setenv("DGEN_CACHE", (cache / "cache").c_str(), 1);
  }

  /// Runs `dgen` with arguments separated by blanks.
  dgen::base::Completed run(const std::string& arguments) {
    dgen::base::Command command{.program = DGEN_TOOL, .arguments = {}, .input = {}, .timeout_s = 120};
    std::istringstream words(arguments);
    for (std::string word; words >> word;) {
      command.arguments.push_back(word[0] == '@' ? folder / word.substr(1) : word);
    }
    return dgen::base::run(command);
  }

  /// The folder's path is written as "@" in what is compared.
  std::string shorten(std::string text) const {
    const std::string path = folder / "";
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path)) text.replace(at, path.size(), "@");
    return text;
  }

  void patch(const std::string& name, const std::string& text) { spill(folder / name, text); }

  /// `dgen arguments` ends with `code`, and says `message` on standard error and nothing else.
  void expect_error(const std::string& arguments, int code, const std::string& message) {
    const dgen::base::Completed done = run(arguments);
    EXPECT_TRUE(done.started && !done.timed_out && done.signal == 0) << arguments << "\n" << done.errors;
    EXPECT_EQ(done.exit_code, code) << arguments;
    EXPECT_EQ(shorten(done.errors), message + "\n") << arguments;
    EXPECT_EQ(done.output, "") << arguments;
  }

  TemporaryFolder folder;
};
