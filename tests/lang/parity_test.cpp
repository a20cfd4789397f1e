// Every gen~ name as compiled C against the interpreter, alone and in a branch that is taken now and then.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "dgen/interpreter.h"
#include "dgen/patch.h"
#include "dgen/program.h"
#include "lang/gen_names.h"

namespace {

constexpr std::size_t frames = 300;
constexpr double rate = 48000;

/// A patch that calls the name with inputs that move.
std::string patch_of(const dgen::lang::GenName& gen, bool in_branch) {
  const dgen::Signature wanted = dgen::signature(dgen::OpDef{.name = gen.name, .inputs = gen.inputs});
  const std::size_t count = gen.name == "interp" ? 3 : gen.name == "delay" ? 2 : wanted.inputs.size();
  std::string arguments = gen.on_data ? "table" : "";
  for (std::size_t k = 0; k < count; ++k) {
    arguments += (arguments.empty() ? "" : ", ") + std::string(k == 0 ? "in1" : k == 1 ? "in2" : k == 2 ? "0.3" : "0.75");
  }
  const std::string call = std::string(gen.name) + "(" + arguments + (wanted.variadic ? ", in2, 3 * in1" : "") + ");";
  const std::string when = in_branch ? "if (in2 > 0) " : "";
  if (gen.writes) return "Data table(16); " + when + call + " out1 = peek(table, 0);";
  return "Data table(16); poke(table, in1, elapsed % 16); out1 = 0; " + when + "out1 = " + call;
}

std::vector<std::vector<double>> inputs() {
  std::vector<std::vector<double>> in(2);
  for (std::size_t k = 0; k < frames; ++k) {
    in[0].push_back(static_cast<float>(2 * std::sin(static_cast<double>(k * k % 977))));
    in[1].push_back(static_cast<float>(std::sin(0.1 * static_cast<double>(k))));
  }
  return in;
}

std::vector<float> run(const dgen::Program& program, const std::vector<std::vector<double>>& in) {
  dgen::Instance instance(program, rate);
  const std::vector<float> a(in[0].begin(), in[0].end()), b(in[1].begin(), in[1].end());
  std::vector<float> out(frames);
  constexpr std::size_t block = 37;
  for (std::size_t at = 0; at < frames; at += block) {
    const float* const from[] = {a.data() + at, b.data() + at};
    float* const to[] = {out.data() + at};
    instance.process(from, to, static_cast<std::int64_t>(std::min(block, frames - at)));
  }
  return out;
}

/// Of one value: float32 states over 300 frames; what a float cannot hold is not compared.
bool agree(double value, double expected) {
  if (std::isnan(expected) || std::fabs(expected) > std::numeric_limits<float>::max()) return true;
  return std::fabs(value - expected) <= 2e-5 * (1 + std::fabs(expected));
}

TEST(EveryGenName, RunsAsCLikeTheInterpreter) {
  std::vector<std::string> texts;
  std::vector<std::unique_ptr<dgen::Graph>> graphs;
  std::vector<const dgen::Graph*> given;
  for (const dgen::lang::GenName& gen : dgen::lang::gen_names()) {
    if (!gen.expand) continue;
    for (const bool in_branch : {false, true}) {
      texts.push_back(patch_of(gen, in_branch));
      graphs.push_back(std::make_unique<dgen::Graph>());
      dgen::parse_patch(*graphs.back(), texts.back());
      given.push_back(graphs.back().get());
    }
  }
  const std::vector<dgen::Program> programs = dgen::compile(given);
  const auto in = inputs();
  for (std::size_t k = 0; k < programs.size(); ++k) {
    dgen::Interpreter interpreter(*given[k], rate);
    std::vector<std::vector<double>> expected(1);
    interpreter.process(in, expected, frames);
    const std::vector<float> out = run(programs[k], in);
    for (std::size_t n = 0; n < frames; ++n) {
      ASSERT_TRUE(agree(out[n], expected[0][n]))
          << texts[k] << "\nframe " << n << ": " << out[n] << ", expected " << expected[0][n];
    }
  }
}

}  // namespace
