#include "dgen/polyphony.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "dgen/error.h"
#include "graph/voice_params.h"
#include "runtime/host_values.h"
#include "runtime/voice_allocator.h"
#include "runtime/voice_bank.h"

namespace dgen {

namespace {

constexpr std::size_t most_events = 4096;
constexpr int channels = 16;

double hertz(double note) { return 440 * std::exp2((note - 69) / 12); }

bool is_channel(int channel) { return channel >= 0 && channel < channels; }
std::size_t slot_of(int channel) { return static_cast<std::size_t>(channel); }

}  // namespace

class Polyphony::Player {
 public:
  Player(const VoiceProgram& program, double sample_rate, int threads)
      : program_(program), params_(find_voice_params(program.program.params())), bank_(program, sample_rate, threads),
        allocator_(program.voices), gates_(static_cast<std::size_t>(program.voices)),
        in_(static_cast<std::size_t>(program.program.inputs())), out_(static_cast<std::size_t>(program.program.outputs())) {
    events_.reserve(most_events);
    close_all();
  }

  bool add(const NoteEvent& event) noexcept {
    if (events_.size() == most_events || event.frame < 0 || !std::isfinite(event.value)) return false;
    const auto later = std::upper_bound(events_.begin(), events_.end(), event,
                                        [](const NoteEvent& a, const NoteEvent& b) { return a.frame < b.frame; });
    events_.insert(later, event);
    return true;
  }

  void process(const float* const* in, float* const* out, std::int64_t frames) noexcept {
    std::size_t next = 0;
    const auto apply_until = [&](std::int64_t frame) noexcept {
      while (next < events_.size() && events_[next].frame <= frame) apply(events_[next++]);
    };
    if (frames == 0) apply_until(0);
    for (std::int64_t done = 0; done < frames;) {
      apply_until(done);
      move_waiting();
      std::int64_t until = std::min(frames, done + bank_.most_frames());
      if (next < events_.size()) until = std::min(until, events_[next].frame);
      if (waiting_ > 0) until = done + 1;
      run(in, out, done, until - done);
      done = until;
    }
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(next));
    for (NoteEvent& event : events_) event.frame -= std::max<std::int64_t>(frames, 0);
  }

  void reset() noexcept {
    bank_.reset();
    allocator_.reset();
    events_.clear();
    sustained_.fill(false);
    bend_.fill(0);
    waiting_ = 0;
    close_all();
  }

  int sounding() const {
    return static_cast<int>(std::count_if(gates_.begin(), gates_.end(), [](const Gate& gate) { return gate.up || gate.waits; }));
  }

  std::size_t shared(std::string_view name) const {
    const std::size_t k = runtime::find_param(program_.program.params(), program_.program.name(), name);
    if (!params_.has(static_cast<int>(k))) return k;
    throw Error(ErrorCode::bad_value, "voices: '" + std::string(name) + "' is set by notes, for each voice");
  }

  runtime::VoiceBank& bank() { return bank_; }
  const VoiceProgram& program() const { return program_; }

 private:
  struct Gate {
    bool up = false;
    bool was_up = false;  ///< in the last frame
    bool waits = false;   ///< to go up, a frame after it fell
    bool brief = false;   ///< its note ended while it waited, or goes up for one frame because it did

    bool pending() const { return waits || brief; }
  };

  void apply(const NoteEvent& event) noexcept {
    switch (event.kind) {
      case NoteEvent::Kind::note_on: return start(event);
      case NoteEvent::Kind::note_off: {
        const bool held = sustained_[slot_of(event.channel)];
        const int voice = allocator_.key_up(event.note, event.channel, held);
        if (voice >= 0 && !held) end_note(voice);
        return;
      }
      case NoteEvent::Kind::all_notes_off: return release(event.channel, true);
      case NoteEvent::Kind::sustain:
        sustained_[slot_of(event.channel)] = event.value > 0;
        if (!(event.value > 0)) release(event.channel, false);
        return;
      case NoteEvent::Kind::pitch_bend:
        bend_[slot_of(event.channel)] = event.value;
        for (int voice = 0; voice < program_.voices; ++voice) {
          if (allocator_.channel(voice) == event.channel) set_pitch(voice);
        }
        return;
    }
  }

  void start(const NoteEvent& event) noexcept {
    const int voice = allocator_.take(event.note, event.channel);
    set_pitch(voice);
    bank_.set(voice, params_.velocity, event.value);
    bank_.set(voice, params_.gain, event.value);
    Gate& gate = gates_[static_cast<std::size_t>(voice)];
    close(voice);
    if (!gate.was_up) return open(voice);
    gate.waits = true;
    ++waiting_;
  }

  /// A note that ends before its gate could go up still sounds for a frame.
  void end_note(int voice) noexcept {
    Gate& gate = gates_[static_cast<std::size_t>(voice)];
    if (gate.waits)
      gate.brief = true;
    else if (!gate.brief)
      close(voice);
  }

