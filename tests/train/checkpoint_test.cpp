// A training that is stopped at any moment goes on from its checkpoint as if nothing had happened.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <random>

#include "dgen/filters.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/train.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace {

using namespace dgen;

/// Learns a low-pass filter and a gain from random segments of noise.
struct Fit {
  Graph g;
  std::vector<float> x, target;
  Signal loss;

  explicit Fit(const char* gain_name = "gain", double max_gain = 4) {
    std::mt19937 random(7);
    for (int n = 0; n < 400; ++n) x.push_back(static_cast<float>(random()) * 0x1p-31f - 1);
    target = x;
    for (std::size_t n = 1; n < target.size(); ++n) target[n] = 0.4f * x[n] + 0.6f * target[n - 1];
    const Signal cutoff = g.param("cutoff", 3000, {.min = 20, .max = 20000, .mapping = Mapping::log});
    const Signal gain = g.param(gain_name, 0.5, {.min = 0.01, .max = max_gain, .mapping = Mapping::decibel});
    loss = mse(gain * biquad_lowpass(g.input(0), cutoff, 0.7), g.input(1));
  }

  /// Segments in order, each from the states of the one before.
  TrainerOptions carried(Backend backend) const {
    TrainerOptions o = options(backend);
    o.order = SegmentOrder::consecutive;
    o.pre_roll = 0;
    o.carry_state = true;
    return o;
  }

  TrainerOptions options(Backend backend = Backend::cpu) const {
    return {.frames = 32,
            .channels = {x, target},
            .order = SegmentOrder::random,
            .pre_roll = 16,
            .seed = 3,
            .schedule = {.shape = CosineRate{.steps = 200}, .warm_up = 5},
            .clip = {.norm = 1},
            .compile = {.backend = backend, .name = "training"}};
  }
  Trainer trainer(const Optimizer& optimizer = Adam{.learning_rate = 0.05}) { return Trainer(g, loss, optimizer, options()); }
};

std::string bytes_of(const Trainer& trainer, const TemporaryFolder& folder) {
  trainer.save_checkpoint(folder / "bytes");
  return slurp(folder / "bytes");
}

/// What a training stopped after 17 steps (in the middle of the recording) does must be what a whole one does.
void expect_same_bits(const Optimizer& optimizer, const TrainerOptions& options, const TemporaryFolder& folder) {
  Fit a, b, c;
  Trainer whole(a.g, a.loss, optimizer, options), part(b.g, b.loss, optimizer, options), rest(c.g, c.loss, optimizer, options);
  for (int k = 0; k < 17; ++k) whole.step(), part.step();
  part.save_checkpoint(folder / "c");
  rest.step();  // whatever it did before
  rest.resume(folder / "c");
  EXPECT_EQ(rest.steps(), 17);
  for (int k = 0; k < 20; ++k) {
    const Metrics expected = whole.step(), got = rest.step();
    EXPECT_EQ(got.step, expected.step);
    EXPECT_EQ(got.loss, expected.loss);
    EXPECT_EQ(got.start, expected.start);
    EXPECT_EQ(got.learning_rate, expected.learning_rate);
    EXPECT_EQ(got.gradient_norm, expected.gradient_norm);
  }
  EXPECT_TRUE(bytes_of(rest, folder) == bytes_of(whole, folder));
}

TEST(Checkpoint, GoesOnBitForBit) {
  const TemporaryFolder folder;
  const Fit fit;
  for (const char* name : {"adam", "adamw", "sgd:momentum=0.9", "sgd", "rmsprop:centered=1,momentum=0.5", "adagrad", "lion"}) {
    SCOPED_TRACE(name);
    expect_same_bits(optimizer_by_name(name, 0.02), fit.options(), folder);
  }
}

TEST(Checkpoint, GoesOnFromCarriedStates) {
  const TemporaryFolder folder;
  for (const Backend backend : {Backend::cpu, Backend::interpreter}) {
    const Fit fit;
    expect_same_bits(Adam{}, fit.options(backend), folder);
    expect_same_bits(Adam{}, fit.carried(backend), folder);
  }
}

