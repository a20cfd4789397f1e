#include "runtime/resident_update.h"

#include <algorithm>
#include <cstring>

#include "base/index.h"

namespace dgen::runtime {

namespace {

constexpr auto number_bytes = static_cast<std::int64_t>(sizeof(double));

/// Whether two runs of numbers have the same bits.
bool same(std::span<const double> a, std::span<const double> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace

ResidentUpdate::ResidentUpdate(const DeviceSegmentProgram& program, engine::DeviceQueue& queue, double sample_rate)
    : program_(program), update_(*program.update), queue_(queue) {
  for (const ir::Buffer& buffer : update_.lowered.module.buffers) {
    if (buffer.space == ir::Space::constant) queue_.write(buffer.offset, std::as_bytes(std::span(buffer.contents)));
  }
  if (!program.last_run) return;
  const DeviceRun& last = *program.last_run;
  last_ = std::make_unique<DeviceMachine>(last.lowered, last.memory, last.first_kernel, queue, sample_rate);
}

void ResidentUpdate::write_numbers(std::int64_t first, std::span<const double> numbers) {
  queue_.write(update_.block_offset + first * number_bytes, std::as_bytes(numbers));
}

void ResidentUpdate::put(const UpdateStep& step) {
  std::vector<double> given(step.settings.begin(), step.settings.end());
  given.insert(given.end(), step.rates.begin(), step.rates.end());
  if (!same(given, given_)) {
    queue_.write(update_.given_offset, std::as_bytes(std::span(given)));
    given_ = std::move(given);
  }
  const UpdateBlock& block = update_.block;
  const auto held = [&](std::int64_t first, std::size_t count) {
    return known_.empty() ? std::span<const double>()
                          : std::span<const double>(known_).subspan(static_cast<std::size_t>(first), count);
  };
  if (!same(held(block.value(), step.values.size()), step.values)) write_numbers(block.value(), step.values);
  if (!same(held(block.slot(0), step.slots.size()), step.slots)) write_numbers(block.slot(0), step.slots);
}

void ResidentUpdate::put(std::span<const float> values) {
  const std::vector<double> numbers(values.begin(), values.end());
  write_numbers(update_.block.value(), numbers);
  if (!known_.empty()) std::ranges::copy(numbers, known_.begin() + update_.block.value());
}

void ResidentUpdate::launch(int number, std::int64_t frames, std::int64_t start) {
  if (number < 0) return;
  const lower::Launch& launch = update_.lowered.block[static_cast<std::size_t>(number)];
  const engine::WorkItems work{launch.elements, 1, group_of(launch)};
  queue_.launch(program_.first_update + number, work, static_cast<std::int32_t>(frames), start);
}

void ResidentUpdate::hand_over(std::size_t run, std::int64_t frames, std::int64_t start) {
  launch(update_.hand_over[run], frames, start);
}

void ResidentUpdate::take_sums(std::size_t run, std::int64_t frames, std::int64_t start) {
  launch(update_.take_sums[run], frames, start);
}

void ResidentUpdate::finish(UpdateStep& step, std::int64_t frames, std::int64_t start) {
  if (last_) {
    hand_over(program_.runs.size(), frames, start);
    last_->change();
  }
  for (int k = update_.first_update; k < static_cast<int>(update_.lowered.block.size()); ++k) launch(k, frames, start);
  const UpdateBlock& block = update_.block;
  known_.resize(static_cast<std::size_t>(block.numbers()));
  queue_.read(update_.block_offset, std::as_writable_bytes(std::span(known_)));
  const auto take = [&](std::int64_t first, std::span<double> to) { std::copy_n(known_.begin() + first, to.size(), to.begin()); };
  take(block.value(), step.values);
  take(block.gradient(), step.gradients);
  take(block.slot(0), step.slots);
  step.loss = known_[UpdateBlock::loss];
  step.norm = known_[UpdateBlock::norm];
  step.bad_slope = static_cast<std::int64_t>(known_[UpdateBlock::bad_slope]);
  step.bad_value = static_cast<std::int64_t>(known_[UpdateBlock::bad_value]);
}

}  // namespace dgen::runtime
