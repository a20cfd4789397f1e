#include "engine/opencl.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "dgen/error.h"
#include "engine/opencl_devices.h"
#include "engine/trouble.h"

namespace dgen::engine {

namespace {

using cl::api;
using cl::check_cl;
using cl::Int;

/// An object of OpenCL that is released with its owner.
template <class Object>
class Owned {
 public:
  Owned() = default;
  Owned(Object object, Int (*release)(Object)) : object_(object), release_(release) {}
  Owned(Owned&& other) noexcept : object_(std::exchange(other.object_, nullptr)), release_(other.release_) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(release_, other.release_);
    return *this;
  }
  ~Owned() {
    if (object_) release_(object_);
  }
  Object get() const { return object_; }

 private:
  Object object_ = nullptr;
  Int (*release_)(Object) = nullptr;
};

/// Denormals are zero as on every back end; products may be contracted, as in C.
std::string build_options(const cl::Found& device) {
  std::string options = "-cl-std=CL1.2 -cl-denorms-are-zero";
  if (device.correct_division) options += " -cl-fp32-correctly-rounded-divide-sqrt";
  if (const char* more = std::getenv("DGEN_OPENCL_OPTIONS")) options += std::string(" ") + more;
  return options;
}

struct Built {
  cl::Found device;
  Owned<cl::Context> context;
  Owned<cl::Program> program;
};

class OpenClQueue final : public DeviceQueue {
 public:
  OpenClQueue(std::shared_ptr<const Built> built, std::span<const std::string> kernels, std::int64_t bytes)
      : built_(std::move(built)), names_(kernels.begin(), kernels.end()) {
    Int error = 0;
    queue_ = {api().CreateCommandQueue(built_->context.get(), built_->device.device, 0, &error), api().ReleaseCommandQueue};
    check_cl(error, "making a command queue");
    memory_ = {api().CreateBuffer(built_->context.get(), cl::read_write, static_cast<std::size_t>(bytes), nullptr, &error),
               api().ReleaseMemObject};
    if (error != cl::success) {
      throw Error(ErrorCode::limit_exceeded, "OpenCL: " + built_->device.shown.name + " gives no " + std::to_string(bytes) +
                                                 " bytes of memory, error " + cl::to_string_of(error) +
                                                 advice_of(Trouble::memory_short));
    }
    for (const std::string& name : kernels) {
      kernels_.emplace_back(api().CreateKernel(built_->program.get(), name.c_str(), &error), api().ReleaseKernel);
      check_cl(error, "finding kernel " + name);
      const cl::Memory memory = memory_.get();
      check_cl(api().SetKernelArg(kernels_.back().get(), 0, sizeof memory, &memory), "giving memory to kernel " + name);
    }
  }
  OpenClQueue(const OpenClQueue&) = delete;
  OpenClQueue& operator=(const OpenClQueue&) = delete;
  ~OpenClQueue() override { api().Finish(queue_.get()); }

  void write(std::int64_t offset, std::span<const std::byte> bytes) override {
    if (bytes.empty()) return;
    check_cl(
        api().EnqueueWriteBuffer(queue_.get(), memory_.get(), 1, place(offset), bytes.size(), bytes.data(), 0, nullptr, nullptr),
        "writing memory");
  }

  void read(std::int64_t offset, std::span<std::byte> bytes) override {
    if (bytes.empty()) return check_cl(api().Finish(queue_.get()), "waiting");
    check_cl(
        api().EnqueueReadBuffer(queue_.get(), memory_.get(), 1, place(offset), bytes.size(), bytes.data(), 0, nullptr, nullptr),
        "reading memory");
  }

  void clear(std::int64_t offset, std::int64_t bytes) override {
    constexpr unsigned char zero = 0;
    if (bytes == 0) return;
    check_cl(api().EnqueueFillBuffer(queue_.get(), memory_.get(), &zero, 1, place(offset), place(bytes), 0, nullptr, nullptr),
             "clearing memory");
  }

