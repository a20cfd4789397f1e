#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "dgen/error.h"
#include "dgen/interpreter.h"
#include "dgen/patch.h"
#include "support/temporary_folder.h"

namespace {

using dgen::ParamDefault;

std::string edited(const std::string& text, const std::vector<ParamDefault>& defaults) {
  return dgen::with_defaults(text, defaults);
}

/// The message, without the place and the source line.
std::string error_of(const std::string& text, const std::vector<ParamDefault>& defaults) {
  try {
    return "no error: " + edited(text, defaults);
  } catch (const dgen::Error& error) {
    return error.what();
  }
}

TEST(WithDefaults, ReplacesTheNumberAndNothingElse) {
  EXPECT_EQ(
      edited("// é\r\nParam  a ( 0.5 , min = 0 ); // half\r\n\tParam b(-2);\r\nout1 = a * b;", {{"b", 1e-7}, {"a", 0.1 + 0.2}}),
      "// é\r\nParam  a ( 0.30000000000000004 , min = 0 ); // half\r\n\tParam b(1e-07);\r\nout1 = a * b;");
}

TEST(WithDefaults, WritesOneWhereThereIsNone) {
  EXPECT_EQ(edited("Param a, b(), c(min=-1, max=1), d( /* none */ );\nout1 = a + b + c + d;",
                   {{"a", 1}, {"b", 2}, {"c", -0.5}, {"d", 4}}),
            "Param a(1), b(2), c(-0.5, min=-1, max=1), d(4 /* none */ );\nout1 = a + b + c + d;");
}

TEST(WithDefaults, TakesTheNamedDefaultBeforeThePositionalOne) {
  EXPECT_EQ(edited("Param a(min=0, default = 3, max=9), b(1, default=2);\nout1 = a + b;", {{"a", 4}, {"b", 5}}),
            "Param a(min=0, default = 4, max=9), b(1, default=5);\nout1 = a + b;");
}

TEST(WithDefaults, ReplacesWholeExpressionsAndKeepsTheirComments) {
  EXPECT_EQ(edited("Param a((1 + 2) * (3), min=(0));\nout1 = a;", {{"a", 7}}), "Param a(7, min=(0));\nout1 = a;");
  EXPECT_EQ(edited("Param a(\n  2 // two\n  * /* times */ max(3, 4) // three, four\n);\nout1 = a;", {{"a", 7}}),
            "Param a(\n  7 // two\n   /* times */  // three, four\n);\nout1 = a;");
  EXPECT_EQ(edited("Param a(6 / 2);\nout1 = a;", {{"a", 7}}), "Param a(7);\nout1 = a;");
}

TEST(WithDefaults, LooksAtDeclarationsOnly) {
  const std::string text =
      "// Param a(1);\n/* Param a(2); */ f(a, b = 3) { return a * b; }\nParam a(4);\nHistory h(4);\nh = f(a, b = 4);\nout1 = h;";
  std::string expected = text;
  expected.replace(expected.find("Param a(4)"), 10, "Param a(5)");
  EXPECT_EQ(edited(text, {{"a", 5}}), expected);
}

TEST(WithDefaults, KeepsADefaultThatHasTheValueAsItIsWritten) {
  const std::string text = "Param a(0.50, min=0), b(2 * 3), c;\nout1 = a + b + c;";
  EXPECT_EQ(edited(text, {{"a", 0.5}, {"b", 6}, {"c", 0}}), text);
  EXPECT_EQ(edited(text, {}), text);
}

TEST(WithDefaults, RefusesWhatThePatchCannotHave) {
  const std::string text = "Param gain(0.5, min=0, max=1);\nout1 = gain;";
  EXPECT_EQ(error_of(text, {{"gian", 1}}), "patch: the patch has no parameter 'gian' (did you mean 'gain'?)");
  EXPECT_EQ(error_of(text, {{"gain", 1.5}}), "patch: the default 1.5 of 'gain' is outside its range 0 to 1");
  EXPECT_EQ(error_of("Param a;\nout1 = a;", {{"a", INFINITY}}), "patch: the default inf of 'a' is outside its range -inf to inf");
  EXPECT_EQ(error_of("Param a(1;", {{"a", 2}}).substr(0, 12), "patch:1:10: ");
}

std::map<std::string, dgen::ParamInfo> params_of(const std::string& text) {
  dgen::Graph g;
  dgen::parse_patch(g, text);
  std::map<std::string, dgen::ParamInfo> params;
  for (const int id : g.params()) params[g[id].attributes.param->name] = *g[id].attributes.param;
  return params;
}

/// 400 frames of the patch with parameters at these values, whatever their defaults.
std::vector<std::vector<double>> played(const std::string& text, const std::map<std::string, dgen::ParamInfo>& values) {
  dgen::Graph g;
  dgen::parse_patch(g, text);
  dgen::Interpreter interpreter(g, 48000);
  for (const auto& [name, info] : values) interpreter.set(name, info.initial);
  std::vector<std::vector<double>> in{std::vector<double>(400, 0.5)}, out(g.outputs().size());
  interpreter.process(in, out, 400);
  return out;
}

TEST(WithDefaults, GivesTheExamplesAnyDefaultsAndLeavesThemThePatchTheyWere) {
  std::mt19937 random(1);
  int patches = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DGEN_SOURCE_DIR "/examples/patches")) {
    SCOPED_TRACE(entry.path().string());
    const std::string text = slurp(entry.path().string());
    const auto before = params_of(text);
    std::vector<ParamDefault> wanted;
    for (const auto& [name, info] : before) {
      wanted.push_back({name, std::uniform_real_distribution(info.min, info.max)(random)});
    }
    const std::string changed = edited(text, wanted);
    const auto after = params_of(changed);
    for (const ParamDefault& want : wanted) EXPECT_EQ(after.at(want.name).initial, want.value) << want.name;
    for (const auto& [name, info] : before) {
      EXPECT_EQ(after.at(name).min, info.min) << name;
      EXPECT_EQ(after.at(name).max, info.max) << name;
      EXPECT_EQ(after.at(name).mapping, info.mapping) << name;
    }
    EXPECT_EQ(played(changed, before), played(text, before));
    std::vector<ParamDefault> old;
    for (const auto& [name, info] : before) old.push_back({name, info.initial});
    EXPECT_EQ(edited(changed, old), text);
    ++patches;
  }
  EXPECT_GE(patches, 7);
}

}  // namespace
