// Segments on a device: runs over the frames, block after block, and the tape between them, which stays on the device.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/index.h"
#include "dgen/error.h"
#include "ir/interpret.h"
#include "passes/write_phase.h"
#include "runtime/device_machine.h"
#include "runtime/device_segment_data.h"
#include "runtime/resident_update.h"
#include "runtime/segment_executor.h"

namespace dgen::runtime {

namespace {

constexpr auto number_bytes = static_cast<std::int64_t>(sizeof(float));

/// What is known at the end of a segment, computed by the host.
class LastNumbers {
 public:
  explicit LastNumbers(const Compiled& compiled, double sample_rate)
      : lowered_(compiled.lowered), memory_(ir::allocate(compiled.lowered.module)) {
    const ir::Module& module = lowered_.module;
    for (std::size_t k = 0; k < module.buffers.size(); ++k) {
      if (module.buffers[k].space == ir::Space::clock) ir::set_element(module, memory_, static_cast<int>(k), 0, sample_rate);
      if (module.buffers[k].space == ir::Space::params) params_ = static_cast<int>(k);
    }
  }

  void run(std::span<const float> params) {
    for (std::size_t k = 0; k < params.size(); ++k)
      ir::set_element(lowered_.module, memory_, params_, static_cast<std::int64_t>(k), static_cast<double>(params[k]));
    for (const ir::Function& kernel : lowered_.module.kernels) {
      if (kernel.when == ir::When::change) ir::run(lowered_.module, kernel, memory_, 0, 0);
    }
  }

  double element(std::int64_t value, std::int64_t e) const {
    const lower::ValueSlot& slot = lowered_.values[static_cast<std::size_t>(value)];
    return ir::element(lowered_.module, memory_, slot.buffer, slot.first + e);
  }

 private:
  const lower::Lowered& lowered_;
  ir::Memory memory_;
  int params_ = -1;
};

class DeviceSegment final : public SegmentExecutor {
 public:
  DeviceSegment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames)
      : program_(program), data_(program.data()), device_(*data_.device), max_frames_(max_frames), sums_(at_size(data_.sums)),
        values_(data_.is_frames.size()), frames_of_(data_.is_frames.size()) {
    place_tape();
    queue_ = device_.code->make_queue(device_.kernels, device_.tape_begin + tape_numbers_ * number_bytes);
    for (const DeviceRun& run : device_.runs)
      machines_.push_back(std::make_unique<DeviceMachine>(run.lowered, run.memory, run.first_kernel, *queue_, sample_rate));
    if (device_.update) update_.emplace(device_, *queue_, sample_rate);
    if (device_.last) last_ = std::make_unique<LastNumbers>(*device_.last, sample_rate);
    for (const auto& [wanted, sum] : data_.wanted_sums) values_[at(wanted)].resize(at_size(sum.elements));
    for (const NumberPlace& place : data_.values) values_[at_size(place.number)].resize(at_size(place.elements));
    for (std::size_t w = 0; w < frames_of_.size(); ++w) {
      if (data_.is_frames[w]) frames_of_[w].resize(at_size(max_frames));
    }
  }

  void run(std::span<const float> params, const float* const* in, std::int64_t frames, From from,
           bool same_input) noexcept override {
    failure_.clear();
    try {
      run_all(params, in, frames, from, same_input);
    } catch (const std::exception& e) {
      fail(e.what());
    }
  }

  bool updates() const override { return update_.has_value(); }

  void step(UpdateStep& step, const float* const* in, std::int64_t frames, From from, bool same_input) noexcept override {
    failure_.clear();
    try {
      update_->put(step);
      run_device(in, frames, from, same_input);
      update_->finish(step, frames_, start_);
      for (double& loss : values_[0]) loss = step.loss;
    } catch (const std::exception& e) {
      fail(e.what());
    }
  }

  std::string failure() const override { return failure_; }
  std::span<const double> values(std::size_t wanted) const noexcept override { return values_[wanted]; }
  std::span<const float> frames(std::size_t wanted) const noexcept override {
    return std::span(frames_of_[wanted]).first(at_size(frames_));
  }
  std::int64_t tape_bytes() const noexcept override { return tape_numbers_ * number_bytes; }

