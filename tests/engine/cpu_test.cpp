#include "engine/cpu.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/private_folder.h"
#include "dgen/error.h"
#include "engine/cpu_cache.h"
#include "engine/cpu_target.h"

namespace {

namespace fs = std::filesystem;
using dgen::engine::compile_c;
using dgen::engine::CpuCode;

/// A folder of its own for every test, removed at its end; the environment as the test wants it.
class Cpu : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("DGEN_CC");
    unsetenv("DGEN_CACHE_MB");
    unsetenv("DGEN_COMPILE_TIMEOUT");
  }
  void TearDown() override {
    SetUp();
    fs::remove_all(folder);
  }

  CpuCode compile(const std::string& source) const { return compile_c(source, {.cache_directory = cache.string()}); }

  static std::string answer(int value) { return "int answer(void) { return " + std::to_string(value) + "; }\n"; }
  static int call(const CpuCode& code) { return reinterpret_cast<int (*)()>(code.library->symbol("answer"))(); }

  std::vector<fs::path> entries(const std::string& extension) const {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(cache)) {
      if (file.path().extension() == extension) found.push_back(file.path());
    }
    return found;
  }

  std::string script(const std::string& body) const {
    const fs::path path = folder / "compiler";
    std::ofstream(path) << "#!/bin/sh\n" << body;
    fs::permissions(path, fs::perms::owner_all);
    return path.string();
  }

  dgen::Error error_with(const std::string& compiler) const {
    try {
      compile_c(answer(1), {.compiler = compiler, .cache_directory = cache.string()});
    } catch (const dgen::Error& error) {
      return error;
    }
    ADD_FAILURE() << compiler << " compiled";
    return {dgen::ErrorCode::bad_value, ""};
  }

  const fs::path folder = dgen::base::make_temporary_folder("dgen-test");
  const fs::path cache = folder / "cache";
};

TEST_F(Cpu, CompilesAndLoads) {
  const CpuCode code = compile(answer(42));
  EXPECT_EQ(call(code), 42);
  EXPECT_FALSE(code.from_cache);
  EXPECT_EQ(code.library->symbol("no_such_symbol"), nullptr);
}

TEST_F(Cpu, TakesTheSecondCompileFromTheCache) {
  compile(answer(42));
  const CpuCode again = compile(answer(42));
  EXPECT_TRUE(again.from_cache);
  EXPECT_EQ(call(again), 42);
  EXPECT_FALSE(compile(answer(43)).from_cache);
}

