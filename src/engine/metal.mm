// Source of what is called: Apple's reference of the Metal framework. Built with automatic reference counting.

#import <Foundation/Foundation.h>
#import <Metal/Metal.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "dgen/error.h"
#include "engine/metal.h"
#include "engine/trouble.h"

namespace dgen::engine {

namespace {

std::string text_of(NSString* text) { return text ? std::string(text.UTF8String) : std::string(); }
std::string text_of(NSError* error) { return error ? text_of(error.localizedDescription) : "it says nothing more"; }

/// What every kernel takes at buffer 1; as the dialect declares it.
struct Arguments {
  std::int64_t position;
  std::int32_t frames;
  std::int32_t items;
};

id<MTLDevice> default_device() {
  if (id<MTLDevice> device = MTLCreateSystemDefaultDevice()) return device;
  throw Error(ErrorCode::backend_unavailable, "no Metal: this system has no GPU that does it");
}

id<MTLComputePipelineState> pipeline(id<MTLDevice> device, id<MTLLibrary> library, const std::string& kernel) {
  id<MTLFunction> function = [library newFunctionWithName:[NSString stringWithUTF8String:kernel.c_str()]];
  NSError* error = nil;
  id<MTLComputePipelineState> made = function ? [device newComputePipelineStateWithFunction:function error:&error] : nil;
  if (!made) throw Error(ErrorCode::backend_unavailable, "Metal: finding kernel " + kernel + " failed: " + text_of(error));
  return made;
}

/// Commands gather in one command buffer until the host needs what they did, so that a block of frames is one submission.
class MetalQueue final : public DeviceQueue {
 public:
  MetalQueue(id<MTLDevice> device, id<MTLLibrary> library, std::span<const std::string> kernels, std::int64_t bytes)
      : queue_([device newCommandQueue]) {
    if (!queue_) throw Error(ErrorCode::backend_unavailable, "Metal: making a command queue failed");
    for (const std::string& name : kernels) kernels_.push_back(pipeline(device, library, name));
    const auto size = static_cast<NSUInteger>(bytes);
    if (size <= device.maxBufferLength) memory_ = [device newBufferWithLength:size options:MTLResourceStorageModeShared];
    if (!memory_) {
      throw Error(ErrorCode::limit_exceeded,
                  "Metal: " + text_of(device.name) + " gives no " + std::to_string(bytes) + " bytes of memory" +
                      advice_of(Trouble::memory_short));
    }
  }
  ~MetalQueue() override {
    [encoder_ endEncoding];
    [commands_ commit];
    [commands_ waitUntilCompleted];
  }

  void write(std::int64_t offset, std::span<const std::byte> bytes) override {
    finish();  // memory is shared with commands that may still read it
    std::ranges::copy(bytes, host() + offset);
  }

  void read(std::int64_t offset, std::span<std::byte> bytes) override {
    finish();
    std::memcpy(bytes.data(), host() + offset, bytes.size());
  }

  void clear(std::int64_t offset, std::int64_t bytes) override {
    finish();
    std::fill_n(host() + offset, bytes, std::byte{0});
  }

  void launch(int kernel, const WorkItems& work, std::int32_t frames, std::int64_t position) override {
    begin();
    id<MTLComputePipelineState> called = kernels_[static_cast<std::size_t>(kernel)];
    const Arguments arguments{position, frames, static_cast<std::int32_t>(work.items)};
    [encoder_ setComputePipelineState:called];
    [encoder_ setBuffer:memory_ offset:0 atIndex:0];
    [encoder_ setBytes:&arguments length:sizeof arguments atIndex:1];
    const auto group = std::min(static_cast<NSUInteger>(work.group), called.maxTotalThreadsPerThreadgroup);
    const NSUInteger groups = (static_cast<NSUInteger>(work.items) + group - 1) / group;
    [encoder_ dispatchThreadgroups:MTLSizeMake(groups, static_cast<NSUInteger>(work.rows), 1)
             threadsPerThreadgroup:MTLSizeMake(group, 1, 1)];
  }

 private:
  std::byte* host() const { return static_cast<std::byte*>(memory_.contents); }

  /// A serial encoder: a kernel sees what those before it wrote.
  void begin() {
    if (encoder_) return;
    commands_ = [queue_ commandBuffer];
    encoder_ = [commands_ computeCommandEncoder];
    if (!encoder_) throw Error(ErrorCode::backend_unavailable, "Metal: making a command buffer failed");
  }

  void finish() {
    if (!encoder_) return;
    id<MTLCommandBuffer> commands = std::exchange(commands_, nil);
    [std::exchange(encoder_, nil) endEncoding];
    [commands commit];
    [commands waitUntilCompleted];
    if (commands.status != MTLCommandBufferStatusCompleted)
      throw Error(ErrorCode::backend_unavailable, "Metal: running kernels failed: " + text_of(commands.error) +
                                                      advice_of(Trouble::device_lost));
  }

  id<MTLCommandQueue> queue_;
  id<MTLBuffer> memory_ = nil;
  std::vector<id<MTLComputePipelineState>> kernels_;
  id<MTLCommandBuffer> commands_ = nil;
  id<MTLComputeCommandEncoder> encoder_ = nil;
};

class MetalCode final : public DeviceCode {
 public:
  MetalCode(id<MTLDevice> device, id<MTLLibrary> library) : device_(device), library_(library) {}
  std::unique_ptr<DeviceQueue> make_queue(std::span<const std::string> kernels, std::int64_t bytes) const override {
    @autoreleasepool {
      return std::make_unique<MetalQueue>(device_, library_, kernels, bytes);
    }
  }
  int most_items(const std::string& kernel) const override {
    @autoreleasepool {
      return static_cast<int>(pipeline(device_, library_, kernel).maxTotalThreadsPerThreadgroup);
    }
  }

 private:
  id<MTLDevice> device_;
  id<MTLLibrary> library_;
};

}  // namespace

std::vector<std::string> metal_devices() {
  @autoreleasepool {
    return {text_of(default_device().name)};
  }
}

ir::GroupLimits metal_group() {
  @autoreleasepool {
    id<MTLDevice> device = default_device();
    return {.items = static_cast<int>(device.maxThreadsPerThreadgroup.width),
            .bytes = static_cast<std::int64_t>(device.maxThreadgroupMemoryLength)};
  }
}

std::shared_ptr<const DeviceCode> build_metal(const std::string& source) {
  @autoreleasepool {
    id<MTLDevice> device = default_device();
    MTLCompileOptions* options = [[MTLCompileOptions alloc] init];
    options.fastMathEnabled = NO;
    NSError* error = nil;
    id<MTLLibrary> library = [device newLibraryWithSource:[NSString stringWithUTF8String:source.c_str()]
                                                  options:options
                                                    error:&error];
    if (!library) {
      throw Error(ErrorCode::compiler_failed,
                  "Metal: " + text_of(device.name) + " refuses the generated source" + advice_of(Trouble::compiler_refuses) +
                      text_of(error));
    }
    return std::make_shared<MetalCode>(device, library);
  }
}

}  // namespace dgen::engine
