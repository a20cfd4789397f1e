#pragma once
// What runs one copy of a segment program: its memory, and the code of one back end.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "dgen/segment.h"

namespace dgen::runtime {

/// One caller at a time.
class SegmentExecutor {
 public:
  virtual ~SegmentExecutor() = default;
  /// As Segment::run, for 1 <= frames <= max_frames.
  virtual void run(std::span<const float> params, const float* const* in, std::int64_t frames, From from,
                   bool same_input) noexcept = 0;
  /// Moves the states on as `run` does; values and frames need not mean anything afterwards.
  virtual void advance(std::span<const float> params, const float* const* in, std::int64_t frames, From from) noexcept {
    run(params, in, frames, from, false);
  }
  /// The elements of a wanted value.
  virtual std::span<const double> values(std::size_t wanted) const noexcept = 0;
  virtual std::span<const float> frames(std::size_t wanted) const noexcept = 0;
  virtual std::int64_t tape_bytes() const noexcept = 0;
  /// Why the last run failed, and values and frames are no numbers; empty: it did not.
  virtual std::string failure() const { return {}; }
  /// As Segment::fallback.
  virtual std::string fallback() const { return {}; }
  /// Whether `step` does: on a device, of a program with SegmentOptions::update.
  virtual bool updates() const { return false; }
  /// A run, and the update of the parameters behind it. Values and frames mean nothing afterwards; `step` says what came of it,
  /// unless there is a failure.
  virtual void step(UpdateStep&, const float* const*, std::int64_t, From, bool) noexcept {}
  /// What the next run with From::carried starts from.
  virtual std::string save() const = 0;
  /// Puts back what `save` gave. Throws `Error` where it is not of this program; then nothing changed.
  virtual void restore(std::string_view saved) = 0;
};

/// What the program's back end makes; of automatic, one that goes on on the CPU where the device fails.
/// Throws `Error` limit_exceeded where there is not enough memory, backend_unavailable where a device fails.
std::unique_ptr<SegmentExecutor> make_segment_executor(const SegmentProgram& program, double sample_rate,
                                                       std::int64_t max_frames);
std::unique_ptr<SegmentExecutor> make_cpu_segment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames);
/// Throws `Error` limit_exceeded, backend_unavailable.
std::unique_ptr<SegmentExecutor> make_device_segment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames);
std::unique_ptr<SegmentExecutor> make_interpreter_segment(const SegmentProgram& program, double sample_rate,
                                                          std::int64_t max_frames);

}  // namespace dgen::runtime