TEST(Checkpoint, GoesOnOnAnotherBackEnd) {
  const TemporaryFolder folder;
  for (const bool carried : {false, true}) {
    for (const Backend first : {Backend::cpu, Backend::interpreter}) {
      SCOPED_TRACE(std::string(to_string(first)) + (carried ? ", carried" : ""));
      const Backend second = first == Backend::cpu ? Backend::interpreter : Backend::cpu;
      Fit a, b;
      Trainer whole(a.g, a.loss, Adam{}, carried ? a.carried(first) : a.options(first));
      Trainer rest(b.g, b.loss, Adam{}, carried ? b.carried(second) : b.options(second));
      for (int k = 0; k < 17; ++k) whole.step();
      whole.save_checkpoint(folder / "c");
      rest.resume(folder / "c");
      // Carried states come from the values of each step, those made anew from the last values.
      for (int k = 0; k < 10; ++k) EXPECT_NEAR(rest.step().loss / whole.step().loss, 1, carried ? 1e-2 : 1e-4) << k;
      EXPECT_EQ(rest.steps(), 27);
    }
  }
}

constexpr int steps = 150;

/// Trains to the end, writing a checkpoint after every step, from the one that is there.
[[noreturn]] void train_and_leave(const std::string& path) {
  Fit fit;
  Trainer trainer = fit.trainer();
  if (access(path.c_str(), F_OK) == 0) trainer.resume(path);
  while (trainer.steps() < steps) {
    trainer.step();
    trainer.save_checkpoint(path);
  }
  _exit(0);
}

TEST(Checkpoint, SurvivesBeingKilledAtAnyMoment) {
  const TemporaryFolder folder;
  const std::string path = folder / "c";
  std::mt19937 random(std::random_device{}());
  int kills = 0;
  for (bool done = false; !done;) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) train_and_leave(path);
    if (kills < 12) {
      usleep(static_cast<useconds_t>(3000 + random() % 20000));
      kill(child, SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    done = WIFEXITED(status);
    EXPECT_TRUE(!done || WEXITSTATUS(status) == 0);
    kills += !done;
  }
  EXPECT_GE(kills, 3) << "the training was over too soon to be killed";
  Fit fit;
  Trainer whole = fit.trainer();
  for (int k = 0; k < steps; ++k) whole.step();
  EXPECT_TRUE(slurp(path) == bytes_of(whole, folder)) << "after " << kills << " kills";
}

TEST(Checkpoint, FullDiskLeavesTheOneBefore) {
  const TemporaryFolder folder;
  Fit fit;
  Trainer trainer = fit.trainer();
  for (int k = 0; k < 3; ++k) trainer.step();
  trainer.save_checkpoint(folder / "c");
  const std::string before = slurp(folder / "c");
  trainer.step();
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  rlimit small = limit;
  small.rlim_cur = before.size() / 2;
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  expect_error(ErrorCode::file_unwritable, "cannot write '" + folder / "c" + "': File too large",
               [&] { trainer.save_checkpoint(folder / "c"); });
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(slurp(folder / "c"), before);
  EXPECT_EQ(folder.files(), 1);
  trainer.save_checkpoint(folder / "c");
  EXPECT_NE(slurp(folder / "c"), before);
}

TEST(Checkpoint, SaysWhereItCannotWriteOrRead) {
  const TemporaryFolder folder;
  Fit fit;
  Trainer trainer = fit.trainer();
  const auto refuses_to_write = [&](const std::string& path, const std::string& why) {
    expect_error(ErrorCode::file_unwritable, "cannot write '" + path + "': " + why, [&] { trainer.save_checkpoint(path); });
  };
  refuses_to_write(folder / "none/c", "No such file or directory");
  refuses_to_write("/dev/full", "it is there, and not a file");
  refuses_to_write(folder.path().string(), "it is there, and not a file");
  expect_error(ErrorCode::file_unreadable, "No such file or directory", [&] { trainer.resume(folder / "none"); });
  expect_error(ErrorCode::file_unreadable, "Is a directory", [&] { trainer.resume(folder.path().string()); });
}

TEST(Checkpoint, FollowsALink) {
  const TemporaryFolder folder;
  Fit fit;
  Trainer trainer = fit.trainer();
  trainer.step();
  std::filesystem::create_symlink(folder / "real", folder / "link");
  trainer.save_checkpoint(folder / "link");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_TRUE(std::filesystem::is_regular_file(folder / "real"));
  trainer.resume(folder / "link");
}

