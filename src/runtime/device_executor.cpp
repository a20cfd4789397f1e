#include "runtime/device_executor.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "base/index.h"
#include "dgen/error.h"
#include "ir/interpret.h"
#include "runtime/device_program.h"
#include "runtime/state_elements.h"

namespace dgen::runtime {

namespace {

using lower::Grid;
using lower::Launch;

/// Work items a group: enough for the lanes of a GPU.
int group_of(Grid grid) {
  switch (grid) {
    case Grid::frames: return 64;
    case Grid::chunks: return 32;
    case Grid::host:
    case Grid::one: return 1;
  }
  return 1;
}

class DeviceExecutor final : public Executor {
 public:
  DeviceExecutor(const Program& program, double sample_rate)
      : program_(program), device_(*program_.data().device), module_(device_.lowered.module),
        queue_(device_.code->make_queue(device_.kernels, device_.memory.bytes)), params_(program_.data().params.size()) {
    memory_.resize(module_.buffers.size());
    std::set<int> host(device_.lowered.host_only.begin(), device_.lowered.host_only.end());
    host.insert(device_.lowered.uniforms.begin(), device_.lowered.uniforms.end());
    for (std::size_t k = 0; k < module_.buffers.size(); ++k) {
      const ir::Buffer& buffer = module_.buffers[k];
      if (!host.contains(static_cast<int>(k)) && buffer.space != ir::Space::constant) continue;
      memory_[k].resize(static_cast<std::size_t>((buffer.size + ir::padding) * ir::bytes(buffer.scalar)));
      std::int64_t element = 0;
      for (const double value : buffer.contents) ir::set_element(module_, memory_, static_cast<int>(k), element++, value);
      if (buffer.space == ir::Space::clock) ir::set_element(module_, memory_, static_cast<int>(k), 0, sample_rate);
      if (buffer.space == ir::Space::params) params_buffer_ = static_cast<int>(k);
      if (buffer.space == ir::Space::constant) queue_->write(buffer.offset, bytes_of(k));
    }
    uniforms_.resize(static_cast<std::size_t>(device_.memory.states - device_.memory.uniforms));
    clear();
  }

  void process(std::span<const std::atomic<float>> params, const float* const* in, float* const* out,
               std::int64_t frames) noexcept override {
    guarded([&] {
      take(params);
      for (std::int64_t done = 0; done < frames;) {
        const std::int64_t count = std::min(frames - done, most_frames());
        write_inputs(in, done, count);
        run_block(static_cast<std::int32_t>(count));
        read_outputs(out, done, count);
        done += count;
      }
    });
    for (int c = 0; c < module_.outputs && !failure_.empty(); ++c) {
      if (out && out[c]) std::fill_n(out[c], frames, 0.0f);
    }
  }

  void reset() noexcept override {
    failure_.clear();
    guarded([&] { clear(); });
  }

  std::string failure() const override { return failure_; }

  SavedState save(std::span<const std::atomic<float>>) const override {
    if (!failure_.empty()) throw Error(ErrorCode::backend_unavailable, "save, patch '" + program_.name() + "': " + failure_);
    SavedState saved;
    for (const lower::NamedState& state : device_.lowered.states) {
      const ir::Buffer& buffer = module_.buffers[at(state.buffer)];
      std::vector<std::byte> bytes = memory_[at(state.buffer)];
      if (bytes.empty()) {
        bytes.resize(static_cast<std::size_t>(buffer.size * ir::bytes(buffer.scalar)));
        queue_->read(buffer.offset, bytes);
      }
      saved.emplace(state.name, read_elements(buffer.scalar, buffer.size, bytes.data()));
    }
    saved.emplace(position_name, std::vector{static_cast<double>(position_)});
    return saved;
  }

  void restore(const SavedState& saved, std::span<const std::atomic<float>>) override {
    failure_.clear();
    clear();
    for (const lower::NamedState& state : device_.lowered.states) {
      const ir::Buffer& buffer = module_.buffers[at(state.buffer)];
      const std::vector<double>& values = saved.find(state.name)->second;
      std::vector<std::byte>& host = memory_[at(state.buffer)];
      std::vector<std::byte> bytes(static_cast<std::size_t>(buffer.size * ir::bytes(buffer.scalar)));
      write_elements(buffer.scalar, buffer.size, bytes.data(), values);
      if (host.empty())
        queue_->write(buffer.offset, bytes);
      else
        std::copy(bytes.begin(), bytes.end(), host.begin());
    }
    position_ = to_frames(saved.find(position_name)->second.front());
  }

