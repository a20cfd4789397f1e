// Segments as generated code: runs over the frames, the tape between them, and checkpoints where the tape is too long.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <thread>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/thread_team.h"
#include "dgen/error.h"
#include "passes/write_phase.h"
#include "runtime/arena.h"
#include "runtime/segment_data.h"
#include "runtime/segment_executor.h"

namespace dgen::runtime {

namespace {

using render::abi::Header;

constexpr std::int64_t alignment = 64;

std::size_t at(std::int64_t k) { return static_cast<std::size_t>(k); }
std::int64_t whole_lines(std::int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// How a segment is cut so that its tape fits: into blocks whose signals are computed when they are needed, from states
/// that were kept at the blocks' beginnings.
struct Blocks {
  std::int64_t frames = 0;  ///< of a block
  std::int64_t count = 1;   ///< of the longest segment
  std::int64_t tape_bytes = 0, checkpoint_bytes = 0;
};

struct Sizes {
  std::vector<const SegmentSignal*> signals{};  ///< on tape
  std::int64_t state_bytes = 0;                 ///< of runs whose signals others take
};

Sizes sizes_of(const SegmentData& data) {
  Sizes sizes;
  for (const SegmentSignal& signal : data.signals) {
    if (signal.wanted.empty()) sizes.signals.push_back(&signal);
  }
  for (const SegmentRun& run : data.runs) sizes.state_bytes += run.is_needed ? whole_lines(run.state_bytes) : 0;
  return sizes;
}

std::int64_t tape_of(const Sizes& sizes, std::int64_t frames) {
  std::int64_t bytes = 0;
  for (const SegmentSignal* signal : sizes.signals)
    bytes += whole_lines(signal->numbers(frames) * static_cast<std::int64_t>(sizeof(float)));
  return bytes;
}

/// Blocks of `frames`, and a state more than there are blocks: that behind the last.
Blocks blocks_of(const Sizes& sizes, std::int64_t frames, std::int64_t max_frames) {
  const std::int64_t count = (max_frames + frames - 1) / frames;
  return {frames, count, tape_of(sizes, frames), count > 1 ? (count + 1) * sizes.state_bytes : 0};
}

/// One block where the tape is within the budget; else the cut that needs least memory: the tape of a block grows as its
/// length, the states as its inverse.
Blocks plan_blocks(const SegmentData& data, std::int64_t max_frames) {
  const Sizes sizes = sizes_of(data);
  Blocks best = blocks_of(sizes, max_frames, max_frames);
  const auto bytes = [](const Blocks& blocks) { return blocks.tape_bytes + blocks.checkpoint_bytes; };
  if (bytes(best) <= data.memory_budget) return best;
  const double ideal =
      std::sqrt(static_cast<double>(max_frames) * static_cast<double>(sizes.state_bytes) /
                std::max(4.0, static_cast<double>(tape_of(sizes, max_frames)) / static_cast<double>(max_frames)));
  const std::int64_t near = std::max<std::int64_t>(1, static_cast<std::int64_t>(ideal) / data.sub_block);
  const std::int64_t uncut = bytes(best);
  for (const std::int64_t sub_blocks : {near, near + 1}) {
    const Blocks tried = blocks_of(sizes, std::min(sub_blocks * data.sub_block, max_frames), max_frames);
    if (bytes(tried) < bytes(best)) best = tried;
  }
  if (bytes(best) <= data.memory_budget) return best;
  throw Error(ErrorCode::limit_exceeded, "Segment: " + std::to_string(max_frames) + " frames of '" + data.name + "' need " +
                                             std::to_string(uncut) + " bytes of tape, or " + std::to_string(bytes(best)) +
                                             " bytes with checkpoints every " + std::to_string(best.frames) +
                                             " frames; the budget is " + std::to_string(data.memory_budget) +
                                             ". Give SegmentOptions::memory_budget more, or run shorter segments");
}

std::size_t params_in(const SegmentRun& run) {
  std::int64_t elements = 0;
  for (const ParamSource& param : run.params) elements += param.elements;
  return at(elements);
}

/// The memory of one run's code.
class RunMemory {
 public:
  RunMemory(const SegmentRun& run, double sample_rate)
      : run_(run), memory_(run.code->memory_bytes, run.code->alignment), params_(params_in(run)), in_(run.inputs.size()),
        out_(run.outputs.size()) {
    run.code->init(memory_.data(), sample_rate);
  }

  std::byte* data() { return memory_.data(); }
  std::string_view bytes() const { return {reinterpret_cast<const char*>(memory_.data()), memory_.size()}; }
  std::vector<float>& params() { return params_; }
  std::vector<const float*>& in() { return in_; }
  std::vector<float*>& out() { return out_; }

  void reset(std::int64_t position) {
    run_.code->reset(memory_.data());
    Header header;
    std::memcpy(&header, memory_.data(), sizeof header);
    header.position = position;
    std::memcpy(memory_.data(), &header, sizeof header);
  }

  void clear_sums() {
    for (const NumberPlace& sum : run_.sums)
      std::memset(memory_.data() + sum.offset, 0, at(sum.elements * sum.parts) * sizeof(double));
  }

  void process(std::int64_t frames) { run_.code->process(memory_.data(), params_.data(), in_.data(), out_.data(), frames); }

  /// The elements of a value.
  void read(const NumberPlace& place, double* to) const {
    if (!place.constants.empty()) {
      std::ranges::copy(place.constants, to);
    } else if (place.single) {
      const auto* from = reinterpret_cast<const float*>(memory_.data() + place.offset);
      std::copy(from, from + place.elements, to);
    } else {
      const auto* from = reinterpret_cast<const double*>(memory_.data() + place.offset);
      for (std::int64_t e = 0; e < place.elements; ++e, from += place.parts) {
        to[e] = 0;
        for (std::int64_t k = 0; k < place.parts; ++k) to[e] += from[k];
      }
    }
  }

 private:
  const SegmentRun& run_;
  Arena memory_;
  std::vector<float> params_;
  std::vector<const float*> in_;
  std::vector<float*> out_;
};

class CpuSegment final : public SegmentExecutor {
 public:
  CpuSegment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames)
      : program_(program), data_(program.data()), forward_alone_(goes_forward_alone(data_)),
        blocks_(plan_blocks(data_, max_frames)), tape_(blocks_.tape_bytes, alignment),
        checkpoints_(blocks_.checkpoint_bytes, alignment), sums_(at(data_.sums)), values_(data_.is_frames.size()),
        frames_of_(data_.is_frames.size()), held_(data_.runs.size(), -1), waves_(waves_of(data_)),
        team_(useful_threads(data_, waves_)) {
    for (const SegmentRun& run : data_.runs) memories_.emplace_back(run, sample_rate);
    for (const auto& [wanted, sum] : data_.wanted_sums) values_[at(wanted)].resize(at(sum.elements));
    for (const NumberPlace& place : data_.values) values_[at(place.number)].resize(at(place.elements));
    if (data_.last.code) last_ = std::make_unique<RunMemory>(data_.last, sample_rate);
    place_signals(max_frames);
    place_checkpoints();
  }

  void run(std::span<const float> params, const float* const* in, std::int64_t frames, From from,
           bool same_input) noexcept override {
    const bool cut = frames > blocks_.frames;
    const bool keep = same_input && !cut && from == From::reset && frames == frames_ && kept_whole_;
    start_ = from == From::reset ? 0 : start_ + frames_;
    frames_ = frames;
    kept_whole_ = !cut && from == From::reset;
    host_params_ = params;
    in_ = in;
    const auto go = [&](std::size_t r) noexcept {
      if (keep && !data_.runs[r].depends_on_params) return;
      begin(r, from);
      cut ? run_in_blocks(r) : run_block(r, 0);
      for (const NumberPlace& sum : data_.runs[r].sums) memories_[r].read(sum, &sums_[at(sum.number)]);
    };
    if (cut) {  // blocks are brought back into the memory of runs that others may be using
      for (std::size_t r = 0; r < memories_.size(); ++r) go(r);
      restore_ends();
    } else {
      for (const std::vector<std::size_t>& wave : waves_)
        team_.run(static_cast<int>(wave.size()), [&](int k) noexcept { go(wave[at(k)]); });
    }
    finish();
  }

  void advance(std::span<const float> params, const float* const* in, std::int64_t frames, From from) noexcept override {
    if (!forward_alone_) return run(params, in, frames, from, false);
    start_ = from == From::reset ? 0 : start_ + frames_;
    frames_ = frames;
    kept_whole_ = false;
    host_params_ = params;
    in_ = in;
    for (std::size_t r = 0; r < memories_.size(); ++r) {
      if (!data_.runs[r].reversed) begin(r, from);
    }
    for (std::int64_t block = 0; block * blocks_.frames < frames; ++block) {
      for (std::size_t r = 0; r < memories_.size(); ++r) {
        if (!data_.runs[r].reversed) run_block(r, block);
      }
    }
  }

  std::span<const double> values(std::size_t wanted) const noexcept override { return values_[wanted]; }
  std::span<const float> frames(std::size_t wanted) const noexcept override { return {frames_of_[wanted], at(frames_)}; }
  std::int64_t tape_bytes() const noexcept override { return blocks_.tape_bytes + blocks_.checkpoint_bytes; }

  std::string save() const override {
    base::ByteWriter out;
    out.text(base::to_hex(base::hash(*data_.source)));
    out.whole(static_cast<std::uint64_t>(start_ + frames_));
    for (std::size_t r = 0; r < memories_.size(); ++r) {
      if (!data_.runs[r].reversed) out.text(memories_[r].bytes());
    }
    return out.take();
  }

  void restore(std::string_view saved) override {
    base::ByteReader in(saved);
    if (in.text() != base::to_hex(base::hash(*data_.source)))
      throw Error(ErrorCode::state_mismatch, "Segment: the saved states are of a program with other code");
    const auto position = static_cast<std::int64_t>(in.whole());
    std::vector<std::string> memories(memories_.size());
    for (std::size_t r = 0; r < memories_.size(); ++r) {
      if (data_.runs[r].reversed) continue;
      memories[r] = in.text();
      if (memories[r].size() != memories_[r].bytes().size())
        throw Error(ErrorCode::state_mismatch, "Segment: the saved states are of a program with other memory");
    }
    for (std::size_t r = 0; r < memories_.size(); ++r) {
      if (!data_.runs[r].reversed) std::memcpy(memories_[r].data(), memories[r].data(), memories[r].size());
    }
    start_ = position;
    frames_ = 0;
    kept_whole_ = false;
    std::ranges::fill(held_, -1);
  }

 private:
  /// Whether runs forward in time need nothing of those backward, nor sums over a whole segment.
  static bool goes_forward_alone(const SegmentData& data) {
    bool after_reversed = false;
    for (const SegmentRun& run : data.runs) {
      if (!run.reversed && after_reversed) return false;
      after_reversed = after_reversed || run.reversed;
      for (const ParamSource& param : run.params) {
        const bool is_sum = param.from == ParamSource::From::sum || param.from == ParamSource::From::sum_rest;
        if (!run.reversed && is_sum) return false;
      }
    }
    return true;
  }

  using Waves = std::vector<std::vector<std::size_t>>;

  /// Runs that do not need each other, wave after wave.
  static Waves waves_of(const SegmentData& data) {
    std::map<int, std::size_t> signal_wave;        // by signal: the first wave in which it is there
    std::map<std::int64_t, std::size_t> sum_wave;  // the same by sum
    Waves waves;
    for (std::size_t r = 0; r < data.runs.size(); ++r) {
      const SegmentRun& run = data.runs[r];
      std::size_t wave = 0;
      for (std::size_t c = 0; c < run.inputs.size(); ++c) {
        if (run.host_inputs[c] < 0) wave = std::max(wave, signal_wave.at(run.inputs[c]));
      }
      for (const ParamSource& param : run.params) {
        const bool is_sum = param.from == ParamSource::From::sum || param.from == ParamSource::From::sum_rest;
        if (is_sum) wave = std::max(wave, sum_wave.at(param.number));
      }
      for (const int signal : run.outputs) signal_wave[signal] = wave + 1;
      for (const NumberPlace& sum : run.sums) sum_wave[sum.number] = wave + 1;
      waves.resize(std::max(waves.size(), wave + 1));
      waves[wave].push_back(r);
    }
    return waves;
  }

  /// No more than the longest wave has runs.
  static int useful_threads(const SegmentData& data, const Waves& waves) {
    std::size_t most = 1;
    for (const auto& wave : waves) most = std::max(most, wave.size());
    return base::useful_threads(data.threads, static_cast<int>(most));
  }

  void place_signals(std::int64_t max_frames) {
    std::int64_t offset = 0;
    for (const SegmentSignal& signal : data_.signals) {
      if (signal.wanted.empty()) {
        signals_.push_back({reinterpret_cast<float*>(tape_.data() + offset), false});
        offset += whole_lines(signal.numbers(blocks_.frames) * static_cast<std::int64_t>(sizeof(float)));
      } else {
        signals_.push_back({wanted_frames(max_frames), true});
      }
      for (const int wanted : signal.wanted) frames_of_[at(wanted)] = signals_.back().frames;
    }
    for (const auto& [wanted, channel] : data_.wanted_inputs) frames_of_[at(wanted)] = wanted_frames(max_frames);
  }

  float* wanted_frames(std::int64_t max_frames) {
    wanted_.emplace_back(max_frames * static_cast<std::int64_t>(sizeof(float)), alignment);
    return reinterpret_cast<float*>(wanted_.back().data());
  }

  void place_checkpoints() {
    std::int64_t offset = 0;
    for (const SegmentRun& run : data_.runs) {
      checkpoint_of_.push_back(offset);
      if (run.is_needed) offset += whole_lines(run.state_bytes) * (blocks_.count + 1);
    }
  }

  void begin(std::size_t r, From from) noexcept {
    const SegmentRun& run = data_.runs[r];
    if (run.reversed) {
      memories_[r].reset(start_ + frames_);
    } else if (from == From::reset) {
      memories_[r].reset(0);
    } else {
      memories_[r].clear_sums();
    }
    held_[r] = -1;
    set_params(run, memories_[r]);
  }

  void set_params(const SegmentRun& run, RunMemory& memory) noexcept {
    float* to = memory.params().data();
    for (const ParamSource& source : run.params) {
      if (source.from == ParamSource::From::host) {
        std::copy_n(host_params_.begin() + source.number, source.elements, to);
      } else if (source.elements > 1) {
        std::transform(&sums_[at(source.number)], &sums_[at(source.number)] + source.elements, to,
                       [](double x) { return static_cast<float>(x); });
      } else {
        *to = param(source);
      }
      to += source.elements;
    }
  }

  /// A number in double as two floats: what the first cannot hold is in the second.
  static float rest(double x) noexcept {
    const auto first = static_cast<float>(x);
    return std::isfinite(first) ? static_cast<float>(x - static_cast<double>(first)) : 0;
  }

  double ticks(std::int64_t hop) const noexcept {
    return static_cast<double>(passes::ticks_in(start_, frames_, static_cast<std::int32_t>(hop)));
  }

  float param(const ParamSource& source) const noexcept {
    const auto frames = static_cast<double>(frames_);
    switch (source.from) {
      case ParamSource::From::host: return host_params_[at(source.number)];
      case ParamSource::From::sum: return static_cast<float>(sums_[at(source.number)]);
      case ParamSource::From::sum_rest: return rest(sums_[at(source.number)]);
      case ParamSource::From::frames: return static_cast<float>(frames);
      case ParamSource::From::frames_rest: return rest(frames);
      case ParamSource::From::ticks: return static_cast<float>(ticks(source.number));
      case ParamSource::From::ticks_rest: return rest(ticks(source.number));
    }
    return 0;
  }

  /// Runs the frames of one block: tape holds one block, what the host wants all of them.
  void run_block(std::size_t r, std::int64_t block) noexcept {
    const SegmentRun& run = data_.runs[r];
    RunMemory& memory = memories_[r];
    const std::int64_t first = block * blocks_.frames, frames = std::min(blocks_.frames, frames_ - first);
    const auto place = [&](int signal) { return signals_[at(signal)].frames + (signals_[at(signal)].whole ? first : 0); };
    for (std::size_t c = 0; c < run.inputs.size(); ++c) {
      const int channel = run.host_inputs[c];
      memory.in()[c] = channel < 0 ? place(run.inputs[c]) : in_ && in_[channel] ? in_[channel] + first : nullptr;
    }
    for (std::size_t c = 0; c < run.outputs.size(); ++c) memory.out()[c] = place(run.outputs[c]);
    memory.process(frames);
    held_[r] = block;
  }

  std::byte* checkpoint(std::size_t r, std::int64_t block) noexcept {
    return checkpoints_.data() + checkpoint_of_[r] + block * whole_lines(data_.runs[r].state_bytes);
  }

  void run_in_blocks(std::size_t r) noexcept {
    const SegmentRun& run = data_.runs[r];
    const std::int64_t count = (frames_ + blocks_.frames - 1) / blocks_.frames;
    for (std::int64_t k = 0; k < count; ++k) {
      const std::int64_t block = run.reversed ? count - 1 - k : k;
      for (const int needed : run.needs) bring(static_cast<std::size_t>(needed), block);
      if (run.is_needed) std::memcpy(checkpoint(r, block), memories_[r].data(), at(run.state_bytes));
      run_block(r, block);
    }
    if (run.is_needed) std::memcpy(checkpoint(r, blocks_.count), memories_[r].data(), at(run.state_bytes));
  }

  /// Computes the signals of a block again, from the states at its beginning.
  void bring(std::size_t r, std::int64_t block) noexcept {
    if (held_[r] == block) return;
    std::memcpy(memories_[r].data(), checkpoint(r, block), at(data_.runs[r].state_bytes));
    run_block(r, block);
  }

  /// States as the end of the segment left them, for segments that carry them on.
  void restore_ends() noexcept {
    for (std::size_t r = 0; r < memories_.size(); ++r) {
      if (data_.runs[r].is_needed) std::memcpy(memories_[r].data(), checkpoint(r, blocks_.count), at(data_.runs[r].state_bytes));
    }
  }

  void finish() noexcept {
    for (const auto& [wanted, channel] : data_.wanted_inputs) {
      if (in_ && in_[channel]) {
        std::memcpy(frames_of_[at(wanted)], in_[channel], at(frames_) * sizeof(float));
      } else {
        std::memset(frames_of_[at(wanted)], 0, at(frames_) * sizeof(float));
      }
    }
    if (last_) {
      set_params(data_.last, *last_);
      last_->process(0);
    }
    for (const auto& [wanted, sum] : data_.wanted_sums)
      std::copy_n(sums_.begin() + sum.number, sum.elements, values_[at(wanted)].begin());
    for (const NumberPlace& place : data_.values) last_->read(place, values_[at(place.number)].data());
  }

  struct SignalPlace {
    float* frames = nullptr;
    bool whole = false;  ///< holds the whole segment, not one block
  };

  SegmentProgram program_;
  const SegmentData& data_;
  const bool forward_alone_;
  Blocks blocks_;
  Arena tape_, checkpoints_;
  std::vector<Arena> wanted_;
  std::vector<SignalPlace> signals_;
  std::vector<std::int64_t> checkpoint_of_;  ///< by run: offset of its first
  std::vector<RunMemory> memories_;          ///< by run
  std::unique_ptr<RunMemory> last_;
  std::vector<double> sums_;                 ///< elements of sum after sum
  std::vector<std::vector<double>> values_;  ///< elements, by wanted signal
  std::vector<float*> frames_of_;            ///< by wanted signal
  std::vector<std::int64_t> held_;           ///< by run: the block whose signals are on tape
  const Waves waves_;
  base::ThreadTeam team_;
  std::span<const float> host_params_{};
  const float* const* in_ = nullptr;
  std::int64_t start_ = 0, frames_ = 0;  ///< frames before this segment since reset, and in it
  bool kept_whole_ = false;              ///< the last run left signals of the whole segment, from reset states
};

}  // namespace

std::unique_ptr<SegmentExecutor> make_cpu_segment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames) {
  return std::make_unique<CpuSegment>(program, sample_rate, max_frames);
}

}  // namespace dgen::runtime
