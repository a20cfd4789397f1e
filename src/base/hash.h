#pragma once
// Content hashes, for cache keys and for telling a damaged file from a whole one. Not for secrets.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace dgen::base {

/// 128 bits of XXH3.
struct Hash {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Hash&) const = default;
};

/// Hash of some bytes. Source: XXH3, Yann Collet.
Hash hash(std::string_view bytes);

/// Hash of several texts; ("ab", "c") and ("a", "bc") differ.
Hash hash(std::initializer_list<std::string_view> parts);

/// 32 lower-case hexadecimal digits.
std::string to_hex(Hash hash);

}  // namespace dgen::base
