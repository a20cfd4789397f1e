// Instances of Backend::automatic: the device's, until it fails; from there on the CPU's, which first hears all over again what
// the device heard since reset, so that nothing is lost.

#include <algorithm>
#include <cstring>
#include <deque>

#include "dgen/error.h"
#include "runtime/backends.h"
#include "runtime/program_data.h"

namespace dgen::runtime {

namespace {

/// What an instance was given since reset: parameters where they changed, and inputs.
class Heard {
 public:
  explicit Heard(int inputs) : inputs_(static_cast<std::size_t>(inputs)) {}

  void clear() {
    calls_.clear();
    bytes_ = 0;
    complete_ = true;
  }
  /// From here on it is not known how the states came about.
  void forget() {
    clear();
    complete_ = false;
  }
  bool complete() const { return complete_; }

  void add(std::span<const std::atomic<float>> params, const float* const* in, std::int64_t frames) {
    if (!complete_) return;
    Call call{.frames = frames};
    for (const std::atomic<float>& value : params) call.params.push_back(value.load(std::memory_order_relaxed));
    if (calls_.empty() || !same(call.params, last_)) {
      last_ = call.params;
    } else {
      call.params.clear();
    }
    call.channels.resize(inputs_);
    for (std::size_t c = 0; c < inputs_; ++c) {
      if (in && in[c]) call.channels[c].assign(in[c], in[c] + frames);
    }
    bytes_ += bytes_of(call);
    calls_.push_back(std::move(call));
    if (bytes_ > most_bytes) forget();
  }

  /// Everything again, on `executor`; what comes out of the last call goes to `out`.
  void replay(Executor& executor, float* const* out, int outputs) const {
    std::vector<std::atomic<float>> params(last_.size());
    std::vector<float*> nowhere(static_cast<std::size_t>(outputs), nullptr);
    std::vector<const float*> in(inputs_);
    for (const Call& call : calls_) {
      for (std::size_t k = 0; k < call.params.size(); ++k) params[k].store(call.params[k], std::memory_order_relaxed);
      for (std::size_t c = 0; c < inputs_; ++c) in[c] = call.channels[c].empty() ? nullptr : call.channels[c].data();
      executor.process(params, in.data(), &call == &calls_.back() && out ? out : nowhere.data(), call.frames);
    }
  }

 private:
  struct Call {
    std::int64_t frames = 0;
    std::vector<float> params{};                 ///< empty: as before
    std::vector<std::vector<float>> channels{};  ///< an empty one is silence
  };
  static constexpr std::int64_t most_bytes = std::int64_t{1} << 28;  ///< 256 MiB
  static constexpr std::size_t block_bytes = 16;                     ///< that an allocator keeps beside what it gives

  static std::int64_t bytes_of(const Call& call) {
    std::size_t bytes = sizeof(Call) + 2 * block_bytes + call.params.size() * sizeof(float);
    for (const std::vector<float>& channel : call.channels)
      bytes += sizeof(channel) + block_bytes + channel.size() * sizeof(float);
    return static_cast<std::int64_t>(bytes);
  }

  static bool same(const std::vector<float>& a, const std::vector<float>& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  }

  std::size_t inputs_;
  std::deque<Call> calls_;
  std::vector<float> last_;
  std::int64_t bytes_ = 0;
  bool complete_ = true;
};

class FallbackExecutor final : public Executor {
 public:
  FallbackExecutor(const Program& program, double sample_rate)
      : program_(program), sample_rate_(sample_rate), heard_(program.inputs()) {
    try {
      runs_ = def_of(program.backend()).run(program, sample_rate);
    } catch (const Error& e) {
      go_on_on_cpu(e.what());
    }
  }

  void process(std::span<const std::atomic<float>> params, const float* const* in, float* const* out,
               std::int64_t frames) noexcept override {
    if (!fallback_.empty()) return runs_->process(params, in, out, frames);
    try {
      heard_.add(params, in, frames);  // before `out`, which may be the memory of `in`
      runs_->process(params, in, out, frames);
      const std::string why = runs_->failure();
      if (why.empty() || !heard_.complete()) return;
      go_on_on_cpu(why);
      heard_.replay(*runs_, out, program_.outputs());
      heard_.forget();
    } catch (const std::exception& e) {
      // The CPU's program cannot be made either: the device's failure stands, and outputs are silence.
      failure_ = e.what();
      heard_.forget();
      for (int c = 0; out && c < program_.outputs(); ++c) {
        if (out[c]) std::fill_n(out[c], frames, 0.0f);
      }
    }
  }

  void reset() noexcept override {
    failure_.clear();
    heard_.clear();
    runs_->reset();
  }

  std::string failure() const override {
    if (failure_.empty()) return runs_->failure();
    return runs_->failure() + ". The CPU cannot go on: " + failure_;
  }
  std::string fallback() const override { return fallback_; }

  SavedState save(std::span<const std::atomic<float>> params) const override {
    refuse_states("save");
    return runs_->save(params);
  }
  void restore(const SavedState& state, std::span<const std::atomic<float>> params) override {
    refuse_states("restore");
    runs_->restore(state, params);
    heard_.forget();
  }

 private:
  void go_on_on_cpu(const std::string& why) {
    const Program other = program_.data().on_cpu();
    runs_ = def_of(other.backend()).run(other, sample_rate_);
    fallback_ = std::string(to_string(program_.backend())) + " failed, and the CPU goes on: " + why;
  }

  /// The program names the states of the device.
  void refuse_states(const char* what) const {
    if (fallback_.empty()) return;
    throw Error(ErrorCode::state_mismatch, std::string(what) + ", patch '" + program_.name() + "': " + fallback_ +
                                               ". Its states are others than those the program names: compile the patch for "
                                               "the cpu back end to save and restore them");
  }

  Program program_;
  double sample_rate_;
  Heard heard_;
  std::unique_ptr<Executor> runs_;
  std::string fallback_, failure_;
};

}  // namespace

std::unique_ptr<Executor> make_executor(const Program& program, double sample_rate) {
  if (program.data().on_cpu) return std::make_unique<FallbackExecutor>(program, sample_rate);
  return def_of(program.backend()).run(program, sample_rate);
}

}  // namespace dgen::runtime