  std::string save() const override {
    if (!failure_.empty()) throw Error(ErrorCode::backend_unavailable, "save, segment '" + data_.name + "': " + failure_);
    base::ByteWriter out;
    out.text(base::to_hex(base::hash(*data_.source)));
    out.whole(static_cast<std::uint64_t>(start_ + frames_));
    for_states([&](std::size_t r, const lower::NamedState& state) { out.numbers(machines_[r]->read(state.buffer)); });
    return out.take();
  }

  void restore(std::string_view saved) override {
    base::ByteReader in(saved);
    if (in.text() != base::to_hex(base::hash(*data_.source)))
      throw Error(ErrorCode::state_mismatch, "Segment: the saved states are of a program with other code");
    const auto position = static_cast<std::int64_t>(in.whole());
    std::vector<std::vector<double>> states;
    for_states([&](std::size_t r, const lower::NamedState& state) {
      states.push_back(in.numbers<std::vector<double>>());
      if (states.back().size() != machines_[r]->read(state.buffer).size())
        throw Error(ErrorCode::state_mismatch, "Segment: the saved states are of a program with other memory");
    });
    for (std::size_t r = 0; r < machines_.size(); ++r) machines_[r]->clear();
    std::size_t next = 0;
    for_states([&](std::size_t r, const lower::NamedState& state) { machines_[r]->write(state.buffer, states[next++]); });
    start_ = position;
    frames_ = 0;
    kept_whole_ = false;
  }

 private:
  static std::size_t at_size(std::int64_t n) { return static_cast<std::size_t>(n); }

  template <class Body>
  void for_states(Body body) const {
    for (std::size_t r = 0; r < device_.runs.size(); ++r) {
      if (device_.runs[r].reversed) continue;
      for (const lower::NamedState& state : device_.runs[r].lowered.states) body(r, state);
    }
  }

  /// Signals between runs, and channels of the host, each for the longest segment.
  void place_tape() {
    for (const SegmentSignal& signal : data_.signals) {
      signal_begin_.push_back(tape_numbers_);
      tape_numbers_ += signal.hop == 0 ? max_frames_ : (max_frames_ / signal.hop + 2) * signal.stride;
    }
    for (const DeviceRun& run : device_.runs) {
      for (const int channel : run.host_inputs) {
        if (channel < 0 || !host_begin_.emplace(channel, tape_numbers_).second) continue;
        tape_numbers_ += max_frames_;
      }
    }
    constexpr std::int64_t most = (std::int64_t{1} << 31) - 1;
    if (tape_numbers_ <= most && tape_bytes() <= data_.memory_budget) return;
    throw Error(ErrorCode::limit_exceeded, "Segment: " + std::to_string(max_frames_) + " frames of '" + data_.name + "' need " +
                                               std::to_string(tape_bytes()) + " bytes on the device; the budget is " +
                                               std::to_string(std::min(data_.memory_budget, most * number_bytes)) +
                                               ". Give SegmentOptions::memory_budget more, run shorter segments, or take "
                                               "the cpu back end, which computes again from checkpoints");
  }

  void run_all(std::span<const float> params, const float* const* in, std::int64_t frames, From from, bool same_input) {
    host_params_ = params;
    if (update_) update_->put(params);
    run_device(in, frames, from, same_input);
    for (std::size_t r = 0; r < machines_.size(); ++r) {
      if (update_ || !device_.runs[r].sums_needed) read_sums(r);
    }
    finish(in);
  }

  /// All kernels of the runs.
  void run_device(const float* const* in, std::int64_t frames, From from, bool same_input) {
    const bool keep = same_input && from == From::reset && frames == frames_ && kept_whole_;
    start_ = from == From::reset ? 0 : start_ + frames_;
    frames_ = frames;
    kept_whole_ = false;
    if (!keep) write_inputs(in);
    for (std::size_t r = 0; r < machines_.size(); ++r) {
      if (keep && !device_.runs[r].depends_on_params) continue;
      run_one(r, from);
      if (update_)
        update_->take_sums(r, frames_, start_);
      else if (device_.runs[r].sums_needed)
        read_sums(r);
    }
    kept_whole_ = from == From::reset;
  }