class Damaged : public ::testing::Test {
 protected:
  Damaged() : trainer_(fit_.trainer()) {
    for (int k = 0; k < 5; ++k) trainer_.step();
    trainer_.save_checkpoint(folder_ / "c");
    whole_ = slurp(folder_ / "c");
    trainer_.step();
    now_ = bytes_of(trainer_, folder_);
  }
  void refuses(const std::string& bytes, ErrorCode code, const std::string& part) {
    spill(folder_ / "c", bytes);
    expect_error(code, part, [&] { trainer_.resume(folder_ / "c"); });
    EXPECT_EQ(bytes_of(trainer_, folder_), now_);  // nothing changed
  }

  Fit fit_;
  Trainer trainer_;
  const TemporaryFolder folder_;
  std::string whole_, now_;
};

TEST_F(Damaged, IsRefusedWhereverItIsCut) {
  refuses("", ErrorCode::file_malformed, "is empty");
  for (std::size_t size = 1; size < whole_.size(); size += 1 + size / 7)
    refuses(whole_.substr(0, size), ErrorCode::file_malformed, "is truncated");
  refuses(whole_.substr(0, whole_.size() - 1), ErrorCode::file_malformed, "is truncated");
  refuses(whole_ + "x", ErrorCode::file_malformed, "it is longer than what was written");
}

TEST_F(Damaged, IsRefusedWhereverABitIsWrong) {
  for (std::size_t at = 0; at < whole_.size(); at += 1 + at / 5) {
    std::string bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    spill(folder_ / "c", bytes);
    EXPECT_THROW(trainer_.resume(folder_ / "c"), Error) << "byte " << at;
  }
  EXPECT_EQ(bytes_of(trainer_, folder_), now_);
}

TEST_F(Damaged, IsRefusedWhereItIsSomethingElse) {
  refuses("Param cutoff(3000);", ErrorCode::file_malformed, "is not a checkpoint of a training");
  std::string later = whole_;
  later[25] = 1;  // the version stands behind the first line
  refuses(later, ErrorCode::state_mismatch, "is in version 1 of the format, and this DGen reads version 4");
}

class OfAnother : public ::testing::Test {
 protected:
  OfAnother() {
    Fit fit;
    Trainer trainer = fit.trainer();
    trainer.step();
    trainer.save_checkpoint(path_);
  }
  void refuses(Fit& fit, const std::string& part, const Optimizer& optimizer = Adam{}) {
    refuses(fit, part, fit.options(), optimizer);
  }
  void refuses(Fit& fit, const std::string& part, const TrainerOptions& options, const Optimizer& optimizer = Adam{}) {
    Trainer trainer(fit.g, fit.loss, optimizer, options);
    expect_error(ErrorCode::state_mismatch, part, [&] { trainer.resume(path_); });
    EXPECT_EQ(trainer.steps(), 0);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "c";
};

TEST_F(OfAnother, PatchItIsRefused) {
  Fit renamed("volume"), limited("gain", 2), changed;
  refuses(renamed, "it has a parameter 'gain', which is not in this patch");
  refuses(limited, "in it parameter 'gain' is in 0.01 … 4 (decibel), in this patch in 0.01 … 2 (decibel)");
  changed.loss = 2.0 * changed.loss;
  refuses(changed, "of a patch or loss that computes something else");
  Fit more;
  more.loss = more.loss + 0.0 * more.g.param("more", 1);
  refuses(more, "it has no parameter 'more', which this patch has");
}

TEST_F(OfAnother, OptimizerItIsRefused) {
  Fit fit;
  refuses(fit, "its optimiser is adam, here it is sgd", Sgd{});
}

TEST_F(OfAnother, RecordingOrSegmentsItIsRefused) {
  Fit fit;
  fit.target[100] += 0.001f;
  refuses(fit, "it was made with another recording");
  Fit same;
  TrainerOptions options = same.options();
  options.seed = 4;
  refuses(same, "it was made with segments of 32 frames at 44100 Hz, random by seed 3, after a pre-roll of 16 frames; here are ",
          options);
}

TEST_F(OfAnother, RateItIsTaken) {
  Fit fit;
  TrainerOptions options = fit.options();
  options.schedule = {};
  Trainer trainer(fit.g, fit.loss, Adam{.learning_rate = 0.5}, options);
  trainer.resume(path_);
  EXPECT_EQ(trainer.step().learning_rate, 0.5);
}

}  // namespace
