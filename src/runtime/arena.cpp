#include "runtime/arena.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "dgen/error.h"

namespace dgen::runtime {

namespace {

constexpr std::size_t cache_line = 64;

std::byte* allocate(std::size_t bytes, std::size_t alignment) {
  void* data = ::operator new(bytes, std::align_val_t(alignment), std::nothrow);
  if (data) return static_cast<std::byte*>(std::memset(data, 0, bytes));
  throw Error(ErrorCode::limit_exceeded, "an instance of this patch needs " + std::to_string(bytes) +
                                             " bytes, more than the system gives; shorten its delays and tables");
}

}  // namespace

Arena::Arena(std::int64_t bytes, std::int64_t alignment)
    : size_(std::max<std::size_t>(static_cast<std::size_t>(bytes), 1)),
      data_(nullptr, Free{std::max(static_cast<std::size_t>(alignment), cache_line)}) {
  data_.reset(allocate(size_, data_.get_deleter().alignment));
}

void Arena::Free::operator()(std::byte* data) const { ::operator delete(data, std::align_val_t(alignment)); }

}  // namespace dgen::runtime
