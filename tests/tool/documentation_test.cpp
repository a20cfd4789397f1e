// docs/command-line.md and docs/training.md: their examples are run, and say what the pages say, but for the figures.

#include <regex>

#include "tool/dgen_tool.h"

namespace {

class Documentation : public Tool {
 protected:
  /// The blocks of ```language in a page.
  static std::vector<std::string> blocks(const std::string& name, const std::string& language) {
    const std::string page = slurp(DGEN_SOURCE_DIR "/docs/" + name), open = "```" + language + "\n";
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

  /// `text` with # for every number and a blank for several; fits where the pattern's lines "…" stand for any lines.
  static bool fits(const std::string& text, const std::string& pattern) {
    static const std::regex numbers("[-+]?[0-9]+(\\.[0-9]+)?(e[-+]?[0-9]+)?"), blanks(" +"), special("[.^$|()\\[\\]{}*+?\\\\]"),
        any("…\n");
    const auto plain = [](const std::string& said) {
      return std::regex_replace(std::regex_replace(said, numbers, "#"), blanks, " ");
    };
    const std::string escaped = std::regex_replace(plain(pattern), special, "\\$&");
    return std::regex_match(plain(text), std::regex(std::regex_replace(escaped, any, "[^]*")));
  }

  /// Runs the page's examples in a folder that holds its patches. Returns how many there are.
  int run_examples(const std::string& page) {
    for (const std::string& text : blocks(page, "genexpr")) spill(folder / text.substr(3, text.find(':') - 3), text);
    int examples = 0;
    for (std::string block : blocks(page, "console")) {
      while (block.rfind("$ ", 0) == 0) {
        const std::size_t line_end = block.find('\n'), next = block.find("\n$ ", line_end);
        const std::string line = block.substr(2, line_end - 2), said = shell(line);
        const std::string expected = block.substr(line_end + 1, next == std::string::npos ? next : next - line_end);
        EXPECT_TRUE(fits(said, expected)) << "$ " << line << "\n" << said << "the page says\n" << expected;
        block = next == std::string::npos ? "" : block.substr(next + 1);
        ++examples;
      }
    }
    return examples;
  }

  void SetUp() override {
    const std::string speech = "/usr/share/sounds/alsa/Front_Center.wav";
    if (!std::filesystem::exists(speech)) GTEST_SKIP() << "alsa-utils is not installed";
    std::filesystem::copy(speech, folder / "speech.wav");
  }
};

TEST_F(Documentation, ExamplesDoWhatThePageSays) {
  spill(folder / "asound.conf", "pcm.nothing { type hw card 99 }\n");
  setenv("ALSA_CONFIG_PATH", (folder / "asound.conf").c_str(), 1);
  EXPECT_GE(run_examples("command-line.md"), 10);
  unsetenv("ALSA_CONFIG_PATH");
}

TEST_F(Documentation, TrainingDoesWhatItsPageSays) { EXPECT_GE(run_examples("training.md"), 5); }

}  // namespace
