#pragma once
// Reads what objdump prints, and counts what a compiler made of a kernel.

#include <string>
#include <string_view>
#include <vector>

namespace dgen::test {

/// A function of an object file, as objdump -d shows it.
struct Disassembly {
  std::string name;
  std::vector<std::string> instructions;  ///< "mulps %xmm1,%xmm0": mnemonic and operands, no addresses
};

/// Splits the text of `objdump -d --no-show-raw-insn` (GNU, x86 in AT&T spelling or AArch64) into functions.
std::vector<Disassembly> read_disassembly(std::string_view text);

/// How often a function computes on whole vectors and on single floats, and how often it calls.
struct InstructionCount {
  int packed = 0;  ///< floating-point arithmetic, comparison or conversion on two or more lanes
  int scalar = 0;  ///< the same on one
  int calls = 0;   ///< of other functions, jumps to them included
};

InstructionCount count_instructions(const Disassembly& function);

}  // namespace dgen::test
