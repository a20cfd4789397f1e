// `dgen play`: a patch to an audio device, until it ends or Ctrl-C.

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "dgen/audio.h"
#include "dgen/audio_device.h"
#include "dgen/build_notice.h"
#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/patch.h"
#include "dgen/patch_options.h"
#include "dgen/patch_run.h"

namespace dgen::tool {

namespace {

struct PlayOptions {
  PatchOptions patch{};
  SetOptions set{};
  std::string input{}, device{};
  double seconds = 0, rate = 0, tail = 0;
  int block = 0;
  bool list = false;
};

constexpr int usual_block = 512;  ///< frames that audio devices ask for, about

volatile std::sig_atomic_t interrupted = 0;

/// While it lives, nothing reaches standard error: audio systems chat there when a device is missing.
class QuietErrors {
 public:
  QuietErrors() : saved_(::dup(STDERR_FILENO)) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    ::dup2(nowhere, STDERR_FILENO);
    ::close(nowhere);
  }
  ~QuietErrors() {
    if (saved_ < 0) return;
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
  }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;

 private:
  int saved_;
};

void list_devices() {
  std::vector<AudioDevice> devices;
  {
    const QuietErrors quiet;
    devices = output_devices();
  }
  if (devices.empty()) throw Error(ErrorCode::device_unavailable, "there is no audio device on this machine that plays");
  for (const AudioDevice& device : devices) {
    std::printf("%3d  %s  [%s, %s, %s Hz]%s\n", device.index, device.name.c_str(), device.host.c_str(),
                count_of(device.outputs, "channel").c_str(), number(device.sample_rate, 8).c_str(),
                device.is_default ? "  default" : "");
  }
}

/// Fills the device's blocks from the run; silence once `length` frames are played (-1: no end).
struct Playback {
  PatchRun& run;
  std::int64_t length;
  std::atomic<std::int64_t> played = 0;

  void fill(float* const* out, std::int64_t frames) noexcept {
    const std::int64_t from = played.load(std::memory_order_relaxed);
    const std::int64_t wanted = length < 0 ? frames : std::clamp<std::int64_t>(length - from, 0, frames);
    if (wanted > 0) run.process(out, from, wanted);
    for (int c = 0; c < run.channels(); ++c) std::fill(out[c] + wanted, out[c] + frames, 0.0f);
    played.store(from + wanted, std::memory_order_relaxed);
  }
  bool finished() const { return length >= 0 && played.load(std::memory_order_relaxed) >= length; }
};

std::unique_ptr<OutputStream> open_stream(const StreamOptions& options, Playback& playback) {
  const QuietErrors quiet;
  return std::make_unique<OutputStream>(options,
                                        [&playback](float* const* out, std::int64_t frames) { playback.fill(out, frames); });
}

void play_until_the_end(OutputStream& stream, const Playback& playback) {
  interrupted = 0;
  const auto before = std::signal(SIGINT, [](int) { interrupted = 1; });
  stream.start();
  while (!playback.finished() && !interrupted) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  stream.stop();
  std::signal(SIGINT, before);
}

void play(const PlayOptions& options) {
  if (options.list) return list_devices();
  if (options.patch.path.empty()) throw UsageError("PATCH is required; see 'dgen play --help'");
  const std::vector<Setting> settings = options.set.settings();
  Graph graph;
  load_patch(graph, options.patch.path);
  CompileOptions compile_options = options.patch.compile;
  compile_options.frames = options.block > 0 ? options.block : usual_block;
  std::optional<BuildNotice> notice(std::in_place, compile_options.backend);
  const Program program = compile(graph, compile_options);
  notice.reset();
  say_backend(program.choice());
  const auto resolved = resolve(program.params(), settings);
  AudioBuffer in{.sample_rate = options.rate > 0 ? options.rate : 48000};
  if (!options.input.empty()) in = load_input(options.input, options.rate);
  const ChannelPlan plan = plan_channels(program.inputs(), program.outputs(), static_cast<int>(in.channels.size()));
  if (!plan.remark.empty()) say(plan.remark);

  std::int64_t length = options.seconds > 0     ? frames_in(options.seconds, in.sample_rate)
                        : options.input.empty() ? -1
                                                : in.frames();
  if (length >= 0) length += frames_in(options.tail, in.sample_rate);
  for (auto& channel : in.channels) channel.resize(static_cast<std::size_t>(length));
  PatchRun run(program, plan, in, in.sample_rate, resolved);
  Playback playback{.run = run, .length = length};
  const auto stream = open_stream(
      {.device = options.device, .channels = run.channels(), .sample_rate = in.sample_rate, .block = options.block}, playback);
  say("playing on '" + stream->device().name + "', " + count_of(run.channels(), "channel") + ", " + number(in.sample_rate, 8) +
      " Hz" + (length < 0 ? "; Ctrl-C stops" : ""));
  play_until_the_end(*stream, playback);
  say_backend({}, run.fallback());
  if (const std::string failure = run.failure(); !failure.empty()) throw Error(ErrorCode::backend_unavailable, failure);
  say("played " + number(static_cast<double>(playback.played.load()) / in.sample_rate) + " s, " +
      count_of(stream->underruns(), "underrun"));
}

}  // namespace

void add_play(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("play", "Play a patch on an audio device");
  const auto options = std::make_shared<PlayOptions>();
  command.add_option("PATCH", options->patch.path, "Patch file (GenExpr text)")->type_name("FILE");
  command.add_option("-i,--input", options->input, "Sound file to process; gives rate and length")->type_name("FILE");
  command.add_option("--device", options->device, "Index or part of the name of a device; default: the system's")
      ->type_name("NAME");
  command.add_flag("--list", options->list, "List the devices that play");
  command.add_option("--seconds", options->seconds, "Length; default: the input's, or until Ctrl-C")
      ->check(number_from(0.0, 1e6))
      ->type_name("S");
  command.add_option("--tail", options->tail, "Seconds of silence to run after the input")
      ->check(number_from(0.0, 1e6))
      ->type_name("S");
  command.add_option("--rate", options->rate, "Sample rate; default: the input's, else 48000")
      ->check(number_from(1.0, 1e7))
      ->type_name("HZ");
  command.add_option("--block", options->block, "Frames a call; default: the device's")
      ->check(whole_number_from(1, 1 << 16))
      ->type_name("N");
  options->set.add(command);
  options->patch.add_backend(command);
  command.footer(R"(Examples:
  dgen play drone.genexpr --seconds 10
  dgen play echo.genexpr -i speech.wav --tail 2 --set feedback=0.6
  dgen play --list)");
  command.callback([options] { play(*options); });
}

}  // namespace dgen::tool
