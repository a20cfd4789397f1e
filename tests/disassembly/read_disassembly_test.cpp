#include <gtest/gtest.h>

#include "support/disassembly.h"

namespace {

using dgen::test::count_instructions;
using dgen::test::read_disassembly;

TEST(ReadDisassembly, SplitsFunctionsAndDropsAddresses) {
  const auto functions = read_disassembly(
      "\nfile.o:     file format elf64-x86-64\n\n"
      "0000000000001000 <first>:\n    1000:\tvmulps %ymm1,%ymm0,%ymm0\n    1004:\tret\n\n"
      "0000000000001010 <second>:\n    1010:\tret    \n");
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[0].name, "first");
  EXPECT_EQ(functions[0].instructions, (std::vector<std::string>{"vmulps %ymm1,%ymm0,%ymm0", "ret"}));
  EXPECT_EQ(functions[1].instructions.size(), 1u);
}

TEST(CountInstructions, TellsPackedFromScalarOnX86) {
  const auto count = count_instructions(
      {.name = "f",
       .instructions = {"vfmadd213ps (%rax),%zmm1,%zmm0", "vmulpd %ymm1,%ymm0,%ymm0", "addss  %xmm1,%xmm0", "cvtsi2sd %eax,%xmm0",
                        "vcmpltps %ymm1,%ymm2,%ymm3", "vcvttps2dq %ymm0,%ymm1", "movaps %xmm0,%xmm1", "add    %rax,%rbx"}});
  EXPECT_EQ(count.packed, 3);
  EXPECT_EQ(count.scalar, 2);
  EXPECT_EQ(count.calls, 0);
}

TEST(CountInstructions, TellsPackedFromScalarOnArm) {
  const auto count = count_instructions(
      {.name = "f",
       .instructions = {"fmul\tv0.4s, v1.4s, v2.4s", "fmla\tv0.4s, v1.4s, v2.s[0]", "fmadd\ts0, s1, s2, s3",
                        "fcmgt\tv0.4s, v1.4s, v2.4s", "fcmpe\ts0, s1", "scvtf\tv0.4s, v0.4s", "ldr\tq0, [x0]"}});
  EXPECT_EQ(count.packed, 4);
  EXPECT_EQ(count.scalar, 2);
}

TEST(CountInstructions, FindsCallsAndJumpsToOtherFunctions) {
  const auto count =
      count_instructions({.name = "f",
                          .instructions = {"call   1030 <sinf@plt>", "call   *%rax", "bl\t10 <expf>", "blr\tx3",
                                           "jmp    1100 <g>", "jmp    1004 <f+0x4>", "b\t8 <f+0x8>", "jne    1010 <f+0x10>"}});
  EXPECT_EQ(count.calls, 5);
}

}  // namespace
