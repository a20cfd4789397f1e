#include "engine/cuda.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "dgen/error.h"
#include "engine/cuda_api.h"
#include "engine/trouble.h"

namespace dgen::engine {

namespace {

using cuda::check_driver;
using cuda::driver;

/// The context of a device, which the driver shares among all who use the device in this process.
class PrimaryContext {
 public:
  explicit PrimaryContext(cuda::Device device) : device_(device) {
    check_driver(driver().DevicePrimaryCtxRetain(&context_, device), "making a context");
  }
  PrimaryContext(const PrimaryContext&) = delete;
  PrimaryContext& operator=(const PrimaryContext&) = delete;
  ~PrimaryContext() { driver().DevicePrimaryCtxRelease(device_); }
  cuda::Context get() const { return context_; }

 private:
  cuda::Device device_;
  cuda::Context context_ = nullptr;
};

/// While it lives, calls of this thread go to a context; the one that the host application had comes back.
class Current {
 public:
  explicit Current(cuda::Context context) { check_driver(driver().CtxPushCurrent(context), "choosing the device"); }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;
  ~Current() {
    cuda::Context before = nullptr;
    driver().CtxPopCurrent(&before);
  }
};

struct Built {
  explicit Built(const CudaDevice& device) : name(device.name), context(device.index) {}
  Built(const Built&) = delete;
  Built& operator=(const Built&) = delete;
  ~Built() {
    if (!module) return;
    cuda::Context before = nullptr;  // no Current: destructors do not throw
    if (driver().CtxPushCurrent(context.get()) != cuda::success) return;
    driver().ModuleUnload(module);
    driver().CtxPopCurrent(&before);
  }

  std::string name;
  PrimaryContext context;
  cuda::Module module = nullptr;
};

class CudaQueue final : public DeviceQueue {
 public:
  CudaQueue(std::shared_ptr<const Built> built, std::span<const std::string> kernels, std::int64_t bytes)
      : built_(std::move(built)), names_(kernels.begin(), kernels.end()) {
    const Current current(built_->context.get());
    for (const std::string& name : kernels) {
      kernels_.emplace_back();
      check_driver(driver().ModuleGetFunction(&kernels_.back(), built_->module, name.c_str()), "finding kernel " + name);
    }
    check_driver(driver().StreamCreate(&stream_, cuda::stream_non_blocking), "making a stream");
    if (const int error = driver().MemAlloc(&memory_, static_cast<std::size_t>(bytes)); error != cuda::success) {
      driver().StreamDestroy(stream_);
      throw Error(ErrorCode::limit_exceeded, "CUDA: " + built_->name + " gives no " + std::to_string(bytes) +
                                                 " bytes of memory: " + cuda::to_string_of(error) +
                                                 advice_of(Trouble::memory_short));
    }
  }
  CudaQueue(const CudaQueue&) = delete;
  CudaQueue& operator=(const CudaQueue&) = delete;
  ~CudaQueue() override {
    cuda::Context before = nullptr;
    if (driver().CtxPushCurrent(built_->context.get()) != cuda::success) return;
    driver().StreamSynchronize(stream_);
    driver().MemFree(memory_);
    driver().StreamDestroy(stream_);
    driver().CtxPopCurrent(&before);
  }

  // From memory that is not pinned the driver returns once it has taken a copy.
  void write(std::int64_t offset, std::span<const std::byte> bytes) override {
    if (bytes.empty()) return;
    const Current current(built_->context.get());
    check_driver(driver().MemcpyHtoDAsync(place(offset), bytes.data(), bytes.size(), stream_), "writing memory");
  }

  void read(std::int64_t offset, std::span<std::byte> bytes) override {
    const Current current(built_->context.get());
    if (!bytes.empty())
      check_driver(driver().MemcpyDtoHAsync(bytes.data(), place(offset), bytes.size(), stream_), "reading memory");
    check_driver(driver().StreamSynchronize(stream_), "waiting for the device");
  }

  void clear(std::int64_t offset, std::int64_t bytes) override {
    if (bytes == 0) return;
    const Current current(built_->context.get());
    check_driver(driver().MemsetD8Async(place(offset), 0, static_cast<std::size_t>(bytes), stream_), "clearing memory");
  }

