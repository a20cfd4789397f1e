#include "base/whole_file.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen::base;
using dgen::ErrorCode;

TEST(WholeFile, ReplacesAndReadsAllBytes) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\n", 4), more(200000, 'x');
  replace_whole_file(folder / "f", bytes);
  EXPECT_EQ(read_whole_file(folder / "f"), bytes);
  replace_whole_file(folder / "f", more);
  EXPECT_EQ(read_whole_file(folder / "f"), more);
  EXPECT_EQ(folder.files(), 1);
}

TEST(WholeFile, FollowsLinksToLinks) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("real", folder / "relative");
  std::filesystem::create_symlink(folder / "relative", folder / "absolute");
  replace_whole_file(folder / "absolute", "x");
  EXPECT_EQ(slurp(folder / "real"), "x");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "relative"));
  EXPECT_EQ(folder.files(), 3);
}

TEST(WholeFile, OverwritesWhatAKilledProcessLeft) {
  const TemporaryFolder folder;
  spill(folder / "f.partial", std::string(1000, 'x'));
  replace_whole_file(folder / "f", "new");
  EXPECT_EQ(slurp(folder / "f"), "new");
  EXPECT_EQ(folder.files(), 1);
}

TEST(WholeFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::file_unwritable, "not a file", [] { replace_whole_file("/dev/full", "x"); });
  expect_error(ErrorCode::file_unwritable, "not a file", [&] { replace_whole_file(folder.path().string(), "x"); });
  expect_error(ErrorCode::file_unwritable, "No such file", [&] { replace_whole_file(folder / "a/b", "x"); });
  expect_error(ErrorCode::file_unreadable, "No such file", [&] { read_whole_file(folder / "a"); });
}

}  // namespace
