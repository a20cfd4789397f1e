#pragma once
// What engines of devices have in common: code that was built, and the memory and queue of one instance.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "ir/ir.h"

namespace dgen::engine {

/// The work items of a launch: `rows` rows of `items`, in groups of `group` of one row.
struct WorkItems {
  std::int64_t items = 1;
  int rows = 1;
  int group = 1;
};

/// The memory of one instance on a device and its commands, which run in order. One caller at a time.
/// All throw `Error` backend_unavailable where the device fails, limit_exceeded where its memory is short: what it said, what it
/// was doing, and what to do.
class DeviceQueue {
 public:
  virtual ~DeviceQueue() = default;
  /// Bytes from `offset` on. What is written may go once this returns.
  virtual void write(std::int64_t offset, std::span<const std::byte> bytes) = 0;
  virtual void read(std::int64_t offset, std::span<std::byte> bytes) = 0;  ///< waits for all commands before it
  virtual void clear(std::int64_t offset, std::int64_t bytes) = 0;
  /// Kernel number `kernel` of those the queue was made with.
  virtual void launch(int kernel, const WorkItems& work, std::int32_t frames, std::int64_t position) = 0;
};

/// Kernels that were built for a device. Safe to use from any thread.
class DeviceCode {
 public:
  virtual ~DeviceCode() = default;
  /// Of these kernels, and memory of so many bytes. Throws `Error` limit_exceeded where there is not so much.
  virtual std::unique_ptr<DeviceQueue> make_queue(std::span<const std::string> kernels, std::int64_t bytes) const = 0;
  /// Work items that a group of a kernel may have at most, with the registers it takes. Throws what a queue throws.
  virtual int most_items(const std::string& kernel) const = 0;
};

}  // namespace dgen::engine
