#pragma once
// White noise by counting: a hash of (seed, frame), so that it has no state and every back end makes the same bits.
// Steps apart from each other, because kernels take the same ones: keys per block, bits per frame.

#include <cstdint>

namespace dgen {

/// What the hash of a frame's low 32 bits is keyed with.
struct NoiseKeys {
  std::uint32_t first = 0, second = 0;
};

/// A bijection of 64 bits in which every bit depends on every other. Source: splitmix64, Steele, Lea, Flood 2014.
constexpr std::uint64_t scramble(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Keys of a seed for the 2^32 frames whose upper half is `frame_high`.
constexpr NoiseKeys noise_keys(std::uint64_t seed, std::uint32_t frame_high) {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;  // 2^64 over the golden ratio
  const std::uint64_t keys = scramble(scramble(seed + golden) + (std::uint64_t{frame_high} + 1) * golden);
  return {static_cast<std::uint32_t>(keys), static_cast<std::uint32_t>(keys >> 32)};
}

/// 32 random bits for the lower half of a frame's number. Source of the constants: Wellons 2018, triple32 and lowbias32.
constexpr std::uint32_t noise_bits(std::uint32_t frame_low, NoiseKeys keys) {
  std::uint32_t x = frame_low + keys.first;
  x = (x ^ (x >> 17)) * 0xed5ad4bbu;
  x = (x ^ (x >> 11)) * 0xac4c1b51u;
  x = (x ^ (x >> 15)) * 0x31848babu;
  x = (x ^ (x >> 14)) + keys.second;
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

/// The upper 24 bits as a number in [-1, 1); exact in float32.
constexpr double noise_value(std::uint32_t bits) { return (static_cast<std::int32_t>(bits) >> 8) * 0x1p-23; }

/// Uniform in [-1, 1).
constexpr double noise(std::uint64_t seed, std::uint64_t frame) {
  const NoiseKeys keys = noise_keys(seed, static_cast<std::uint32_t>(frame >> 32));
  return noise_value(noise_bits(static_cast<std::uint32_t>(frame), keys));
}

}  // namespace dgen