TEST_F(Cpu, KeepsTheCacheForItsOwnerAlone) {
  compile(answer(1));
  struct stat info {};
  ASSERT_EQ(stat(cache.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_TRUE(entries(".tmp").empty());
}

TEST_F(Cpu, RefusesACacheThatOthersMayWriteTo) {
  for (const fs::perms others : {fs::perms::group_write, fs::perms::others_write}) {
    fs::create_directories(cache);
    fs::permissions(cache, fs::perms::owner_all | others);
    try {
      compile(answer(1));
      FAIL() << "used a folder that others may write to";
    } catch (const dgen::Error& error) {
      EXPECT_EQ(error.code(), dgen::ErrorCode::file_unwritable);
      EXPECT_NE(std::string(error.what()).find(cache.string()), std::string::npos) << error.what();
    }
  }
}

TEST_F(Cpu, RefusesACacheOfAnotherUser) {
  fs::create_directories(cache);
  if (chown(cache.c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root can make such a folder";
  EXPECT_THROW(compile(answer(1)), dgen::Error);
}

TEST_F(Cpu, CompilesAnewWhereTheEntryIsDamaged) {
  compile(answer(42));
  const fs::path entry = entries(".so").at(0);
  const auto size = fs::file_size(entry);
  fs::resize_file(entry, size / 2);
  EXPECT_FALSE(compile(answer(42)).from_cache) << "truncated";
  EXPECT_TRUE(compile(answer(42)).from_cache);
  {
    std::fstream file(entry, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size / 3));
    file.put('?').put('!').put('?');
  }
  {
    const CpuCode code = compile(answer(42));
    EXPECT_FALSE(code.from_cache) << "bytes changed";
    EXPECT_EQ(call(code), 42);
  }
  fs::resize_file(entry, 0);
  EXPECT_FALSE(compile(answer(42)).from_cache) << "empty";
}

TEST_F(Cpu, CarriesOnWithoutACacheItCannotWrite) {
  const CpuCode code = compile_c(answer(42), {.cache_directory = "/dev/null/cache"});
  EXPECT_EQ(call(code), 42);
  EXPECT_FALSE(code.from_cache);
}

TEST_F(Cpu, RemovesWhatWasUsedLongestAgo) {
  compile(answer(1));
  const fs::path first = entries(".so").at(0);
  const auto hours_ago = [](int h) { return fs::file_time_type::clock::now() - std::chrono::hours(h); };
  fs::last_write_time(first, hours_ago(3));
  std::ofstream(cache / "making-left-over.tmp") << "x";
  fs::last_write_time(cache / "making-left-over.tmp", hours_ago(2));
  compile(answer(2));
  EXPECT_EQ(entries(".so").size(), 2u);
  EXPECT_TRUE(entries(".tmp").empty());

  dgen::engine::CpuCache(cache.string()).trim(fs::file_size(first) + 100);
  EXPECT_EQ(entries(".so").size(), 1u);
  EXPECT_FALSE(fs::exists(first));
}

TEST_F(Cpu, IsSafeBetweenThreads) {
  std::vector<std::thread> threads;
  std::array<int, 6> got{};
  for (std::size_t k = 0; k < got.size(); ++k) {
    threads.emplace_back([this, &got, k] { got[k] = call(compile(answer(static_cast<int>(k / 2)))); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, (std::array{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(entries(".so").size(), 3u);
  EXPECT_TRUE(entries(".tmp").empty());
}

TEST_F(Cpu, IsSafeBetweenProcesses) {
  std::vector<pid_t> children;
  for (int k = 0; k < 4; ++k) {
    const pid_t child = fork();
    if (child == 0) {
      int wrong = 0;
      for (int value = 0; value < 3; ++value) wrong += call(compile(answer(value))) != value;
      _exit(wrong);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(entries(".so").size(), 3u);
  EXPECT_TRUE(entries(".tmp").empty());
}

TEST_F(Cpu, SaysWhichCompilerIsMissingAndWhatToDo) {
  const dgen::Error missing = error_with("/nonexistent/cc");
  EXPECT_EQ(missing.code(), dgen::ErrorCode::compiler_missing);
  const std::string text = missing.what();
  for (const char* part : {"/nonexistent/cc", "CompileOptions::compiler", "DGEN_CC", "interpreter"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  setenv("DGEN_CC", "no-such-compiler", 1);
  EXPECT_NE(std::string(error_with("").what()).find("'no-such-compiler' (from $DGEN_CC)"), std::string::npos);
}

TEST_F(Cpu, SaysWhatItLookedForWhereThereIsNone) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nonexistent", 1);
  const dgen::Error missing = error_with("");
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(missing.code(), dgen::ErrorCode::compiler_missing);
  EXPECT_NE(std::string(missing.what()).find("cc, gcc and clang in $PATH"), std::string::npos) << missing.what();
}

TEST_F(Cpu, ReportsACompilerThatFails) {
  setenv("DGEN_CC", "/bin/false", 1);
  const dgen::Error failed = error_with("");
  EXPECT_EQ(failed.code(), dgen::ErrorCode::compiler_failed);
  const std::string text = failed.what();
  EXPECT_NE(text.find("/bin/false"), std::string::npos) << text;
  EXPECT_NE(text.find("exit code 1"), std::string::npos) << text;
  const auto kept = entries(".c");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_NE(text.find(kept[0].string()), std::string::npos) << text;
  std::ifstream in(kept[0]);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), answer(1));
}

TEST_F(Cpu, ShowsWhatTheCompilerSaid) {
  try {
    compile("int answer(void) { return nothing; }\n");
    FAIL() << "compiled";
  } catch (const dgen::Error& error) {
    EXPECT_EQ(error.code(), dgen::ErrorCode::compiler_failed);
    EXPECT_NE(std::string(error.what()).find("nothing"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(entries(".tmp").empty());
}

TEST_F(Cpu, ReportsACompilerThatCrashesHangsOrWritesNothing) {
  const std::string crash = error_with(script("cat >/dev/null; kill -SEGV $$\n")).what();
  EXPECT_NE(crash.find("signal 11"), std::string::npos) << crash;
  setenv("DGEN_COMPILE_TIMEOUT", "0.3", 1);
  const std::string hang = error_with(script("[ $1 = --version ] && exit; sleep 60\n")).what();
  EXPECT_NE(hang.find("no end after 0.3 s"), std::string::npos) << hang;
  const std::string silent = error_with(script("exit 0\n")).what();
  EXPECT_NE(silent.find("wrote no output"), std::string::npos) << silent;
}

TEST_F(Cpu, KeepsCodeOfDifferentCompilersApart) {
  compile(answer(1));
  const std::string other = script("exec cc \"$@\"\n");
  EXPECT_FALSE(compile_c(answer(1), {.compiler = other, .cache_directory = cache.string()}).from_cache);
  EXPECT_TRUE(compile_c(answer(1), {.compiler = other, .cache_directory = cache.string()}).from_cache);
}

TEST(NativeVectorWidth, IsOneOfTheRenderedWidths) {
  const int width = dgen::engine::native_vector_width();
  EXPECT_TRUE(width == 4 || width == 8 || width == 16) << width;
  EXPECT_EQ(dgen::engine::processor_identity(), dgen::engine::processor_identity());
}

}  // namespace
