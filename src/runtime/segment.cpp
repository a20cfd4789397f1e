#include "dgen/segment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dgen/error.h"
#include "runtime/host_values.h"
#include "runtime/segment_data.h"
#include "runtime/segment_executor.h"

namespace dgen {

namespace {

std::int64_t checked_frames(std::int64_t frames) {
  if (frames >= 1 && frames <= std::int64_t{1} << 40) return frames;
  throw Error(ErrorCode::bad_value, "Segment: max_frames is " + std::to_string(frames) + "; it must be in 1 … 2^40");
}

}  // namespace

const std::string& SegmentProgram::name() const { return data_->name; }
int SegmentProgram::inputs() const { return data_->inputs; }
int SegmentProgram::wanted() const { return static_cast<int>(data_->is_frames.size()); }
bool SegmentProgram::is_frames(int wanted) const { return data_->is_frames.at(static_cast<std::size_t>(wanted)); }
std::span<const ParamInfo> SegmentProgram::params() const { return data_->params; }
const std::string& SegmentProgram::source() const { return *data_->source; }
double SegmentProgram::compile_seconds() const { return data_->compile_seconds; }
bool SegmentProgram::from_cache() const { return data_->from_cache; }
Backend SegmentProgram::backend() const { return data_->backend; }
const std::string& SegmentProgram::choice() const { return data_->choice; }
std::string SegmentProgram::explain() const { return data_->choice + (data_->choice.empty() ? "" : "\n") + data_->explained; }

Segment::Segment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames)
    : program_(program), sample_rate_(runtime::checked_rate("Segment", sample_rate)), max_frames_(checked_frames(max_frames)) {
  for (const ParamInfo& param : program_.params()) {
    for (std::int64_t e = 0; e < param.elements(); ++e) params_.push_back(runtime::in_range(param, param.initial_of(e)));
  }
  offsets_ = runtime::offsets_of(program_.params());
  executor_ = runtime::make_segment_executor(program_, sample_rate_, max_frames_);
}

Segment::~Segment() = default;
Segment::Segment(Segment&&) noexcept = default;
Segment& Segment::operator=(Segment&&) noexcept = default;

void Segment::set(int param, double value) noexcept {
  const auto k = static_cast<std::size_t>(param);
  if (k + 1 >= offsets_.size() || std::isnan(value)) return;
  std::fill(params_.begin() + static_cast<std::ptrdiff_t>(offsets_[k]),
            params_.begin() + static_cast<std::ptrdiff_t>(offsets_[k + 1]), runtime::in_range(program_.params()[k], value));
}

void Segment::set(int param, std::span<const double> values) noexcept {
  const auto k = static_cast<std::size_t>(param);
  if (k + 1 >= offsets_.size() || values.size() != offsets_[k + 1] - offsets_[k]) return;
  const ParamInfo& info = program_.params()[k];
  for (std::size_t e = 0; e < values.size(); ++e) {
    if (!std::isnan(values[e])) params_[offsets_[k] + e] = runtime::in_range(info, values[e]);
  }
}

void Segment::set(std::string_view param, double value) {
  set(static_cast<int>(runtime::find_param(program_.params(), program_.name(), param)), value);
}

void Segment::set(std::string_view param, std::span<const double> values) {
  const std::size_t k = runtime::find_param(program_.params(), program_.name(), param);
  runtime::check_count(program_.params()[k], values.size());
  set(static_cast<int>(k), values);
}

double Segment::get(int param) const noexcept {
  const auto k = static_cast<std::size_t>(param);
  return k + 1 < offsets_.size() ? static_cast<double>(params_[offsets_[k]]) : std::numeric_limits<double>::quiet_NaN();
}

double Segment::get(std::string_view param) const {
  return get(static_cast<int>(runtime::find_param(program_.params(), program_.name(), param)));
}

void Segment::run(const float* const* in, std::int64_t frames, From from, bool same_input) noexcept {
  if (frames >= 1 && frames <= max_frames_) executor_->run(params_, in, frames, from, same_input);
}

void Segment::advance(const float* const* in, std::int64_t frames, From from) noexcept {
  if (frames >= 1 && frames <= max_frames_) executor_->advance(params_, in, frames, from);
}

double Segment::value(int wanted) const noexcept {
  const std::span<const double> elements = values(wanted);
  return elements.empty() ? std::numeric_limits<double>::quiet_NaN() : elements[0];
}

std::span<const double> Segment::values(int wanted) const noexcept {
  const auto k = static_cast<std::size_t>(wanted);
  const bool known = k < program_.data().is_frames.size() && !program_.data().is_frames[k];
  return known ? executor_->values(k) : std::span<const double>{};
}

std::span<const float> Segment::frames(int wanted) const noexcept {
  const auto k = static_cast<std::size_t>(wanted);
  const bool known = k < program_.data().is_frames.size() && program_.data().is_frames[k];
  return known ? executor_->frames(k) : std::span<const float>{};
}

std::string Segment::save() const { return executor_->save(); }
void Segment::restore(std::string_view saved) { executor_->restore(saved); }

std::string Segment::failure() const { return executor_->failure(); }
std::string Segment::fallback() const { return executor_->fallback(); }
std::int64_t Segment::tape_bytes() const noexcept { return executor_->tape_bytes(); }

}  // namespace dgen
