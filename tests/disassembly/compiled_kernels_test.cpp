// What the C compiler made of the kernels: read from the library that runs.

#include <gtest/gtest.h>

#include <sstream>

#include "base/subprocess.h"
#include "dgen/dsp.h"
#include "dgen/program.h"
#include "ops/pointwise.h"
#include "support/disassembly.h"
#include "support/oscillator_bank.h"
#include "support/temporary_folder.h"

namespace {

using dgen::test::count_instructions;
using dgen::test::Disassembly;
using dgen::test::InstructionCount;

/// A graph compiled into a cache of its own, so that its library can be found.
class CompiledKernels {
 public:
  explicit CompiledKernels(const dgen::Graph& graph, int vector_width = 0) {
    compile(graph, {.vector_width = vector_width, .cache_directory = cache_.path().string()});
    for (const auto& file : std::filesystem::directory_iterator(cache_.path())) {
      if (file.path().extension() == ".so") library_ = file.path().string();
    }
  }

  /// The functions whose name holds `part`.
  std::vector<Disassembly> functions(const std::string& part) const {
    std::vector<Disassembly> found = dgen::test::read_disassembly(run("objdump", {"-d", "--no-show-raw-insn", library_}));
    std::erase_if(found, [&](const Disassembly& f) { return f.name.find(part) == std::string::npos; });
    return found;
  }

  /// The names of the functions it takes from elsewhere.
  std::vector<std::string> undefined() const {
    std::istringstream lines(run("nm", {"-D", "-u", library_}));
    std::vector<std::string> names;
    for (std::string kind, name; lines >> kind >> name;) {
      if (kind == "U") names.push_back(name.substr(0, name.find('@')));
    }
    return names;
  }

 private:
  static std::string run(const std::string& tool, const std::vector<std::string>& arguments) {
    const dgen::base::Completed completed = dgen::base::run({.program = dgen::base::find_program(tool), .arguments = arguments});
    EXPECT_TRUE(completed.succeeded()) << tool << ": " << completed.errors;
    return completed.output;
  }

  TemporaryFolder cache_;
  std::string library_;
};

void expect_no_mathematics_from_elsewhere(const CompiledKernels& kernels) {
  for (const std::string& name : kernels.undefined()) {
    EXPECT_TRUE(name == "memset" || name == "memcpy" || name == "memmove") << "the kernels need " << name;
  }
}

void expect_no_calls(const CompiledKernels& kernels) {
  const std::vector<Disassembly> found = kernels.functions("_stage_");
  EXPECT_FALSE(found.empty());
  for (const Disassembly& kernel : found) EXPECT_EQ(count_instructions(kernel).calls, 0) << kernel.name;
}

/// One output for every pointwise op, each of its own inputs.
void add_every_pointwise_op(dgen::Graph& g) {
  for (const dgen::OpDef* op : dgen::testing::pointwise_ops()) {
    std::vector<dgen::Operand> inputs;
    for (std::size_t k = 0; k < dgen::testing::arity(*op); ++k) inputs.emplace_back(g.input(static_cast<int>(k)));
    g.output(g.n(*op, inputs, {}), op->name);
  }
}

TEST(OscillatorBank, RunsOnWholeVectors) {
  for (const int width : {4, 8, 16}) {
    dgen::Graph g;
    dgen::test::add_oscillator_bank(g, 16);
    const CompiledKernels kernels(g, width);
    InstructionCount all;
    for (const Disassembly& kernel : kernels.functions("_parallel")) {
      const InstructionCount count = count_instructions(kernel);
      all.packed += count.packed, all.scalar += count.scalar;
    }
    EXPECT_GT(all.packed, 4 * 16);  // a rotation for each takes four
    EXPECT_GT(all.packed, 9 * all.scalar) << all.packed << " packed and " << all.scalar << " scalar at width " << width;
    expect_no_calls(kernels);
    expect_no_mathematics_from_elsewhere(kernels);
  }
}

TEST(EveryPointwiseOp, NeedsNoMathematicsLibrary) {
  dgen::Graph g;
  add_every_pointwise_op(g);
  const CompiledKernels kernels(g);
  expect_no_mathematics_from_elsewhere(kernels);
}

}  // namespace
