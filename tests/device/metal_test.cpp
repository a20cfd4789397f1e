// Metal: the suite of devices on a Mac's GPU; elsewhere that the engine says why there is none.

#include "device/device_suite.h"
#include "dgen/devices.h"
#include "dgen/error.h"
#include "support/expect_error.h"

namespace {

using namespace dgen;

Program compile_metal_program(const Graph& g) { return dgen::compile(g, {.backend = Backend::metal}); }

/// Metal refuses what needs double precision.
bool metal_takes(const Graph& g) {
  try {
    compile_metal_program(g);
    return true;
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("needs double precision"), std::string::npos) << e.what();
    return false;
  }
}

class Metal : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const DeviceInfo& one : devices()) {
      if (one.backend == Backend::metal && one.why_not.empty()) return;
    }
    GTEST_SKIP() << "no Metal device here";
  }
};

TEST_F(Metal, ComputesEveryOpItTakes) { device_suite::check_ops(compile_metal_program, metal_takes); }
TEST_F(Metal, ComputesEveryCompositeItTakes) { device_suite::check_composites(compile_metal_program, metal_takes); }
TEST_F(Metal, ComputesRandomGraphsItTakes) { device_suite::check_random_graphs(compile_metal_program, 10, 2000, metal_takes); }

#if !defined(__APPLE__)
TEST(NoMetal, IsSaidWhereNoAppleSystemIs) {
  Graph g;
  g.output(0.5 * g.input(0));
  expect_error(ErrorCode::backend_unavailable, "only Apple's systems have it", [&] { compile_metal_program(g); });
}
#endif

}  // namespace