 private:
  std::span<const std::byte> bytes_of(std::size_t buffer) const {
    const ir::Buffer& b = module_.buffers[buffer];
    return std::span(memory_[buffer]).first(static_cast<std::size_t>(b.size * ir::bytes(b.scalar)));
  }

  /// What throws makes this instance fail, until it is reset.
  template <class Body>
  void guarded(Body body) noexcept {
    if (!failure_.empty()) return;
    try {
      body();
    } catch (const std::exception& e) {
      failure_ = e.what();
    }
  }

  /// To frame 0.
  void clear() {
    for (std::size_t k = 0; k < memory_.size(); ++k) {
      if (module_.buffers[k].space == ir::Space::state) std::ranges::fill(memory_[k], std::byte{0});
    }
    queue_->clear(device_.memory.states, device_.memory.scratch - device_.memory.states);
    for (const auto& [state, contents] : device_.lowered.contents)
      queue_->write(module_.buffers[at(state)].offset, bytes_of(at(contents)));
    changed_ = true;
    position_ = 0;
  }

  void take(std::span<const std::atomic<float>> params) {
    for (std::size_t k = 0; k < params_.size(); ++k) {
      const float value = params[k].load(std::memory_order_relaxed);
      if (std::memcmp(&value, &params_[k], sizeof value) == 0 && !changed_) continue;
      params_[k] = value;
      changed_ = true;
    }
    if (!std::exchange(changed_, false)) return;
    if (!params_.empty()) std::memcpy(memory_[at(params_buffer_)].data(), params_.data(), params_.size() * sizeof(float));
    for (const Launch& launch : device_.lowered.change) run_on_host(launch, 0);
  }

  void run_on_host(const Launch& launch, std::int32_t frames) {
    ir::run(module_, module_.kernels[at(launch.kernel)], memory_, frames, position_, {.lanes = 1});
  }

  /// Frames that the kernels may get at once from here on; the keys of noise rest for 2^32.
  std::int64_t most_frames() const {
    std::int64_t most = module_.sub_block;
    if (module_.block_limit >= 0)
      most = std::clamp<std::int64_t>(static_cast<std::int64_t>(ir::element(module_, memory_, module_.block_limit, 0)), 1, most);
    constexpr std::int64_t period = std::int64_t{1} << 32;
    return std::min(most, period - position_ % period);
  }

  void run_block(std::int32_t frames) {
    int kernel = 0;
    bool uploaded = false;
    for (const Launch& launch : device_.lowered.block) {
      if (launch.grid == Grid::host) {
        run_on_host(launch, frames);
        continue;
      }
      if (!std::exchange(uploaded, true)) write_uniforms();
      queue_->launch(kernel++, {lower::items_of(launch.grid, frames), launch.rows, group_of(launch.grid)}, frames, position_);
    }
    position_ += frames;
  }

  void write_uniforms() {
    for (const int k : device_.lowered.uniforms) {
      const std::span<const std::byte> bytes = bytes_of(at(k));
      std::ranges::copy(bytes, uniforms_.begin() + (module_.buffers[at(k)].offset - device_.memory.uniforms));
    }
    queue_->write(device_.memory.uniforms, uniforms_);
  }

  void write_inputs(const float* const* in, std::int64_t done, std::int64_t count) {
    for (const ir::Buffer& buffer : module_.buffers) {
      if (buffer.space != ir::Space::input) continue;
      const float* from = in ? in[buffer.channel] : nullptr;
      if (from)
        queue_->write(buffer.offset, std::as_bytes(std::span(from + done, static_cast<std::size_t>(count))));
      else
        queue_->clear(buffer.offset, count * static_cast<std::int64_t>(sizeof(float)));
    }
  }

  void read_outputs(float* const* out, std::int64_t done, std::int64_t count) {
    for (const ir::Buffer& buffer : module_.buffers) {
      if (buffer.space != ir::Space::output || !out || !out[buffer.channel]) continue;
      queue_->read(buffer.offset, std::as_writable_bytes(std::span(out[buffer.channel] + done, static_cast<std::size_t>(count))));
    }
  }

  Program program_;
  const DeviceProgram& device_;
  const ir::Module& module_;
  std::unique_ptr<engine::DeviceQueue> queue_;
  ir::Memory memory_;                ///< of the host: control values, what it hands to kernels, constants; else empty
  std::vector<std::byte> uniforms_;  ///< as they lie on the device
  std::vector<float> params_;        ///< the values this call runs with
  int params_buffer_ = -1;
  bool changed_ = true;
  std::int64_t position_ = 0;
  std::string failure_;
};

}  // namespace

std::unique_ptr<Executor> make_device_executor(const Program& program, double sample_rate) {
  return std::make_unique<DeviceExecutor>(program, sample_rate);
}

}  // namespace dgen::runtime