  void launch(int kernel, const WorkItems& work, std::int32_t frames, std::int64_t position) override {
    const Current current(built_->context.get());
    auto items = static_cast<std::int32_t>(work.items);
    void* arguments[] = {&memory_, &frames, &position, &items};
    const auto group = static_cast<unsigned>(work.group);
    const auto groups = static_cast<unsigned>((work.items + work.group - 1) / work.group);
    check_driver(driver().LaunchKernel(kernels_[static_cast<std::size_t>(kernel)], groups, static_cast<unsigned>(work.rows), 1,
                                       group, 1, 1, 0, stream_, arguments, nullptr),
                 "launching kernel " + names_[static_cast<std::size_t>(kernel)]);
  }

 private:
  cuda::Address place(std::int64_t offset) const { return memory_ + static_cast<cuda::Address>(offset); }

  std::shared_ptr<const Built> built_;
  cuda::Stream stream_ = nullptr;
  cuda::Address memory_ = 0;
  std::vector<cuda::Function> kernels_;
  std::vector<std::string> names_;
};

class CudaCode final : public DeviceCode {
 public:
  explicit CudaCode(std::shared_ptr<const Built> built) : built_(std::move(built)) {}
  std::unique_ptr<DeviceQueue> make_queue(std::span<const std::string> kernels, std::int64_t bytes) const override {
    return std::make_unique<CudaQueue>(built_, kernels, bytes);
  }

  int most_items(const std::string& kernel) const override {
    const Current current(built_->context.get());
    cuda::Function function = nullptr;
    int items = 0;
    check_driver(driver().ModuleGetFunction(&function, built_->module, kernel.c_str()), "finding kernel " + kernel);
    check_driver(driver().FuncGetAttribute(&items, cuda::most_threads_of_function, function),
                 "asking for the largest group of kernel " + kernel);
    return items;
  }

 private:
  std::shared_ptr<const Built> built_;
};

CudaDevice describe(int ordinal) {
  CudaDevice shown;
  check_driver(driver().DeviceGet(&shown.index, ordinal), "finding a device");
  char name[256] = {};
  check_driver(driver().DeviceGetName(name, sizeof name, shown.index), "asking for a device's name");
  shown.name = name;
  int version = 0;
  check_driver(driver().DriverGetVersion(&version), "asking for the driver's version");
  shown.driver = "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
  const auto attribute = [&](int which) {
    int value = 0;
    check_driver(driver().DeviceGetAttribute(&value, which, shown.index), "asking for a device's kind");
    return value;
  };
  shown.capability = 10 * attribute(cuda::compute_capability_major) + attribute(cuda::compute_capability_minor);
  shown.group = {.items = attribute(cuda::most_threads_of_block), .bytes = attribute(cuda::most_shared_memory_of_block)};
  try {
    cuda::compiler();
  } catch (const Error& e) {
    shown.why_not = e.what();
  }
  return shown;
}

}  // namespace

std::vector<CudaDevice> cuda_devices() {
  int count = 0;
  check_driver(driver().DeviceGetCount(&count), "counting devices");
  if (count == 0) throw Error(ErrorCode::backend_unavailable, "no CUDA: its driver knows no GPU");
  std::vector<CudaDevice> found;
  for (int k = 0; k < count; ++k) found.push_back(describe(k));
  const char* wanted = std::getenv("DGEN_CUDA_DEVICE");
  const auto named = [&](const CudaDevice& one) { return wanted && one.name.find(wanted) != std::string::npos; };
  std::stable_sort(found.begin(), found.end(), [&](const CudaDevice& a, const CudaDevice& b) { return named(a) > named(b); });
  return found;
}

ir::GroupLimits cuda_group() { return cuda_devices().front().group; }

std::shared_ptr<const DeviceCode> build_cuda(const std::string& source) {
  const CudaDevice device = cuda_devices().front();
  const std::string ptx = compile_cuda(source, device.capability);
  auto built = std::make_shared<Built>(device);
  const Current current(built->context.get());
  const int error = driver().ModuleLoadData(&built->module, ptx.c_str());
  if (error != cuda::success) {
    throw Error(ErrorCode::compiler_failed, "CUDA: the driver of " + device.name + " refuses the compiled kernels: " +
                                                cuda::to_string_of(error) + advice_of(Trouble::driver_refuses));
  }
  return std::make_shared<CudaCode>(std::move(built));
}

}  // namespace dgen::engine
