// Segments as generated code: runs over the frames, the tape between them, and checkpoints where the tape is too long.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/thread_team.h"
#include "base/trial.h"
#include "base/wavefront.h"
#include "dgen/error.h"
#include "passes/write_phase.h"
#include "runtime/arena.h"
#include "runtime/part_call.h"
#include "runtime/run_memory.h"
#include "runtime/segment_blocks.h"
#include "runtime/segment_data.h"
#include "runtime/segment_executor.h"
#include "runtime/segment_front.h"
#include "runtime/threaded_process.h"

namespace dgen::runtime {

namespace {

constexpr std::int64_t alignment = 64;

std::size_t at(std::int64_t k) { return static_cast<std::size_t>(k); }

class CpuSegment final : public SegmentExecutor {
 public:
  CpuSegment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames)
      : program_(program), data_(program.data()), forward_alone_(goes_forward_alone(data_)),
        blocks_(plan_blocks(data_, max_frames)), tape_(blocks_.tape_bytes, alignment),
        checkpoints_(blocks_.checkpoint_bytes, alignment), sums_(at(data_.sums)), values_(data_.is_frames.size()),
        frames_of_(data_.is_frames.size()), held_(data_.runs.size(), -1) {
    for (const SegmentRun& run : data_.runs) memories_.emplace_back(run, sample_rate);
    for (const auto& [wanted, sum] : data_.wanted_sums) values_[at(wanted)].resize(at(sum.elements));
    for (const NumberPlace& place : data_.values) values_[at(place.number)].resize(at(place.elements));
    if (data_.last.code) last_ = std::make_unique<RunMemory>(data_.last, sample_rate);
    place_signals(max_frames);
    place_checkpoints();
    if (data_.threads != 1 && blocks_.count == 1) share(max_frames);
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
    base::Trial& trial = trials_[keep ? 1 : 0];
    const auto begin_time = std::chrono::steady_clock::now();
    if (team_ && trial.way() == 1) {
      run_shared(from, keep);
    } else {
      for (std::size_t r = 0; r < memories_.size(); ++r) go(r);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_time;
    if (team_) trial.took(took.count() / static_cast<double>(frames));
    if (cut) restore_ends();
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

  /// Makes ready for several threads.
  void share(std::int64_t max_frames) {
    if (std::ranges::any_of(data_.runs, [](const SegmentRun& run) { return run.parts == nullptr; })) return;
    SegmentFront front(data_);
    const int threads = front.useful_threads(base::threads_of(data_.threads));
    if (threads == 1) return;
    std::int64_t slot_bytes = 0;
    for (const SegmentRun& run : data_.runs) slot_bytes += run.parts->slot_bytes;
    const int ahead = PartCall::ahead(threads, slot_bytes);
    for (const SegmentRun& run : data_.runs)
      calls_.emplace_back(PartCode{.code = run.parts, .parts = run.part_list, .backward = run.reversed}, max_frames, ahead);
    places_ = std::move(front.places);
    first_row_ = std::move(front.first);
    front_.emplace(std::move(front.rows), ahead);
    team_.emplace(threads);
  }

  /// Runs all, or (`keep`) those that depend on parameters, on several threads.
  void run_shared(From from, bool keep) noexcept {
    static constexpr std::array<std::int64_t, 1> one{1};
    cells_ =
        PartCall::useful_cells(trials_[keep ? 1 : 0].best() * static_cast<double>(frames_), places_.size() - 2 * calls_.size());
    for (int row = 0; row < front_->rows(); ++row) {
      const SegmentFront::Place& place = places_[at(row)];
      if (keep && !data_.runs[at(place.run)].depends_on_params)
        front_->set_cells(row, {});
      else if (place.part < 0)
        front_->set_cells(row, one);
      else
        front_->await_cells(row);
    }
    front_->run(*team_, [&](int row, int cell) noexcept {
      const SegmentFront::Place& place = places_[at(row)];
      const auto r = static_cast<std::size_t>(place.run);
      if (place.part == SegmentFront::begins) return begin_shared(r, from);
      if (place.part == SegmentFront::ends) return end_shared(r);
      calls_[r].run(place.part, cell);
    });
  }

  void begin_shared(std::size_t r, From from) noexcept {
    const SegmentRun& run = data_.runs[r];
    RunMemory& memory = memories_[r];
    begin(r, from);
    place_channels(r, 0);
    run.parts->prepare(memory.data(), memory.params().data());
    calls_[r].begin(memory.data(), memory.in().data(), memory.out().data(), start_, frames_, cells_);
    for (std::size_t p = 0; p < run.part_list.size(); ++p)
      front_->give_cells(first_row_[r] + 1 + static_cast<int>(p), calls_[r].ends());
  }

  void end_shared(std::size_t r) noexcept {
    memories_[r].set_position(data_.runs[r].reversed ? start_ : start_ + frames_);
    held_[r] = 0;
    for (const NumberPlace& sum : data_.runs[r].sums) memories_[r].read(sum, &sums_[at(sum.number)]);
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
    place_channels(r, block);
    memories_[r].process(std::min(blocks_.frames, frames_ - block * blocks_.frames));
    held_[r] = block;
  }

  /// Where a run reads and writes the frames of a block.
  void place_channels(std::size_t r, std::int64_t block) noexcept {
    const SegmentRun& run = data_.runs[r];
    RunMemory& memory = memories_[r];
    const std::int64_t first = block * blocks_.frames;
    const auto place = [&](int signal) { return signals_[at(signal)].frames + (signals_[at(signal)].whole ? first : 0); };
    for (std::size_t c = 0; c < run.inputs.size(); ++c) {
      const int channel = run.host_inputs[c];
      memory.in()[c] = channel < 0 ? place(run.inputs[c]) : in_ && in_[channel] ? in_[channel] + first : nullptr;
    }
    for (std::size_t c = 0; c < run.outputs.size(); ++c) memory.out()[c] = place(run.outputs[c]);
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
  // Of several threads.
  std::optional<base::ThreadTeam> team_;
  std::optional<base::Wavefront> front_;
  std::vector<SegmentFront::Place> places_;  ///< by row
  std::vector<int> first_row_;               ///< by run
  std::vector<PartCall> calls_;              ///< by run
  int cells_ = 1;                            ///< of each run
  std::array<base::Trial, 2> trials_;        ///< whether threads are faster: of all runs, and where some are left out
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
