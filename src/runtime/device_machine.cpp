#include "runtime/device_machine.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "base/index.h"
#include "runtime/state_elements.h"

namespace dgen::runtime {

using lower::Grid;
using lower::Launch;

int group_of(const Launch& launch) {
  if (launch.group > 0) return launch.group;
  switch (launch.grid) {
    case Grid::ticks: return 64;
    case Grid::chunks:
    case Grid::tick_chunks:
    case Grid::one: return 32;
    case Grid::host: return 1;
  }
  return 1;
}

DeviceMachine::DeviceMachine(const lower::DeviceLowered& lowered, const lower::DeviceMemory& memory, int first_kernel,
                             engine::DeviceQueue& queue, double sample_rate)
    : lowered_(lowered), place_(memory), module_(lowered.module), first_kernel_(first_kernel), resident_(lowered.resident),
      queue_(queue) {
  memory_.resize(module_.buffers.size());
  std::set<int> host(lowered.host_only.begin(), lowered.host_only.end());
  host.insert(lowered.uniforms.begin(), lowered.uniforms.end());
  for (std::size_t k = 0; k < module_.buffers.size(); ++k) {
    const ir::Buffer& buffer = module_.buffers[k];
    if (!host.contains(static_cast<int>(k)) && buffer.space != ir::Space::constant) continue;
    memory_[k].resize(static_cast<std::size_t>((buffer.size + ir::padding) * ir::bytes(buffer.scalar)));
    std::int64_t element = 0;
    for (const double value : buffer.contents) ir::set_element(module_, memory_, static_cast<int>(k), element++, value);
    if (buffer.space == ir::Space::clock) ir::set_element(module_, memory_, static_cast<int>(k), 0, sample_rate);
    if (buffer.space == ir::Space::params)
      params_buffer_ = static_cast<int>(k), params_.resize(static_cast<std::size_t>(buffer.size));
    const bool fixed = buffer.space == ir::Space::constant || (resident_ && buffer.space == ir::Space::clock);
    if (fixed) queue_.write(buffer.offset, bytes_of(k));
  }
  uniforms_.resize(static_cast<std::size_t>(place_.states - place_.uniforms));
}

std::span<const std::byte> DeviceMachine::bytes_of(std::size_t buffer) const {
  const ir::Buffer& b = module_.buffers[buffer];
  return std::span(memory_[buffer]).first(static_cast<std::size_t>(b.size * ir::bytes(b.scalar)));
}

void DeviceMachine::clear() {
  for (std::size_t k = 0; k < memory_.size(); ++k) {
    if (module_.buffers[k].space == ir::Space::state) std::ranges::fill(memory_[k], std::byte{0});
  }
  queue_.clear(place_.states, place_.scratch - place_.states);
  for (const auto& [state, contents] : lowered_.contents) queue_.write(module_.buffers[at(state)].offset, bytes_of(at(contents)));
  changed_ = true;
}

void DeviceMachine::set_params(std::span<const float> params) {
  const bool same = std::memcmp(params.data(), params_.data(), params.size_bytes()) == 0;
  if (same && !changed_) return;
  changed_ = false;
  std::ranges::copy(params, params_.begin());
  if (!params_.empty()) std::memcpy(memory_[at(params_buffer_)].data(), params_.data(), params.size_bytes());
  for (const Launch& launch : lowered_.change) run_on_host(launch, 0, 0);
}

void DeviceMachine::run_on_host(const Launch& launch, std::int32_t frames, std::int64_t position) {
  ir::run(module_, module_.kernels[at(launch.kernel)], memory_, frames, position, {.lanes = 1});
}

/// The keys of noise rest for 2^32 frames.
std::int64_t DeviceMachine::most_frames(std::int64_t position) const {
  std::int64_t most = module_.sub_block;
  if (module_.block_limit >= 0)
    most = std::clamp<std::int64_t>(static_cast<std::int64_t>(ir::element(module_, memory_, module_.block_limit, 0)), 1, most);
  constexpr std::int64_t period = std::int64_t{1} << 32;
  return std::min(most, period - position % period);
}

void DeviceMachine::change() {
  int kernel = first_kernel_ + static_cast<int>(lowered_.block.size());
  for (const Launch& launch : lowered_.change) queue_.launch(kernel++, {1, launch.rows, group_of(launch)}, 0, 0);
}

/// Where they are known to the device it keeps them.
void DeviceMachine::write_origins(std::span<const std::int32_t> origins) {
  std::vector<std::byte>& known = memory_[at(lowered_.origins)];
  if (resident_ && origins_written_ && std::memcmp(known.data(), origins.data(), origins.size_bytes()) == 0) return;
  std::memcpy(known.data(), origins.data(), origins.size_bytes());
  if (resident_) queue_.write(module_.buffers[at(lowered_.origins)].offset, std::as_bytes(origins));
  origins_written_ = true;
}

void DeviceMachine::run(std::int32_t frames, std::int64_t position, std::span<const std::int32_t> origins) {
  if (lowered_.origins >= 0) write_origins(origins);
  int kernel = first_kernel_;
  bool uploaded = resident_;
  for (const Launch& launch : lowered_.block) {
    if (launch.grid == Grid::host) {
      run_on_host(launch, frames, position);
      continue;
    }
    if (!std::exchange(uploaded, true)) write_uniforms();
    const engine::WorkItems work{lower::items_of(launch, frames, position), launch.rows, group_of(launch)};
    if (work.items > 0) queue_.launch(kernel, work, frames, position);
    ++kernel;
  }
}

void DeviceMachine::write_uniforms() {
  for (const int k : lowered_.uniforms) {
    const std::span<const std::byte> bytes = bytes_of(at(k));
    std::ranges::copy(bytes, uniforms_.begin() + (module_.buffers[at(k)].offset - place_.uniforms));
  }
  queue_.write(place_.uniforms, uniforms_);
}

std::vector<std::byte> DeviceMachine::device_bytes(int buffer) const {
  const ir::Buffer& b = module_.buffers[at(buffer)];
  return std::vector<std::byte>(static_cast<std::size_t>(b.size * ir::bytes(b.scalar)));
}

std::vector<double> DeviceMachine::read(int buffer) const {
  const ir::Buffer& b = module_.buffers[at(buffer)];
  if (!memory_[at(buffer)].empty()) return read_elements(b.scalar, b.size, memory_[at(buffer)].data());
  std::vector<std::byte> bytes = device_bytes(buffer);
  queue_.read(b.offset, bytes);
  return read_elements(b.scalar, b.size, bytes.data());
}

void DeviceMachine::write(int buffer, std::span<const double> elements) {
  const ir::Buffer& b = module_.buffers[at(buffer)];
  std::vector<std::byte> bytes = device_bytes(buffer);
  write_elements(b.scalar, b.size, bytes.data(), elements);
  std::vector<std::byte>& host = memory_[at(buffer)];
  if (host.empty())
    queue_.write(b.offset, bytes);
  else
    std::ranges::copy(bytes, host.begin());
}

}  // namespace dgen::runtime
