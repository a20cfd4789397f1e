#include "base/subprocess.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace {

using dgen::base::Command;
using dgen::base::Completed;
using dgen::base::run;

Command shell(const std::string& script, std::string input = {}, double timeout_s = 20) {
  return {.program = "/bin/sh", .arguments = {"-c", script}, .input = std::move(input), .timeout_s = timeout_s};
}

TEST(Run, PassesInputAndReturnsBothStreams) {
  const Completed done = run(shell("cat; echo said >&2", "hello"));
  EXPECT_TRUE(done.succeeded());
  EXPECT_EQ(done.output, "hello");
  EXPECT_EQ(done.errors, "said\n");
}

TEST(Run, MovesMoreThanAPipeHoldsBothWays) {
  const std::string big(3 << 20, 'x');
  EXPECT_EQ(run(shell("cat", big)).output, big);
}

TEST(Run, TakesArgumentsAsTheyAre) {
  const Completed done = run({.program = "/bin/echo", .arguments = {"$HOME; \"a b\"", "*"}});
  EXPECT_EQ(done.output, "$HOME; \"a b\" *\n");
}

TEST(Run, ReportsExitCodeAndSignal) {
  EXPECT_EQ(run(shell("exit 7")).exit_code, 7);
  const Completed killed = run(shell("kill -SEGV $$"));
  EXPECT_EQ(killed.signal, SIGSEGV);
  EXPECT_EQ(describe_failure(killed, shell("")), "killed by signal 11");
}

TEST(Run, SaysWhyAProgramCannotStart) {
  const Completed done = run({.program = "/nonexistent/compiler"});
  EXPECT_FALSE(done.started);
  EXPECT_FALSE(done.succeeded());
  EXPECT_EQ(done.errors, "No such file or directory");
}

TEST(Run, EndsAProgramThatHangsAndItsChildren) {
  const auto before = std::chrono::steady_clock::now();
  const Completed done = run(shell("sleep 60 & sleep 60", {}, 0.2));
  EXPECT_TRUE(done.timed_out);
  EXPECT_EQ(describe_failure(done, shell("", {}, 0.2)), "no end after 0.2 s");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST(Run, EndsAProgramThatHangsWithItsStreamsClosed) { EXPECT_TRUE(run(shell("exec >&- 2>&-; sleep 60", {}, 0.2)).timed_out); }

TEST(Run, DoesNotWaitForAChildThatOutlivesTheProgram) {
  const Completed done = run(shell("echo first; sleep 5 & exit 3", {}, 4));
  EXPECT_FALSE(done.timed_out);
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.output, "first\n");
}

TEST(Run, SurvivesAProgramThatReadsNothing) { EXPECT_EQ(run(shell("exit 1", std::string(1 << 20, 'x'))).exit_code, 1); }

TEST(Run, LeaksNoFileIntoTheProgram) {
  const int open_here = open("/dev/null", O_RDONLY);  // on purpose without O_CLOEXEC
  const Completed done = run(shell("ls /proc/self/fd | wc -l"));
  close(open_here);
  EXPECT_EQ(done.output, "4\n") << "the standard streams, and the folder that ls reads";
}

TEST(Run, LeavesNoFileOpenHere) {
  const int first = dup(0);
  for (int k = 0; k < 20; ++k) run(shell("true", "x"));
  const int second = dup(0);
  close(first), close(second);
  EXPECT_EQ(second, first + 1);
}

TEST(Run, WorksWhereTheStandardStreamsAreClosed) {
  const auto child = [] {
    for (const int fd : {0, 1, 2}) close(fd);
    const Completed done = run(shell("cat; echo e >&2", "through"));
    _exit(done.succeeded() && done.output == "through" && done.errors == "e\n" ? 0 : 1);
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

TEST(Run, WorksWhereTheHostIgnoresItsChildren) {
  const auto child = [] {
    signal(SIGCHLD, SIG_IGN);
    _exit(run(shell("cat", "through")).output == "through" ? 0 : 1);
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

TEST(Run, CarriesOnWhenSignalsInterruptIt) {
  struct sigaction quiet {
  }, before{};
  quiet.sa_handler = [](int) {};
  sigaction(SIGALRM, &quiet, &before);
  ualarm(1000, 1000);
  const std::string big(1 << 20, 'y');
  const Completed done = run(shell("sleep 0.1; cat", big));
  ualarm(0, 0);
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_TRUE(done.succeeded());
  EXPECT_EQ(done.output, big);
}

TEST(Run, WorksFromManyThreads) {
  std::vector<std::thread> threads;
  std::vector<std::string> said(8);
  for (std::size_t k = 0; k < said.size(); ++k) {
    threads.emplace_back([&said, k] { said[k] = run(shell("cat", std::to_string(k))).output; });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t k = 0; k < said.size(); ++k) EXPECT_EQ(said[k], std::to_string(k));
}

TEST(FindProgram, LooksInThePathAndLeavesPathsAlone) {
  EXPECT_EQ(dgen::base::find_program("/bin/sh"), "/bin/sh");
  EXPECT_TRUE(dgen::base::find_program("sh").ends_with("/sh"));
  EXPECT_EQ(dgen::base::find_program("no-such-program-anywhere"), "");
  EXPECT_EQ(dgen::base::find_program("/bin"), "") << "a folder";
  EXPECT_EQ(dgen::base::find_program("/etc/passwd"), "") << "not executable";
}

}  // namespace