  void launch(int kernel, const WorkItems& work, std::int32_t frames, std::int64_t position) override {
    const cl::Kernel called = kernels_[static_cast<std::size_t>(kernel)].get();
    const auto items = static_cast<std::int32_t>(work.items);
    check_cl(api().SetKernelArg(called, 1, sizeof frames, &frames), "passing an argument");
    check_cl(api().SetKernelArg(called, 2, sizeof position, &position), "passing an argument");
    check_cl(api().SetKernelArg(called, 3, sizeof items, &items), "passing an argument");
    const auto group = static_cast<std::size_t>(work.group);
    const std::size_t groups = (static_cast<std::size_t>(work.items) + group - 1) / group;
    const std::size_t all[] = {groups * group, static_cast<std::size_t>(work.rows)}, one[] = {group, 1};
    check_cl(api().EnqueueNDRangeKernel(queue_.get(), called, 2, nullptr, all, one, 0, nullptr, nullptr),
             "launching kernel " + names_[static_cast<std::size_t>(kernel)]);
  }

 private:
  static std::size_t place(std::int64_t bytes) { return static_cast<std::size_t>(bytes); }

  std::shared_ptr<const Built> built_;
  Owned<cl::Queue> queue_;
  Owned<cl::Memory> memory_;
  std::vector<Owned<cl::Kernel>> kernels_;
  std::vector<std::string> names_;
};

class OpenClCode final : public DeviceCode {
 public:
  explicit OpenClCode(std::shared_ptr<const Built> built) : built_(std::move(built)) {}
  std::unique_ptr<DeviceQueue> make_queue(std::span<const std::string> kernels, std::int64_t bytes) const override {
    return std::make_unique<OpenClQueue>(built_, kernels, bytes);
  }

  int most_items(const std::string& kernel) const override {
    Int error = 0;
    const Owned<cl::Kernel> made(api().CreateKernel(built_->program.get(), kernel.c_str(), &error), api().ReleaseKernel);
    check_cl(error, "finding kernel " + kernel);
    std::size_t items = 0;
    check_cl(api().GetKernelWorkGroupInfo(made.get(), built_->device.device, cl::kernel_work_group_size, sizeof items, &items,
                                          nullptr),
             "asking for the largest group of kernel " + kernel);
    return static_cast<int>(std::min<std::size_t>(items, 1u << 16));
  }

 private:
  std::shared_ptr<const Built> built_;
};

std::string build_log(const Built& built) {
  std::size_t size = 0;
  const auto get = [&](std::size_t bytes, void* to, std::size_t* needed) {
    return api().GetProgramBuildInfo(built.program.get(), built.device.device, cl::program_build_log, bytes, to, needed);
  };
  if (get(0, nullptr, &size) != cl::success || size <= 1) return "its compiler says nothing";
  std::string log(size, '\0');
  if (get(size, log.data(), nullptr) != cl::success) return "its compiler's log cannot be read";
  log.resize(size - 1);
  return log;
}

cl::Found best_device() {
  const std::vector<cl::Found> found = cl::find_devices();
  if (!found.empty() && found.front().shown.why_not.empty()) return found.front();
  std::string reasons = "no OpenCL device that will do";
  for (const cl::Found& one : found) reasons += "; " + one.shown.name + ": " + one.shown.why_not;
  throw Error(ErrorCode::backend_unavailable, reasons + (found.empty() ? ": the drivers have none" : ""));
}

}  // namespace

ir::GroupLimits opencl_group() { return best_device().group; }

std::shared_ptr<const DeviceCode> build_opencl(const std::string& source) {
  auto built = std::make_shared<Built>();
  built->device = best_device();
  Int error = 0;
  built->context = {api().CreateContext(nullptr, 1, &built->device.device, nullptr, nullptr, &error), api().ReleaseContext};
  check_cl(error, "making a context on " + built->device.shown.name);
  const char* text = source.data();
  const std::size_t size = source.size();
  built->program = {api().CreateProgramWithSource(built->context.get(), 1, &text, &size, &error), api().ReleaseProgram};
  check_cl(error, "taking the source");
  error =
      api().BuildProgram(built->program.get(), 1, &built->device.device, build_options(built->device).c_str(), nullptr, nullptr);
  if (error != cl::success) {
    throw Error(ErrorCode::compiler_failed, "OpenCL: " + built->device.shown.name + " refuses the generated source, error " +
                                                cl::to_string_of(error) + advice_of(Trouble::compiler_refuses) +
                                                build_log(*built));
  }
  return std::make_shared<OpenClCode>(std::move(built));
}

}  // namespace dgen::engine
