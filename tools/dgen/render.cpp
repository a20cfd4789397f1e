// `dgen render`: a patch and a sound file in, a sound file out.

#include <algorithm>
#include <chrono>
#include <optional>

#include "dgen/audio.h"
#include "dgen/build_notice.h"
#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/note_run.h"
#include "dgen/patch.h"
#include "dgen/patch_options.h"
#include "dgen/patch_run.h"

namespace dgen::tool {

namespace {

struct RenderOptions {
  PatchOptions patch{};
  SetOptions set{};
  NoteOptions notes{};
  std::string input{}, output{}, format{};
  double seconds = 0, rate = 0, tail = 0;
  int channel = 0;             ///< of the input file, from 1; 0: all
  int block = 0, threads = 0;  ///< 0: what suits
};

/// What --format and the ending of the output name together.
SampleFormat chosen_format(const RenderOptions& options) {
  const std::string& name = options.format;
  if (name.empty()) return SampleFormat::automatic;
  if (name == "float32") return SampleFormat::float32;
  if (name == "pcm16") return SampleFormat::pcm16;
  if (name == "pcm24") return SampleFormat::pcm24;
  const std::string ending = options.output.size() < 5 ? "" : options.output.substr(options.output.size() - 5);
  if (ending != ".flac")
    throw UsageError("--format flac writes a .flac file, and '" + options.output + "' does not end in .flac");
  return SampleFormat::automatic;
}

void keep_channel(AudioBuffer& in, int channel) {
  if (channel == 0) return;
  if (channel > static_cast<int>(in.channels.size())) {
    throw Error(ErrorCode::bad_value, "--channel " + std::to_string(channel) + ": the input file has " +
                                          count_of(static_cast<std::int64_t>(in.channels.size()), "channel"));
  }
  in.channels = {in.channels[static_cast<std::size_t>(channel - 1)]};
}

/// The input, at the rate of the output; without a file it has no channels.
AudioBuffer input_of(const RenderOptions& options) {
  if (options.input.empty()) return {.sample_rate = options.rate > 0 ? options.rate : 48000};
  AudioBuffer in = load_input(options.input, options.rate);
  keep_channel(in, options.channel);
  if (in.frames() == 0 && options.seconds == 0 && options.tail == 0) {
    throw Error(ErrorCode::file_malformed, "'" + options.input + "' holds no frames; --seconds or --tail give a length");
  }
  return in;
}

/// Frames a call. Threads take turns in long ones.
int block_of(const RenderOptions& options) {
  if (options.block > 0) return options.block;
  return options.threads == 1 ? 4096 : 65536;
}

/// Runs everything, block by block. Returns the seconds it took.
template <class Run>
double run_all(Run& run, Backend backend, AudioBuffer& out, int block) {
  Progress progress("rendering");
  std::optional<BuildNotice> notice(std::in_place, backend);  // drivers may build kernels in the first call
  std::vector<float*> pointers(out.channels.size());
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t from = 0; from < out.frames(); from += block) {
    const std::int64_t frames = std::min<std::int64_t>(block, out.frames() - from);
    for (std::size_t c = 0; c < pointers.size(); ++c) pointers[c] = out.channels[c].data() + from;
    run.process(pointers.data(), from, frames);
    notice.reset();
    progress.show(static_cast<double>(from) / static_cast<double>(out.frames()));
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void report(const RenderOptions& options, const AudioBuffer& out, const WriteReport& written, double elapsed_s) {
  const double duration_s = static_cast<double>(out.frames()) / out.sample_rate;
  const AudioLevels levels = measure(out);
  say("wrote '" + options.output + "': " + count_of(static_cast<std::int64_t>(out.channels.size()), "channel") + ", " +
      number(out.sample_rate, 8) + " Hz, " + number(duration_s) + " s, " + std::string(sample_format_name(written.format)));
  say("peak " + level(levels.peak) + ", RMS " + level(levels.rms) + ", " + number(duration_s / elapsed_s, 3) +
      " times real time");
  if (written.clipped > 0) {
    say_warning(count_of(written.clipped, "sample") + " outside [-1, 1] clipped; --format float32 keeps them");
  }
  if (levels.not_finite == 0) return;
  throw Error(ErrorCode::bad_value,
              "the output holds " + count_of(levels.not_finite, "sample") + " that " + (levels.not_finite == 1 ? "is" : "are") +
                  " NaN or infinite, first at frame " + std::to_string(levels.first_frame) + " of channel " +
                  std::to_string(levels.first_channel + 1) + "; '" + options.output + "' was written as it is");
}

/// Runs `run` over all frames and writes what comes out.
template <class Run>
void run_and_write(const RenderOptions& options, Run&& run, Backend backend, double rate, std::int64_t frames,
                   SampleFormat format) {
  AudioBuffer out{.sample_rate = rate};
  out.channels.assign(static_cast<std::size_t>(run.channels()), std::vector<float>(static_cast<std::size_t>(frames)));
  const double elapsed_s = run_all(run, backend, out, block_of(options));
  if (const std::string failure = run.failure(); !failure.empty())
    throw Error(ErrorCode::backend_unavailable, "'" + options.output + "' was not written: " + failure);
  say_backend({}, run.fallback());
  report(options, out, write_audio(options.output, out, format), elapsed_s);
}

/// Fits the channels of the input to what is run.
void fit_input(const RenderOptions& options, AudioBuffer& in, std::int64_t frames) {
  if (options.seconds > 0) {
    for (auto& channel : in.channels)
      channel.resize(std::min(channel.size(), static_cast<std::size_t>(frames_in(options.seconds, in.sample_rate))));
  }
  for (auto& channel : in.channels) channel.resize(static_cast<std::size_t>(frames));
}

/// The program of a patch, for one voice or for many.
VoiceProgram program_of(const RenderOptions& options, const Graph& graph, const ChannelPlan& plan) {
  CompileOptions compile_options = options.patch.compile;
  compile_options.frames = block_of(options);
  const BuildNotice notice(compile_options.backend);
  if (!options.notes.given()) {
    compile_options.threads = plan.feeds.size() == 1 ? options.threads : 1;  // else a thread has channels of its own
    const Program program = compile(graph, compile_options);
    say_backend(program.choice());
    return {.program = program};
  }
  const VoiceProgram program = compile_voices(graph, options.notes.voice_count(), VoiceLayout::automatic, compile_options);
  say_backend(program.program.choice());
  say(count_of(program.voices, "voice") + ", " + program.why);
  return program;
}

void render(const RenderOptions& options) {
  const SampleFormat format = chosen_format(options);
  const bool plays_notes = options.notes.given();
  if (options.input.empty() && options.seconds == 0 && options.tail == 0 && !plays_notes) {
    throw UsageError("without an input file (-i) the length is needed: --seconds S");
  }
  const std::vector<Setting> settings = options.set.settings();
  MidiSong song;
  if (plays_notes) song = options.notes.song();
  for (const std::string& remark : song.remarks) say_warning(remark);
  check_writable(options.output, format);
  Graph graph;
  load_patch(graph, options.patch.path);
  AudioBuffer in = input_of(options);
  const ChannelPlan plan =
      plan_channels(graph.inputs(), static_cast<int>(graph.outputs().size()), static_cast<int>(in.channels.size()));
  const VoiceProgram voices = program_of(options, graph, plan);
  const Program& program = voices.program;
  const auto resolved = resolve(program.params(), settings);
  if (!plan.remark.empty()) say(plan.remark);
  const double rate = in.sample_rate;
  const std::int64_t given = std::max(in.frames(), place_on_frames(song, rate));
  const std::int64_t frames = (options.seconds > 0 ? frames_in(options.seconds, rate) : given) + frames_in(options.tail, rate);
  if (plays_notes && frames == 0) throw Error(ErrorCode::bad_value, "the notes last 0 s; --seconds or --tail give a length");
  fit_input(options, in, frames);
  if (plays_notes)
    run_and_write(options, NoteRun(voices, plan, in, rate, resolved, std::move(song), options.threads), program.backend(), rate,
                  frames, format);
  else
    run_and_write(options, PatchRun(program, plan, in, rate, resolved, options.threads), program.backend(), rate, frames, format);
}

}  // namespace

void add_render(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("render", "Run a patch on a sound file, or on nothing, and write the result");
  const auto options = std::make_shared<RenderOptions>();
  options->patch.add_patch(command);
  command.add_option("-i,--input", options->input, "Sound file to process (WAV, AIFF, FLAC, Ogg …); gives rate and length")
      ->type_name("FILE");
  command.add_option("-o,--output", options->output, "Sound file to write: .wav, .aif, .aiff or .flac")
      ->required()
      ->type_name("FILE");
  command.add_option("--seconds", options->seconds, "Length; with -i, of the input: cut, or followed by silence")
      ->check(number_from(0.0, 1e9))
      ->type_name("S");
  command.add_option("--tail", options->tail, "Seconds of silence to run after the input, for echoes to ring out")
      ->check(number_from(0.0, 1e9))
      ->type_name("S");
  command
      .add_option("--rate", options->rate, "Sample rate; default: the input's, else 48000. An input of another rate is converted")
      ->check(number_from(1.0, 1e7))
      ->type_name("HZ");
  command.add_option("--channel", options->channel, "Use only this channel of the input, from 1")
      ->check(whole_number_from(1, 1024))
      ->type_name("N");
  options->notes.add(command);
  options->set.add(command);
  options->patch.add_backend(command);
  command
      .add_option("--block", options->block,
                  "Frames a call; changes nothing but the speed (default 4096, of several threads 65536)")
      ->check(whole_number_from(1, 1 << 24))
      ->type_name("N");
  command
      .add_option("--threads", options->threads,
                  "Threads for channels, voices and stages that need not wait for each other; changes nothing but the speed "
                  "(default: the machine's)")
      ->check(whole_number_from(1, 1024))
      ->type_name("N");
  command.add_option("--format", options->format, "How samples are stored; default: float32 (.wav, .aiff), pcm24 (.flac)")
      ->check(one_of({"float32", "pcm16", "pcm24", "flac"}))
      ->type_name("float32|pcm16|pcm24|flac");
  command.footer(R"(The output is never normalised or dithered. PCM is clipped at full scale, with a warning.

A patch with one input and one output runs once for each channel of the input file. A file of one channel feeds
every input of the patch. Otherwise input 1 takes channel 1, and so on.

Notes play a patch with parameters gate and freq (Hz) or note, a voice each; the length is that of the notes, of the
input or --seconds, and --tail lets them ring out.

Examples:
  dgen render echo.genexpr -i speech.wav -o out.wav --tail 2 --set feedback=0.6
  dgen render drone.genexpr --seconds 10 --rate 44100 -o drone.flac
  dgen render organ.genexpr --voices 8 --midi song.mid --tail 2 -o song.wav)");
  command.callback([options] { render(*options); });
}

}  // namespace dgen::tool
