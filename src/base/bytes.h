#pragma once
// Numbers and texts as bytes, little end first on every machine: what is written to files.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dgen::base {

class ByteWriter {
 public:
  void whole(std::uint64_t value);
  void number(double value);  ///< its bits
  void text(std::string_view value);
  void bytes(std::string_view value) { bytes_ += value; }
  void numbers(std::span<const double> values);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a ByteWriter wrote, in its order. Throws `Error` file_malformed where it ends too early.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}
  std::uint64_t whole();
  double number();
  std::string text();
  /// The next `size` bytes.
  std::string_view bytes(std::size_t size);
  /// The numbers of a list; `Numbers` is a vector of doubles.
  template <class Numbers>
  Numbers numbers() {
    const std::uint64_t count = length(8);
    Numbers values;
    values.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t k = 0; k < count; ++k) values.push_back(number());
    return values;
  }
  /// A count of things that take at least `bytes_each` bytes of what is left.
  std::uint64_t length(std::uint64_t bytes_each);
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

}  // namespace dgen::base
