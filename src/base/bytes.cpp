#include "base/bytes.h"

#include <bit>

#include "dgen/error.h"

namespace dgen::base {

void ByteWriter::whole(std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(value >> shift & 0xff);
}

void ByteWriter::number(double value) { whole(std::bit_cast<std::uint64_t>(value)); }

void ByteWriter::text(std::string_view value) {
  whole(value.size());
  bytes_ += value;
}

void ByteWriter::numbers(std::span<const double> values) {
  whole(values.size());
  for (const double value : values) number(value);
}

namespace {

[[noreturn]] void too_short() { throw Error(ErrorCode::file_malformed, "it ends in the middle of a value"); }

}  // namespace

std::uint64_t ByteReader::whole() {
  if (left_.size() < 8) too_short();
  std::uint64_t value = 0;
  for (std::size_t k = 8; k-- > 0;) value = value << 8 | static_cast<unsigned char>(left_[k]);
  left_.remove_prefix(8);
  return value;
}

double ByteReader::number() { return std::bit_cast<double>(whole()); }

std::uint64_t ByteReader::length(std::uint64_t bytes_each) {
  const std::uint64_t count = whole();
  if (count > left_.size() / bytes_each) too_short();
  return count;
}

std::string_view ByteReader::bytes(std::size_t size) {
  if (size > left_.size()) too_short();
  const std::string_view value = left_.substr(0, size);
  left_.remove_prefix(size);
  return value;
}

std::string ByteReader::text() { return std::string(bytes(static_cast<std::size_t>(length(1)))); }

}  // namespace dgen::base
