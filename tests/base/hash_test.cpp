#include "base/hash.h"

#include <gtest/gtest.h>

namespace {

using namespace dgen::base;

// Expected values: those that xxhsum -H2 of xxHash 0.8 prints.
TEST(Hash, IsXxh3Of128Bits) {
  EXPECT_EQ(to_hex(hash("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(to_hex(hash("abc")), "06b05ab6733a618578af5f94892f3950");
}

TEST(Hash, TellsPartsApart) {
  EXPECT_NE(hash({"ab", "c"}), hash({"a", "bc"}));
  EXPECT_NE(hash({"ab"}), hash({"ab", ""}));
  EXPECT_EQ(hash({"a", "b"}), hash({"a", "b"}));
}

}  // namespace
