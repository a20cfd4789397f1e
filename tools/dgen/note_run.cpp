#include "dgen/note_run.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>

#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/error.h"

namespace dgen::tool {

namespace {

constexpr int default_voices = 16;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// The number, or NaN where the text is none.
double read_number(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  return failed == std::errc{} && stop == end ? value : std::nan("");
}

void add_note(MidiSong& song, const std::string& text) {
  const auto fits = [](double x, double least, double most) { return x >= least && x <= most; };
  std::vector<double> numbers;
  for (const std::string& part : split(text, ':')) numbers.push_back(read_number(part));
  if (numbers.size() == 3) numbers.push_back(0.8);
  constexpr double longest = 1e6;
  const bool valid = numbers.size() == 4 && fits(numbers[0], 0, 127) && numbers[0] == std::floor(numbers[0]) &&
                     fits(numbers[1], 0, longest) && numbers[2] > 0 && numbers[2] <= longest && fits(numbers[3], 0, 1);
  if (!valid) {
    throw UsageError(
        "--notes takes NOTE:START:DURATION or NOTE:START:DURATION:VELOCITY, with commas between notes (a MIDI note "
        "number 0 to 127, seconds, 0 to 1), as 60:0:0.5,64:0.5:1:0.3; not '" +
        text + "'");
  }
  NoteEvent event{.note = static_cast<int>(numbers[0]), .value = numbers[3]};
  song.notes.push_back({numbers[1], event});
  event.kind = NoteEvent::Kind::note_off;
  song.notes.push_back({numbers[1] + numbers[2], event});
  song.seconds = std::max(song.seconds, numbers[1] + numbers[2]);
}

std::vector<int> only_feed(const ChannelPlan& plan) {
  if (plan.feeds.size() == 1) return plan.feeds[0];
  throw Error(
      ErrorCode::bad_value,
      "voices that play notes hear one channel each: give a file of one channel (--channel N takes channel N of the file)");
}

}  // namespace

void NoteOptions::add(CLI::App& command) {
  command
      .add_option("--voices", voices,
                  "Play notes on N voices of the patch, which has parameters gate and freq or note (default 16)")
      ->check(whole_number_from(1, 1024))
      ->type_name("N");
  command.add_option("--midi", midi, "Standard MIDI File to play")->type_name("FILE");
  command.add_option("--notes", notes, "Notes to play: NOTE:START:DURATION[:VELOCITY],… (MIDI note number, seconds, 0 to 1)")
      ->type_name("NOTES");
}

bool NoteOptions::given() const {
  if (!midi.empty() && !notes.empty()) throw UsageError("--midi and --notes both say what is played: give one");
  if (voices > 0 && midi.empty() && notes.empty()) throw UsageError("--voices plays notes: give --midi FILE or --notes NOTES");
  return !midi.empty() || !notes.empty();
}

int NoteOptions::voice_count() const { return voices > 0 ? voices : default_voices; }

MidiSong NoteOptions::song() const { return midi.empty() ? parse_notes(notes) : read_midi(midi); }

MidiSong parse_notes(const std::string& text) {
  MidiSong song;
  for (const std::string& note : split(text, ',')) add_note(song, note);
  // Where one note ends as another begins, the end comes first.
  std::stable_sort(song.notes.begin(), song.notes.end(), [](const TimedNote& a, const TimedNote& b) {
    const auto begins = [](const TimedNote& note) { return note.event.kind == NoteEvent::Kind::note_on; };
    return std::pair(a.seconds, begins(a)) < std::pair(b.seconds, begins(b));
  });
  return song;
}

std::int64_t place_on_frames(MidiSong& song, double sample_rate) {
  using Kind = NoteEvent::Kind;
  std::int64_t end = frames_in(song.seconds, sample_rate);
  std::map<std::pair<int, int>, std::deque<std::int64_t>> begun;  // frames of keys that are down, by channel and note
  for (TimedNote& note : song.notes) {
    NoteEvent& event = note.event;
    event.frame = frames_in(note.seconds, sample_rate);
    if (event.kind == Kind::all_notes_off)
      begun.erase(begun.lower_bound({event.channel, 0}), begun.lower_bound({event.channel + 1, 0}));
    auto& frames = begun[{event.channel, event.note}];
    if (event.kind == Kind::note_on) frames.push_back(event.frame);
    if (event.kind != Kind::note_off || frames.empty()) continue;
    event.frame = std::max(event.frame, frames.front() + 1);
    frames.pop_front();
    end = std::max(end, event.frame);
  }
  std::stable_sort(song.notes.begin(), song.notes.end(),
                   [](const TimedNote& a, const TimedNote& b) { return a.event.frame < b.event.frame; });
  return end;
}

NoteRun::NoteRun(const VoiceProgram& program, const ChannelPlan& plan, const AudioBuffer& in, double sample_rate,
                 const std::vector<std::pair<int, double>>& settings, MidiSong song, int threads)
    : in_(in), feed_(only_feed(plan)), song_(std::move(song)), player_(program, sample_rate, threads),
      inputs_(static_cast<std::size_t>(program.program.inputs())), outputs_(static_cast<std::size_t>(program.program.outputs())) {
  for (const auto& [param, value] : settings) player_.set(program.program.params()[static_cast<std::size_t>(param)].name, value);
}

int NoteRun::channels() const { return static_cast<int>(outputs_.size()); }
std::string NoteRun::failure() const { return player_.failure(); }

void NoteRun::process(float* const* out, std::int64_t from, std::int64_t frames) noexcept {
  const std::int64_t end = from + frames;
  for (std::int64_t done = from; done < end;) {
    std::int64_t until = end;
    for (; next_ < song_.notes.size() && song_.notes[next_].event.frame < end; ++next_) {
      NoteEvent event = song_.notes[next_].event;
      event.frame = std::max<std::int64_t>(0, event.frame - done);
      if (player_.play(event)) continue;
      until = done + event.frame;  // no more may wait: those before it first
      break;
    }
    run(out, done - from, done, until - done);
    done = until;
  }
}

void NoteRun::run(float* const* out, std::int64_t offset, std::int64_t from, std::int64_t frames) noexcept {
  for (std::size_t k = 0; k < inputs_.size(); ++k)
    inputs_[k] = feed_[k] < 0 ? nullptr : in_.channels[static_cast<std::size_t>(feed_[k])].data() + from;
  for (std::size_t c = 0; c < outputs_.size(); ++c) outputs_[c] = out[c] + offset;
  player_.process(inputs_.data(), outputs_.data(), frames);
}

}  // namespace dgen::tool
