#include "render/export.h"

#include <gtest/gtest.h>

#include "render/compiled.h"
#include "render/machine.h"

namespace {

using namespace dgen;
using namespace dgen::render;
using ir::Builder;
using ir::Value;

/// Every kind of helper that differs between compilers and machines.
struct Exportable : Machine {
  Exportable() : Machine("gentle", 1, 1, 1) {
    interface.params[0] = {.name =
                               "odd \"name\" */ ?"
                               "?/",
                           .initial = 0.5};
    interface.states.push_back({.name = "last", .buffer = add({.name = "last", .scalar = ir::Scalar::f64})});
    kernel("gentle", [&](Builder& b, Value zero, Value frames) {
      b.loop(zero, frames, true, [&](Value i) {
        const Value x = b.load(input(0), i, true);
        b.store(output(0), i, select(x < 0.5, min(sqrt(abs(x)), floor(x * 3.0)), max(x, like(x, 0.75))));
      });
    });
  }
};

class Export : public ::testing::TestWithParam<std::string> {
 protected:
  static std::string folder(const Exported& files) {
    temporary_file("gentle.h", files.header);
    const std::string path = temporary_file("gentle.c", files.source);
    return path.substr(0, path.rfind('/'));
  }
};

TEST_P(Export, CompilesWithoutAWarningAndRunsFromC) {
  const Exportable made;
  const Exported files = render_export(made.module, made.interface, 8);
  const std::string at = folder(files);
  temporary_file("main.c", R"(#include <stdio.h>
#include <stdlib.h>
#include "gentle.h"
int main(void) {
  float x[5] = {-0.5f, 0.25f, 0.4f, 0.6f, 2.0f};
  const float params[1] = {0.5f};
  const float* in[1] = {x};
  float* out[1] = {x};
  void* state = aligned_alloc((size_t)dgen_gentle_descriptor.alignment, dgen_gentle_memory_bytes);
  dgen_gentle_init(state, 48000.0);
  if (dgen_gentle_descriptor.memory_bytes != dgen_gentle_memory_bytes) return 1;
  if (dgen_gentle_process(state, params, in, out, 5) != 0) return 2;
  for (int k = 0; k < 5; ++k) printf("%g ", (double)x[k]);
  free(state);
  return 0;
}
)");
  for (const char* flags : {"-O2 -fno-math-errno -fno-trapping-math", "-O1", "-O3 -march=native"}) {
    std::string output;
    const std::string compile = GetParam() + " -Wno-psabi -Wall -Wextra -Werror " + flags + " -o " + at + "/gentle " + at +
                                "/main.c " + at + "/gentle.c -lm";
    ASSERT_TRUE(succeeds(compile, output)) << compile << "\n" << output;
    ASSERT_TRUE(succeeds(at + "/gentle", output)) << output;
    EXPECT_EQ(output, "-2 0 0.632456 0.75 2 ") << flags;
  }
}

TEST_P(Export, HeaderIsCpp) {
  const Exportable made;
  const std::string at = folder(render_export(made.module, made.interface, 8));
  temporary_file("user.cpp",
                 "#include \"gentle.h\"\n#include \"gentle.h\"\nint main() { return dgen_gentle_descriptor.inputs - 1; }\n");
  std::string output;
  const std::string cpp = GetParam() == "gcc" ? "g++" : "clang++";
  EXPECT_TRUE(succeeds(cpp + " -std=c++17 -pedantic -Wall -Wextra -Werror -fsyntax-only " + at + "/user.cpp", output)) << output;
}

INSTANTIATE_TEST_SUITE_P(Render, Export, ::testing::ValuesIn(compilers()), [](const auto& made) { return made.param; });

}  // namespace
