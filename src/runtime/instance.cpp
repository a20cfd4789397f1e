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
  targets_ = std::make_unique<std::atomic<float>[]>(params.size());
  for (std::size_t k = 0; k < params.size(); ++k)
    targets_[k].store(in_range(params[k], params[k].initial), std::memory_order_relaxed);
  executor_ = runtime::make_executor(program_, sample_rate_);
}

Instance::~Instance() = default;
Instance::Instance(Instance&&) noexcept = default;
Instance& Instance::operator=(Instance&&) noexcept = default;

void Instance::process(const float* const* in, float* const* out, std::int64_t frames) noexcept {
  if (frames <= 0) return;
  executor_->process({targets_.get(), program_.params().size()}, in, out, frames);
}

void Instance::set(int param, double value) noexcept {
  const std::span<const ParamInfo> params = program_.params();
  const auto k = static_cast<std::size_t>(param);
  if (k < params.size() && !std::isnan(value)) targets_[k].store(in_range(params[k], value), std::memory_order_relaxed);
}

void Instance::set(std::string_view param, double value) {
  set(static_cast<int>(find_param(program_.params(), program_.name(), param)), value);
}

double Instance::get(std::string_view param) const {
  return static_cast<double>(targets_[find_param(program_.params(), program_.name(), param)].load(std::memory_order_relaxed));
}

void Instance::reset() noexcept { executor_->reset(); }

SavedState Instance::save() const { return executor_->save({targets_.get(), program_.params().size()}); }

void Instance::restore(const SavedState& state) {
  check_state(program_, state);
  executor_->restore(state, {targets_.get(), program_.params().size()});
}

}  // namespace dgen
