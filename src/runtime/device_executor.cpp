#include "runtime/device_executor.h"

#include <algorithm>

#include "base/index.h"
#include "dgen/error.h"
#include "runtime/device_machine.h"
#include "runtime/device_program.h"
#include "runtime/state_elements.h"

namespace dgen::runtime {

namespace {

class DeviceExecutor final : public Executor {
 public:
  DeviceExecutor(const Program& program, double sample_rate)
      : program_(program), device_(*program_.data().device), module_(device_.lowered.module),
        queue_(device_.code->make_queue(device_.kernels, device_.memory.bytes)),
        machine_(device_.lowered, device_.memory, 0, *queue_, sample_rate),
        params_(static_cast<std::size_t>(elements_of(program_.params()))) {
    machine_.clear();
  }

  void process(std::span<const std::atomic<float>> params, const float* const* in, float* const* out,
               std::int64_t frames) noexcept override {
    guarded([&] {
      for (std::size_t k = 0; k < params_.size(); ++k) params_[k] = params[k].load(std::memory_order_relaxed);
      machine_.set_params(params_);
      for (std::int64_t done = 0; done < frames;) {
        const std::int64_t count = std::min(frames - done, machine_.most_frames(position_));
        write_inputs(in, done, count);
        machine_.run(static_cast<std::int32_t>(count), position_);
        position_ += count;
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
    for (const lower::NamedState& state : device_.lowered.states) saved.emplace(state.name, machine_.read(state.buffer));
    saved.emplace(position_name, std::vector{static_cast<double>(position_)});
    return saved;
  }

  void restore(const SavedState& saved, std::span<const std::atomic<float>>) override {
    failure_.clear();
    clear();
    for (const lower::NamedState& state : device_.lowered.states) machine_.write(state.buffer, saved.find(state.name)->second);
    position_ = to_frames(saved.find(position_name)->second.front());
  }

 private:
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

  void clear() {
    machine_.clear();
    position_ = 0;
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
  DeviceMachine machine_;
  std::vector<float> params_;
  std::int64_t position_ = 0;
  std::string failure_;
};

}  // namespace

std::unique_ptr<Executor> make_device_executor(const Program& program, double sample_rate) {
  return std::make_unique<DeviceExecutor>(program, sample_rate);
}

}  // namespace dgen::runtime
