#include <algorithm>
#include <cmath>

#include "dgen/error.h"
#include "dgen/program.h"
#include "runtime/executor.h"
#include "runtime/host_values.h"
#include "runtime/program_data.h"

namespace dgen {

using runtime::checked_rate;
using runtime::find_param;
using runtime::in_range;

namespace {

/// Throws unless `state` holds what the program's layout says, no more and no less.
void check_state(const Program& program, const SavedState& state) {
  const std::string patch = "restore, patch '" + program.name() + "': ";
  for (const StateInfo& wanted : program.states()) {
    const auto found = state.find(wanted.name);
    if (found == state.end())
      throw Error(ErrorCode::state_mismatch, patch + "state '" + wanted.name + "' is missing from what was saved");
    const auto elements = static_cast<std::int64_t>(found->second.size());
    if (elements != wanted.elements) {
      throw Error(ErrorCode::state_mismatch, patch + "state '" + wanted.name + "' has " + std::to_string(wanted.elements) +
                                                 " elements, what was saved has " + std::to_string(elements));
    }
  }
  for (const auto& [name, values] : state) {
    const auto has_name = [&name = name](const StateInfo& known) { return known.name == name; };
    if (std::ranges::none_of(program.states(), has_name)) {
      throw Error(ErrorCode::state_mismatch, patch + "what was saved has a state '" + name + "', the patch has not");
    }
  }
}

}  // namespace

Instance::Instance(const Program& program, double sample_rate)
    : program_(program), sample_rate_(checked_rate("Instance", sample_rate)) {
  const std::span<const ParamInfo> params = program_.params();
  offsets_ = runtime::offsets_of(params);
  targets_ = std::make_unique<std::atomic<float>[]>(offsets_.back());
  std::size_t next = 0;
  for (const ParamInfo& param : params) {
    for (std::int64_t e = 0; e < param.elements(); ++e)
      targets_[next++].store(in_range(param, param.initial_of(e)), std::memory_order_relaxed);
  }
  executor_ = runtime::make_executor(program_, sample_rate_);
}

Instance::~Instance() = default;
Instance::Instance(Instance&&) noexcept = default;
Instance& Instance::operator=(Instance&&) noexcept = default;

std::span<const std::atomic<float>> Instance::targets() const { return {targets_.get(), offsets_.back()}; }

void Instance::process(const float* const* in, float* const* out, std::int64_t frames) noexcept {
  if (frames <= 0) return;
  executor_->process(targets(), in, out, frames);
}

std::string Instance::failure() const { return executor_->failure(); }
std::string Instance::fallback() const { return executor_->fallback(); }

void Instance::set(int param, double value) noexcept {
  const std::span<const ParamInfo> params = program_.params();
  const auto k = static_cast<std::size_t>(param);
  if (k >= params.size() || std::isnan(value)) return;
  for (std::size_t e = offsets_[k]; e < offsets_[k + 1]; ++e)
    targets_[e].store(in_range(params[k], value), std::memory_order_relaxed);
}

void Instance::set(int param, std::int64_t element, double value) noexcept {
  const std::span<const ParamInfo> params = program_.params();
  const auto k = static_cast<std::size_t>(param);
  if (k >= params.size() || element < 0 || element >= params[k].elements() || std::isnan(value)) return;
  targets_[offsets_[k] + static_cast<std::size_t>(element)].store(in_range(params[k], value), std::memory_order_relaxed);
}

void Instance::set(std::string_view param, double value) {
  set(static_cast<int>(find_param(program_.params(), program_.name(), param)), value);
}

void Instance::set(std::string_view param, std::span<const double> values) {
  const std::size_t k = find_param(program_.params(), program_.name(), param);
  const ParamInfo& info = program_.params()[k];
  runtime::check_count(info, values.size());
  for (std::size_t e = 0; e < values.size(); ++e) {
    if (!std::isnan(values[e])) targets_[offsets_[k] + e].store(in_range(info, values[e]), std::memory_order_relaxed);
  }
}

double Instance::get(std::string_view param) const { return values(param).front(); }

std::vector<double> Instance::values(std::string_view param) const {
  const std::size_t k = find_param(program_.params(), program_.name(), param);
  std::vector<double> values;
  for (std::size_t e = offsets_[k]; e < offsets_[k + 1]; ++e)
    values.push_back(static_cast<double>(targets_[e].load(std::memory_order_relaxed)));
  return values;
}

void Instance::reset() noexcept { executor_->reset(); }

SavedState Instance::save() const { return executor_->save(targets()); }

void Instance::restore(const SavedState& state) {
  check_state(program_, state);
  executor_->restore(state, targets());
}

}  // namespace dgen
