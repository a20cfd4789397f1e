// Every patch that docs/patch-language.md shows runs.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "dgen/error.h"
#include "dgen/interpreter.h"
#include "dgen/patch.h"

namespace {

/// The contents of the code blocks marked ```genexpr.
std::vector<std::string> snippets(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```genexpr")
      found.emplace_back();
    else if (inside && line != "```")
      found.back() += line + "\n";
    inside = line == "```genexpr" || (inside && line != "```");
  }
  return found;
}

TEST(PatchLanguage, ShowsPatchesThatRun) {
  const std::vector<std::string> patches = snippets(DGEN_SOURCE_DIR "/docs/patch-language.md");
  ASSERT_GE(patches.size(), 8u);
  for (const std::string& text : patches) {
    SCOPED_TRACE(text);
    dgen::Graph g;
    ASSERT_NO_THROW(dgen::parse_patch(g, text, "docs/patch-language.md"));
    dgen::Interpreter interpreter(g, 48000);
    std::vector<std::vector<double>> in{std::vector<double>(100, 0.25), std::vector<double>(100, -0.75)};
    std::vector<std::vector<double>> out(g.outputs().size());
    interpreter.process(in, out, 100);
    for (const auto& channel : out) {
      for (const double x : channel) EXPECT_TRUE(std::isfinite(x));
    }
  }
}

TEST(PatchLanguage, ShowsTheMessageThatIsGiven) {
  dgen::Graph g;
  try {
    dgen::parse_patch(g, "\n\n\nout1 = onepol(in1, 100);\n", "voice.genexpr");
    FAIL() << "accepted a misspelt name";
  } catch (const dgen::Error& e) {
    std::ifstream file(DGEN_SOURCE_DIR "/docs/patch-language.md");
    std::ostringstream page;
    page << file.rdbuf();
    EXPECT_NE(page.str().find(e.what()), std::string::npos) << e.what();
  }
}

}  // namespace
