#include "runtime/cpu_executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "dgen/error.h"
#include "runtime/arena.h"
#include "runtime/state_elements.h"
#include "runtime/threaded_process.h"

namespace dgen::runtime {

namespace {

using render::abi::Descriptor;
using render::abi::Header;
using render::abi::State;

ir::Scalar scalar_of(const State& state) { return static_cast<ir::Scalar>(state.scalar); }

Header read_header(const Arena& memory) {
  Header header;
  std::memcpy(&header, memory.data(), sizeof header);
  return header;
}

class CpuExecutor final : public Executor {
 public:
  CpuExecutor(const Program& program, double sample_rate)
      : program_(program), code_(*program_.data().descriptor), memory_(code_.memory_bytes, code_.alignment),
        params_(static_cast<std::size_t>(elements_of(program_.data().params))), silence_(static_cast<std::size_t>(code_.inputs)) {
    code_.init(memory_.data(), sample_rate);
    const ProgramData& data = program_.data();
    if (!data.parts || base::threads_of(data.threads) == 1) return;
    threads_.emplace(code_, PartCode{.code = data.parts, .parts = data.part_list}, data.threads);
    in_.resize(static_cast<std::size_t>(code_.inputs));
    out_.resize(static_cast<std::size_t>(code_.outputs));
  }

  void process(std::span<const std::atomic<float>> params, const float* const* in, float* const* out,
               std::int64_t frames) noexcept override {
    for (std::size_t k = 0; k < params_.size(); ++k) params_[k] = params[k].load(std::memory_order_relaxed);
    if (threads_) return process_in_pieces(in ? in : silence_.data(), out, frames);
    code_.process(memory_.data(), params_.data(), in ? in : silence_.data(), out, frames);
  }

  void reset() noexcept override { code_.reset(memory_.data()); }

  SavedState save(std::span<const std::atomic<float>> params) const override {
    Arena copy(code_.memory_bytes, code_.alignment);
    std::memcpy(copy.data(), memory_.data(), memory_.size());
    const std::vector<float> values = values_of(params);
    prepare(copy, values);
    SavedState saved;
    for (const State& state : states())
      saved.emplace(state.name, read_elements(scalar_of(state), state.count, copy.data() + state.offset));
    const Header header = read_header(copy);
    saved.emplace(position_name, std::vector{static_cast<double>(header.position)});
    std::vector<double> settings{header.sample_rate};
    settings.insert(settings.end(), values.begin(), values.end());
    saved.emplace(settings_name, std::move(settings));
    return saved;
  }

  /// What was saved continues with the settings it was saved with; where those of this instance differ, the next call takes them
  /// for a change at this frame.
  void restore(const SavedState& saved, std::span<const std::atomic<float>> params) override {
    reset();
    const std::vector<double>& settings = saved.find(settings_name)->second;
    std::vector<float> values = values_of(params);
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (std::isfinite(settings[k + 1])) values[k] = static_cast<float>(settings[k + 1]);
    }
    const double sample_rate = read_header(memory_).sample_rate;
    write_header([&](Header& header) { header.sample_rate = settings[0] > 0 ? settings[0] : sample_rate; });
    prepare(memory_, values);
    for (const State& state : states())
      write_elements(scalar_of(state), state.count, memory_.data() + state.offset, saved.find(state.name)->second);
    write_header([&](Header& header) {
      header.sample_rate = sample_rate;
      header.position = to_frames(saved.find(position_name)->second.front());
    });
  }

 private:
  /// On several threads, which have memory for so many frames at once.
  void process_in_pieces(const float* const* in, float* const* out, std::int64_t frames) noexcept {
    if (frames <= ThreadedProcess::most_frames) return threads_->run(memory_.data(), params_.data(), in, out, frames);
    std::copy_n(in, in_.size(), in_.begin());
    std::copy_n(out, out_.size(), out_.begin());
    for (std::int64_t from = 0; from < frames; from += ThreadedProcess::most_frames) {
      const std::int64_t now = std::min(frames - from, ThreadedProcess::most_frames);
      threads_->run(memory_.data(), params_.data(), in_.data(), out_.data(), now);
      for (const float*& channel : in_) channel = channel ? channel + now : nullptr;
      for (float*& channel : out_) channel = channel ? channel + now : nullptr;
    }
  }

  std::span<const State> states() const { return {code_.state_list, static_cast<std::size_t>(code_.states)}; }

  static std::vector<float> values_of(std::span<const std::atomic<float>> params) {
    std::vector<float> values;
    for (const std::atomic<float>& value : params) values.push_back(value.load(std::memory_order_relaxed));
    return values;
  }

  template <class Change>
  void write_header(Change change) {
    Header header = read_header(memory_);
    change(header);
    std::memcpy(memory_.data(), &header, sizeof header);
  }

  /// Runs what comes before the first frame, where that has not been: a call of no frames.
  void prepare(Arena& memory, std::span<const float> values) const {
    std::vector<float*> nowhere(static_cast<std::size_t>(code_.outputs));
    code_.process(memory.data(), values.data(), silence_.data(), nowhere.data(), 0);
  }

  Program program_;
  const Descriptor& code_;
  Arena memory_;
  std::vector<float> params_;          ///< the values this call runs with
  std::vector<const float*> silence_;  ///< null for every input channel
  std::optional<ThreadedProcess> threads_;
  std::vector<const float*> in_;  ///< of a piece of a long call
  std::vector<float*> out_;
};

}  // namespace

std::unique_ptr<Executor> make_cpu_executor(const Program& program, double sample_rate) {
  return std::make_unique<CpuExecutor>(program, sample_rate);
}

}  // namespace dgen::runtime
