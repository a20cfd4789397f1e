// Segments of Backend::automatic: the device's, until it fails, from there on the CPU's.

#include <algorithm>
#include <limits>
#include <vector>

#include "dgen/error.h"
#include "runtime/backends.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

namespace {

class FallbackSegment final : public SegmentExecutor {
 public:
  FallbackSegment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames)
      : program_(program), sample_rate_(sample_rate), max_frames_(max_frames) {
    try {
      runs_ = def_of(program.backend()).run_segment(program, sample_rate, max_frames);
    } catch (const Error& e) {
      go_on_on_cpu(e.what());
    }
  }

  void run(std::span<const float> params, const float* const* in, std::int64_t frames, From from,
           bool same_input) noexcept override {
    begin(from);
    if (!failure_.empty()) return;
    runs_->run(params, in, frames, from, same_input);
    if (failed(from)) runs_->run(params, in, frames, from, false);
  }

  void advance(std::span<const float> params, const float* const* in, std::int64_t frames, From from) noexcept override {
    begin(from);
    if (!failure_.empty()) return;
    runs_->advance(params, in, frames, from);
    if (failed(from)) runs_->advance(params, in, frames, from);
  }

  bool updates() const override { return fallback_.empty() && runs_->updates(); }

  /// Where the device fails, the step is the caller's to take again.
  void step(UpdateStep& step, const float* const* in, std::int64_t frames, From from, bool same_input) noexcept override {
    begin(from);
    if (!failure_.empty()) return;
    runs_->step(step, in, frames, from, same_input);
    if (failed(from)) failure_ = fallback_;
  }

  std::span<const double> values(std::size_t wanted) const noexcept override {
    return failure_.empty() ? runs_->values(wanted) : unknown(unknown_values_, runs_->values(wanted));
  }
  std::span<const float> frames(std::size_t wanted) const noexcept override {
    return failure_.empty() ? runs_->frames(wanted) : unknown(unknown_frames_, runs_->frames(wanted));
  }
  std::int64_t tape_bytes() const noexcept override { return runs_->tape_bytes(); }
  std::string failure() const override { return failure_.empty() ? runs_->failure() : failure_; }
  std::string fallback() const override { return fallback_; }
  std::string save() const override { return runs_->save(); }
  void restore(std::string_view saved) override {
    runs_->restore(saved);
    states_lost_ = false;
    failure_.clear();
  }

 private:
  /// Before a run.
  void begin(From from) noexcept {
    failure_.clear();
    if (from == From::reset) states_lost_ = false;
    if (states_lost_) failure_ = fallback_ + "; the states went with the device: run from reset what came before";
  }

  /// After a run: whether the device failed, and the CPU is to do it again.
  bool failed(From from) noexcept {
    if (!fallback_.empty()) return false;
    const std::string why = runs_->failure();
    if (why.empty()) return false;
    try {
      go_on_on_cpu(why);
    } catch (const std::exception& e) {
      failure_ = why + ". The CPU cannot go on: " + e.what();
      return false;
    }
    states_lost_ = from == From::carried;
    begin(from);
    return failure_.empty();
  }

  /// As many NaN as there would be numbers: none were computed.
  template <class T>
  static std::span<const T> unknown(std::vector<T>& memory, std::span<const T> like) noexcept {
    memory.assign(std::max(memory.size(), like.size()), std::numeric_limits<T>::quiet_NaN());
    return std::span<const T>(memory).first(like.size());
  }

  void go_on_on_cpu(const std::string& why) {
    const SegmentProgram other = program_.data().on_cpu();
    runs_ = def_of(other.backend()).run_segment(other, sample_rate_, max_frames_);
    fallback_ = std::string(to_string(program_.backend())) + " failed, and the CPU goes on: " + why;
  }

  SegmentProgram program_;
  double sample_rate_;
  std::int64_t max_frames_;
  std::unique_ptr<SegmentExecutor> runs_;
  std::string fallback_, failure_;
  mutable std::vector<double> unknown_values_;
  mutable std::vector<float> unknown_frames_;
  bool states_lost_ = false;
};

}  // namespace

std::unique_ptr<SegmentExecutor> make_segment_executor(const SegmentProgram& program, double sample_rate,
                                                       std::int64_t max_frames) {
  if (program.data().on_cpu) return std::make_unique<FallbackSegment>(program, sample_rate, max_frames);
  return def_of(program.backend()).run_segment(program, sample_rate, max_frames);
}

}  // namespace dgen::runtime
