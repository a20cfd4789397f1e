#include "ir/print.h"

#include <gtest/gtest.h>

namespace {

using namespace dgen::ir;

TEST(IrPrint, WritesBuffersKernelsAndStatements) {
  Module module{.name = "gain", .inputs = 1, .outputs = 1, .sub_block = 64};
  module.buffers = {{.name = "in_0", .space = Space::input, .size = 64, .channel = 0},
                    {.name = "out_0", .space = Space::output, .size = 64, .channel = 0}};
  const Type wide{Scalar::f32, true}, count{Scalar::i32, false}, position{Scalar::i64, false};
  // Values: 0 frames, 1 zero, 2 the index, 3 load, 4 a half, 5 product.
  Function kernel{.name = "stage_0", .arguments = {count, position}, .why = "no loop"};
  kernel.values = {{.code = Code::argument, .type = count, .integer = 0},
                   {.code = Code::constant, .type = count, .integer = 0},
                   {.code = Code::index, .type = count},
                   {.code = Code::load, .type = wide, .args = {2, -1, -1, -1}, .ref = 0},
                   {.code = Code::constant, .type = wide, .number = 0.5},
                   {.code = Code::mul, .type = wide, .args = {3, 4, -1, -1}}};
  Stmt loop{.form = Stmt::Form::loop, .value = 2, .begin = 1, .end = 0, .by_lanes = true};
  loop.body = {{.form = Stmt::Form::let, .value = 3},
               {.form = Stmt::Form::let, .value = 4},
               {.form = Stmt::Form::let, .value = 5},
               {.form = Stmt::Form::store, .value = 5, .ref = 1, .at = 2}};
  kernel.body = {{.form = Stmt::Form::let, .value = 0}, {.form = Stmt::Form::let, .value = 1}, loop};
  module.kernels = {kernel};
  EXPECT_EQ(to_text(module),
            "module gain: 1 in, 1 out, sub-blocks of 64 frames, 0 bytes of state, 0 of scratch\n"
            "buffer in_0: input f32 [64], host channel 0\n"
            "buffer out_0: output f32 [64], host channel 0\n"
            "\n"
            "kernel stage_0, for every sub-block\n"
            "  # no loop\n"
            "  for %2 from 0 to argument0 by lanes\n"
            "    %3 = load in_0[%2] : wide f32\n"
            "    %5 = mul %3 0.5 : wide f32\n"
            "    store out_0[%2] = %5\n");
}

}  // namespace
