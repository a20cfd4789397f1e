// Metal elsewhere than on a Mac: the engine says why there is none.

#include <gtest/gtest.h>

#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/program.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

#if !defined(__APPLE__)
TEST(NoMetal, IsSaidWhereNoAppleSystemIs) {
  Graph g;
  g.output(0.5 * g.input(0));
  expect_error(ErrorCode::backend_unavailable, "only Apple's systems have it",
               [&] { dgen::compile(g, {.backend = Backend::metal}); });
}
#endif

}  // namespace
