#pragma once
// Numbers of a Standard MIDI File, with the place where one is not as it should be.

#include <cstdint>
#include <string>
#include <string_view>

#include "dgen/error.h"

namespace dgen::audio {

/// Reads numbers from front to back. Throws `Error` file_malformed.
class MidiBytes {
 public:
  MidiBytes(std::string_view bytes, std::string where, std::size_t first)
      : bytes_(bytes), where_(std::move(where)), first_(first) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorCode::file_malformed, where_ + ", byte " + std::to_string(first_ + at_) + ": " + why);
  }
  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t position() const { return first_ + at_; }
  std::uint8_t peek() const {
    if (at_end()) refuse("it ends in the middle of an event");
    return static_cast<std::uint8_t>(bytes_[at_]);
  }
  std::uint8_t byte() {
    const std::uint8_t value = peek();
    ++at_;
    return value;
  }
  /// A byte below 128.
  int data() {
    const std::uint8_t value = peek();
    if (value > 127) refuse("a data byte is " + std::to_string(value) + ", above 127");
    ++at_;
    return value;
  }
  std::size_t left() const { return bytes_.size() - at_; }
  std::uint32_t little_endian(int count) {
    std::uint32_t value = 0;
    for (int k = 0; k < count; ++k) value |= static_cast<std::uint32_t>(byte()) << (8 * k);
    return value;
  }
  std::uint32_t big_endian(int count) {
    std::uint32_t value = 0;
    for (int k = 0; k < count; ++k) value = (value << 8) | byte();
    return value;
  }
  /// Seven bits a byte, most significant first; at most four bytes.
  std::uint32_t variable_length() {
    std::uint32_t value = 0;
    for (int k = 0; k < 4; ++k) {
      const std::uint8_t part = byte();
      value = (value << 7) | (part & 127u);
      if (part < 128) return value;
    }
    refuse("a length or time is longer than four bytes");
  }
  std::string_view take(std::uint32_t count) {
    if (count > bytes_.size() - at_)
      refuse(std::to_string(count) + " bytes are announced, " + std::to_string(bytes_.size() - at_) + " are left");
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

 private:
  std::string_view bytes_;
  std::string where_;
  std::size_t first_;  ///< of the bytes in the file
  std::size_t at_ = 0;
};

}  // namespace dgen::audio