  void write_inputs(const float* const* in) {
    for (const auto& [channel, begin] : host_begin_) {
      const std::int64_t offset = device_.tape_begin + begin * number_bytes;
      const float* from = in ? in[channel] : nullptr;
      if (from)
        queue_->write(offset, std::as_bytes(std::span(from, at_size(frames_))));
      else
        queue_->clear(offset, frames_ * number_bytes);
    }
  }

  void run_one(std::size_t r, From from) {
    const DeviceRun& run = device_.runs[r];
    DeviceMachine& machine = *machines_[r];
    if (run.reversed || from == From::reset)
      machine.clear();
    else
      clear_sums(run);
    if (update_) {
      update_->hand_over(r, frames_, start_);
      machine.change();
    } else {
      machine.set_params(params_of(run.params));
    }
    for (std::int64_t done = 0; done < frames_;) {
      const std::int64_t count = std::min(frames_ - done, machine.most_frames(start_ + (run.reversed ? 0 : done)));
      const std::int64_t first = run.reversed ? frames_ - done - count : done;
      machine.run(static_cast<std::int32_t>(count), start_ + first, origins(run, first));
      done += count;
    }
  }

  /// Where the rows of each channel begin for the block at frame `first` of the segment.
  std::vector<std::int32_t> origins(const DeviceRun& run, std::int64_t first) const {
    std::vector<std::int32_t> made(run.lowered.input_origin.size() + run.lowered.output_origin.size());
    const auto signal_place = [&](int signal) {
      const SegmentSignal& its = data_.signals[at(signal)];
      const std::int64_t row = its.hop == 0 ? first : lower::ticks_of(its.hop, first, start_);
      return signal_begin_[at(signal)] + row * its.stride;
    };
    for (const auto& [channel, element] : run.lowered.input_origin) {
      const int host = run.host_inputs[at(channel)];
      made[at(element)] =
          static_cast<std::int32_t>(host >= 0 ? host_begin_.at(host) + first : signal_place(run.inputs[at(channel)]));
    }
    for (const auto& [channel, element] : run.lowered.output_origin)
      made[at(element)] = static_cast<std::int32_t>(signal_place(run.outputs[at(channel)]));
    return made;
  }

  void clear_sums(const DeviceRun& run) {
    for (const lower::TimeSum& sum : run.lowered.sums) {
      for (const int k : {sum.total, sum.rest}) {
        const ir::Buffer& buffer = run.lowered.module.buffers[at(k)];
        queue_->clear(buffer.offset, buffer.size * number_bytes);
      }
    }
  }

  /// All sums of a run at once: they lie one behind another.
  void read_sums(std::size_t r) {
    const DeviceRun& run = device_.runs[r];
    if (run.lowered.sums.empty()) return;
    const std::vector<ir::Buffer>& buffers = run.lowered.module.buffers;
    std::int64_t begin = std::numeric_limits<std::int64_t>::max(), end = 0;
    for (const lower::TimeSum& sum : run.lowered.sums) {
      for (const int k : {sum.total, sum.rest}) {
        begin = std::min(begin, buffers[at(k)].offset);
        end = std::max(end, buffers[at(k)].offset + buffers[at(k)].size * number_bytes);
      }
    }
    read_.resize(at_size((end - begin) / number_bytes));
    queue_->read(begin, std::as_writable_bytes(std::span(read_)));
    for (std::size_t s = 0; s < run.lowered.sums.size(); ++s) {
      const ir::Buffer &total = buffers[at(run.lowered.sums[s].total)], &rest = buffers[at(run.lowered.sums[s].rest)];
      const std::int64_t elements = run.lowered.sums[s].elements;
      std::fill_n(sums_.begin() + run.sum_numbers[s], elements, 0.0);
      for (std::int64_t k = 0; k < total.size; ++k) {
        const auto sum = static_cast<double>(read_[at_size((total.offset - begin) / number_bytes + k)]);
        const auto more = static_cast<double>(read_[at_size((rest.offset - begin) / number_bytes + k)]);
        sums_[at_size(run.sum_numbers[s] + k % elements)] += std::isfinite(sum) ? sum + more : sum;
      }
    }
  }

