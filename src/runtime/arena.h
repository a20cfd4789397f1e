#pragma once
// A block of aligned memory.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dgen::runtime {

/// Zeroed memory of one instance. Throws `Error` limit_exceeded where there is not enough.
class Arena {
 public:
  Arena(std::int64_t bytes, std::int64_t alignment);
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    std::size_t alignment;
    void operator()(std::byte* data) const;
  };
  std::size_t size_;
  std::unique_ptr<std::byte[], Free> data_;
};

}  // namespace dgen::runtime
