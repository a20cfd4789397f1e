// `dgen explain`, `dump`, `bench` and `export`: what they print and write.

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "dgen/audio.h"
#include "tool/dgen_tool.h"

namespace {

using nlohmann::json;

class Inspect : public Tool {
 protected:
  Inspect() {
    patch("echo.genexpr",
          "Param feedback(0.5, min=0, max=0.95);\nDelay line(48000);\ny = in1 + feedback * "
          "line.read(12000);\nline.write(y);\nout1 = tanh(y);\n");
  }
  std::string printed(const std::string& arguments) {
    const auto done = run(arguments);
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_EQ(done.errors, "");
    return done.output;
  }
};

TEST_F(Inspect, ExplainSaysHowAndWhyForEveryStage) {
  const std::string text = printed("explain @echo.genexpr");
  for (const char* word : {"stage 0", "why", "bytes of state"}) EXPECT_NE(text.find(word), std::string::npos) << text;
  const json report = json::parse(printed("explain @echo.genexpr --json --width 8"));
  EXPECT_GE(report.at("stages").size(), 1u);
  EXPECT_EQ(report.at("vector_width"), 8);
  EXPECT_GE(report.at("state_bytes"), 4 * 12000);
  for (const json& stage : report.at("stages")) {
    EXPECT_FALSE(stage.at("why").get<std::string>().empty());
    EXPECT_FALSE(stage.at("order").get<std::string>().empty());
  }
}

TEST_F(Inspect, DumpPrintsEveryRepresentation) {
  EXPECT_NE(printed("dump @echo.genexpr").find("output 'out1'"), std::string::npos);
  patch("loop.genexpr", "History y;\ny = tanh(in1 + y);\nout1 = y;\n");
  EXPECT_NE(printed("dump @loop.genexpr --stage closed").find("recur"), std::string::npos);
  EXPECT_FALSE(printed("dump @echo.genexpr --stage schedule").empty());
  EXPECT_NE(printed("dump @echo.genexpr --stage ir").find("for %"), std::string::npos);
  EXPECT_NE(printed("dump @echo.genexpr --stage source --width 4").find("dgen_patch_process"), std::string::npos);
}

TEST_F(Inspect, BenchMeasuresCompilingAndRunning) {
  const json measured = json::parse(printed("bench @echo.genexpr --seconds 0.05 --json"));
  EXPECT_GT(measured.at("ns_per_sample"), 0);
  EXPECT_LE(measured.at("ns_per_sample_min"), measured.at("ns_per_sample"));
  EXPECT_GE(measured.at("ns_per_sample_max"), measured.at("ns_per_sample"));
  EXPECT_GT(measured.at("compile_cold_s"), measured.at("compile_cached_s"));
  EXPECT_NEAR(measured.at("times_real_time").get<double>() * measured.at("ns_per_sample").get<double>() * 48000, 1e9, 1);
  const std::string text = printed("bench @echo.genexpr --seconds 0.05 --set feedback=0.1 --block 64");
  EXPECT_NE(text.find(" ns a sample ("), std::string::npos) << text;
  EXPECT_NE(text.find("compile  "), std::string::npos) << text;
}

TEST_F(Inspect, ExportWritesCThatCompilersTakeWithoutWarnings) {
  const auto done = run("export @echo.genexpr -o @made");
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(shorten(done.errors), "dgen: wrote '@made/echo.h' and '@made/echo.c'\n");
  for (const char* name : {"gcc", "clang"}) {
    const std::string compiler = dgen::base::find_program(name);
    if (compiler.empty()) continue;
    const auto compiled = dgen::base::run({.program = compiler,
                                           .arguments = {"-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-c",
                                                         folder / "made/echo.c", "-o", folder / "echo.o"}});
    EXPECT_TRUE(compiled.succeeded()) << name << "\n" << compiled.errors;
  }
}

// A host of the exported echo: an impulse in, 20000 frames in calls of 999 out, as raw floats on standard output.
constexpr const char* host = R"(
#include <stdio.h>
#include "echo.h"
static _Alignas(64) unsigned char memory[dgen_echo_memory_bytes];
static float in[20000] = {0.5f}, out[20000];
int main(void) {
  const float params[] = {0.5f};
  dgen_echo_init(memory, 48000);
  for (int n = 0; n < 20000; n += 999) {
    const float* from[] = {in + n};
    float* to[] = {out + n};
    if (dgen_echo_process(memory, params, from, to, n + 999 < 20000 ? 999 : 20000 - n)) return 1;
  }
  return fwrite(out, 4, 20000, stdout) == 20000 ? 0 : 1;
}
)";

TEST_F(Inspect, ExportedCSoundsAsRenderDoes) {
  dgen::AudioBuffer impulse{.sample_rate = 48000, .channels = {std::vector<float>(20000)}};
  impulse.channels[0][0] = 0.5f;
  dgen::write_audio(folder / "impulse.wav", impulse);
  ASSERT_EQ(run("render @echo.genexpr -i @impulse.wav -o @o.wav").exit_code, 0);
  const std::vector<float> expected = dgen::read_audio(folder / "o.wav").channels.at(0);
  ASSERT_EQ(run("export @echo.genexpr -o @made").exit_code, 0);
  spill(folder / "made/host.c", host);
  std::string compiler = dgen::base::find_program("gcc");
  if (compiler.empty()) compiler = dgen::base::find_program("clang");
  if (compiler.empty()) GTEST_SKIP() << "no C compiler";
  const auto compiled =
      dgen::base::run({.program = compiler,
                       .arguments = {"-O2", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi",
                                     folder / "made/echo.c", folder / "made/host.c", "-o", folder / "host"}});
  ASSERT_TRUE(compiled.succeeded()) << compiled.errors;
  const auto played = dgen::base::run({.program = folder / "host"});
  ASSERT_TRUE(played.succeeded()) << played.errors;
  ASSERT_EQ(played.output.size(), 4 * expected.size());
  std::vector<float> samples(expected.size());
  std::memcpy(samples.data(), played.output.data(), played.output.size());
  // The host is compiled for the oldest x86-64, without fused multiply-add: the last bits differ.
  for (std::size_t n = 0; n < samples.size(); ++n) ASSERT_NEAR(samples[n], expected[n], 1e-6) << "frame " << n;
  EXPECT_GT(std::fabs(samples[12000]), 0.1f);
}

TEST_F(Inspect, ExportNamesFilesAndFunctions) {
  EXPECT_EQ(run("export @echo.genexpr -o @made --name wet --width 4").exit_code, 0);
  EXPECT_NE(slurp(folder / "made/wet.h").find("dgen_wet_process"), std::string::npos);
  expect_error("export @echo.genexpr -o @made --name 1st", 1,
               "dgen: error: '1st' cannot name C functions: use letters, digits and _, and no digit first");
  spill(folder / "file", "");
  const auto done = run("export @echo.genexpr -o @file/made");
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(shorten(done.errors).substr(0, 43), "dgen: error: cannot make the folder '@file/");
}

}  // namespace