  std::vector<float> params_of(const std::vector<ParamSource>& sources) const {
    std::vector<float> made;
    for (const ParamSource& source : sources) {
      for (std::int64_t e = 0; e < source.elements; ++e) made.push_back(param(source, e));
    }
    return made;
  }

  /// A number in double as two floats: what the first cannot hold is in the second.
  static float rest(double x) {
    const auto first = static_cast<float>(x);
    return std::isfinite(first) ? static_cast<float>(x - static_cast<double>(first)) : 0;
  }

  float param(const ParamSource& source, std::int64_t e) const {
    const auto frames = static_cast<double>(frames_);
    const auto ticks = [&] {
      return static_cast<double>(lower::ticks_of(static_cast<std::int32_t>(source.number), frames_, start_));
    };
    switch (source.from) {
      case ParamSource::From::host: return host_params_[at_size(source.number + e)];
      case ParamSource::From::sum: return static_cast<float>(sums_[at_size(source.number + e)]);
      case ParamSource::From::sum_rest: return rest(sums_[at_size(source.number + e)]);
      case ParamSource::From::frames: return static_cast<float>(frames);
      case ParamSource::From::frames_rest: return rest(frames);
      case ParamSource::From::ticks: return static_cast<float>(ticks());
      case ParamSource::From::ticks_rest: return rest(ticks());
    }
    return 0;
  }

  void finish(const float* const* in) {
    for (std::size_t s = 0; s < data_.signals.size(); ++s) {
      for (const int wanted : data_.signals[s].wanted)
        queue_->read(device_.tape_begin + signal_begin_[s] * number_bytes,
                     std::as_writable_bytes(std::span(frames_of_[at(wanted)]).first(at_size(frames_))));
    }
    for (const auto& [wanted, channel] : data_.wanted_inputs) {
      std::vector<float>& to = frames_of_[at(wanted)];
      if (in && in[channel])
        std::copy_n(in[channel], frames_, to.begin());
      else
        std::ranges::fill(to, 0.0f);
    }
    for (const auto& [wanted, sum] : data_.wanted_sums)
      std::copy_n(sums_.begin() + sum.number, sum.elements, values_[at(wanted)].begin());
    if (last_) last_->run(params_of(device_.last_params));
    for (const NumberPlace& place : data_.values) {
      std::vector<double>& to = values_[at_size(place.number)];
      for (std::int64_t e = 0; e < place.elements; ++e)
        to[at_size(e)] = place.constants.empty() ? last_->element(place.offset, e) : place.constants[at_size(e)];
    }
  }

  /// Nothing that was computed is to be taken for a result.
  void fail(const char* why) noexcept {
    failure_ = why;
    kept_whole_ = false;
    if (update_) update_->forget();
    for (std::vector<double>& one : values_) std::ranges::fill(one, std::numeric_limits<double>::quiet_NaN());
    for (std::vector<float>& one : frames_of_) std::ranges::fill(one, std::numeric_limits<float>::quiet_NaN());
  }

  SegmentProgram program_;
  const SegmentData& data_;
  const DeviceSegmentProgram& device_;
  const std::int64_t max_frames_;
  std::vector<std::int64_t> signal_begin_;  ///< by signal: number of the tape
  std::map<int, std::int64_t> host_begin_;  ///< by channel of the host
  std::int64_t tape_numbers_ = 0;
  std::unique_ptr<engine::DeviceQueue> queue_;
  std::vector<std::unique_ptr<DeviceMachine>> machines_;  ///< by run
  std::unique_ptr<LastNumbers> last_;
  std::optional<ResidentUpdate> update_;     ///< where steps end on the device
  std::vector<double> sums_;                 ///< elements of sum after sum
  std::vector<std::vector<double>> values_;  ///< elements, by wanted signal
  std::vector<std::vector<float>> frames_of_;
  std::vector<float> read_;
  std::span<const float> host_params_{};
  std::int64_t start_ = 0, frames_ = 0;
  bool kept_whole_ = false;  ///< the last run left the signals of the whole segment, from reset states
  std::string failure_;
};

}  // namespace

std::unique_ptr<SegmentExecutor> make_device_segment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames) {
  return std::make_unique<DeviceSegment>(program, sample_rate, max_frames);
}

}  // namespace dgen::runtime
