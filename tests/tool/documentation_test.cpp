// docs/command-line.md: its examples are run, and say what it says they say, but for the figures.

#include <regex>

#include "tool/dgen_tool.h"

namespace {

class Documentation : public Tool {
 protected:
  /// The blocks of ```language in the page.
  static std::vector<std::string> blocks(const std::string& language) {
    const std::string page = slurp(DGEN_SOURCE_DIR "/docs/command-line.md"), open = "```" + language + "\n";
    std::vector<std::string> found;
    for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at + 1)) {
      found.push_back(page.substr(at + open.size(), page.find("```", at + open.size()) - at - open.size()));
    }
    return found;
  }

  /// Standard output and standard error of a line of shell, run in the folder.
  std::string shell(const std::string& line) {
    const std::string tool = std::filesystem::path(DGEN_TOOL).parent_path();
    return dgen::base::run(
               {.program = "/bin/sh",
                .arguments = {"-c", "cd '" + folder.path().string() + "' && PATH='" + tool + "':$PATH && " + line + " 2>&1"},
                .input = {},
                .timeout_s = 120})
        .output;
  }

  /// `text` with # for every number; fits where the pattern's lines "…" stand for any lines.
  static bool fits(const std::string& text, const std::string& pattern) {
    static const std::regex numbers("[-+]?[0-9]+(\\.[0-9]+)?(e[-+]?[0-9]+)?"), special("[.^$|()\\[\\]{}*+?\\\\]"), any("…\n");
    const std::string escaped = std::regex_replace(std::regex_replace(pattern, numbers, "#"), special, "\\$&");
    return std::regex_match(std::regex_replace(text, numbers, "#"), std::regex(std::regex_replace(escaped, any, "[^]*")));
  }
};

TEST_F(Documentation, ExamplesDoWhatThePageSays) {
  const std::string speech = "/usr/share/sounds/alsa/Front_Center.wav";
  if (!std::filesystem::exists(speech)) GTEST_SKIP() << "alsa-utils is not installed";
  std::filesystem::copy(speech, folder / "speech.wav");
  for (const std::string& text : blocks("genexpr")) spill(folder / text.substr(3, text.find(':') - 3), text);
  spill(folder / "asound.conf", "pcm.nothing { type hw card 99 }\n");
  setenv("ALSA_CONFIG_PATH", (folder / "asound.conf").c_str(), 1);

  int examples = 0;
  for (std::string block : blocks("console")) {
    while (block.rfind("$ ", 0) == 0) {
      const std::size_t line_end = block.find('\n'), next = block.find("\n$ ", line_end);
      const std::string line = block.substr(2, line_end - 2), said = shell(line);
      const std::string expected = block.substr(line_end + 1, next == std::string::npos ? next : next - line_end);
      EXPECT_TRUE(fits(said, expected)) << "$ " << line << "\n" << said << "the page says\n" << expected;
      block = next == std::string::npos ? "" : block.substr(next + 1);
      ++examples;
    }
  }
  unsetenv("ALSA_CONFIG_PATH");
  EXPECT_GE(examples, 10);
}

}  // namespace