  void release(int channel, bool keys) noexcept {
    allocator_.release(channel, keys, [this](int voice) { close(voice); });
  }

  void set_pitch(int voice) noexcept {
    const double note = allocator_.note(voice) + bend_[slot_of(allocator_.channel(voice))];
    bank_.set(voice, params_.note, note);
    bank_.set(voice, params_.freq, hertz(note));
  }

  void open(int voice) noexcept {
    gates_[static_cast<std::size_t>(voice)].up = true;
    bank_.set(voice, params_.gate, 1);
  }

  void close(int voice) noexcept {
    Gate& gate = gates_[static_cast<std::size_t>(voice)];
    gate.up = false;
    if (gate.pending()) --waiting_;
    gate.waits = gate.brief = false;
    bank_.set(voice, params_.gate, 0);
  }

  void close_all() noexcept {
    std::fill(gates_.begin(), gates_.end(), Gate{});
    for (int voice = 0; voice < program_.voices; ++voice) bank_.set(voice, params_.gate, 0);
  }

  /// Voices taken while they sounded, whose gate has been down for a frame, and notes that were to last one frame and have.
  void move_waiting() noexcept {
    for (std::size_t v = 0; waiting_ > 0 && v < gates_.size(); ++v) {
      Gate& gate = gates_[v];
      if (gate.waits && !gate.was_up) {
        gate.waits = false;
        if (!gate.brief) --waiting_;
        open(static_cast<int>(v));
      } else if (gate.brief && gate.up) {
        close(static_cast<int>(v));
      }
    }
  }

  void run(const float* const* in, float* const* out, std::int64_t from, std::int64_t frames) noexcept {
    for (std::size_t c = 0; c < in_.size(); ++c) in_[c] = in && in[c] ? in[c] + from : nullptr;
    for (std::size_t c = 0; c < out_.size(); ++c) out_[c] = out[c] ? out[c] + from : nullptr;
    bank_.process(in_.data(), out_.data(), frames);
    for (Gate& gate : gates_) gate.was_up = gate.up;
  }

  const VoiceProgram program_;
  const VoiceParams params_;
  runtime::VoiceBank bank_;
  runtime::VoiceAllocator allocator_;
  std::vector<Gate> gates_;
  int waiting_ = 0;
  std::vector<NoteEvent> events_;  ///< by frame; those of one frame in the order told
  std::array<bool, channels> sustained_{};
  std::array<double, channels> bend_{};  ///< semitones
  std::vector<const float*> in_;
  std::vector<float*> out_;
};

Polyphony::Polyphony(const VoiceProgram& program, double sample_rate, int threads)
    : player_(std::make_unique<Player>(program, sample_rate, threads)) {}
Polyphony::~Polyphony() = default;
Polyphony::Polyphony(Polyphony&&) noexcept = default;
Polyphony& Polyphony::operator=(Polyphony&&) noexcept = default;

bool Polyphony::play(const NoteEvent& event) noexcept {
  const bool all = event.kind == NoteEvent::Kind::all_notes_off && event.channel == -1;
  return (all || is_channel(event.channel)) && player_->add(event);
}

bool Polyphony::note_on(int note, double velocity, std::int64_t frame, int channel) noexcept {
  return play({frame, NoteEvent::Kind::note_on, note, channel, velocity});
}

bool Polyphony::note_off(int note, std::int64_t frame, int channel) noexcept {
  return play({frame, NoteEvent::Kind::note_off, note, channel, 0});
}

bool Polyphony::all_notes_off(std::int64_t frame, int channel) noexcept {
  return play({frame, NoteEvent::Kind::all_notes_off, 0, channel, 0});
}

bool Polyphony::sustain(bool down, std::int64_t frame, int channel) noexcept {
  return play({frame, NoteEvent::Kind::sustain, 0, channel, down ? 1.0 : 0.0});
}

bool Polyphony::pitch_bend(double semitones, std::int64_t frame, int channel) noexcept {
  return play({frame, NoteEvent::Kind::pitch_bend, 0, channel, semitones});
}

void Polyphony::process(const float* const* in, float* const* out, std::int64_t frames) noexcept {
  player_->process(in, out, frames);
}

void Polyphony::set(std::string_view param, double value) {
  player_->bank().set_all(static_cast<int>(player_->shared(param)), value);
}

double Polyphony::get(std::string_view param) const {
  player_->shared(param);
  return player_->bank().first().get(param);
}

void Polyphony::reset() noexcept { player_->reset(); }
int Polyphony::voices() const { return player_->program().voices; }
int Polyphony::sounding() const { return player_->sounding(); }
std::string Polyphony::failure() const { return player_->bank().failure(); }
const Program& Polyphony::program() const { return player_->program().program; }

}  // namespace dgen
