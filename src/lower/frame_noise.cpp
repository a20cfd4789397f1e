// Noise of a per-frame stage, by the steps of base/noise.h.

#include "base/noise.h"
#include "lower/frame_kernel.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

void FrameKernel::prepare_noise() {
  for (const int id : stage_.nodes) {
    const Node& node = g_[id];
    if (node.op->kind != Kind::noise) continue;
    // The keys of base/noise.h; a sub-block does not cross a multiple of 2^32 frames.
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;
    const auto u64 = [&](std::uint64_t v) { return builder_.integer({Scalar::u64, false}, static_cast<std::int64_t>(v)); };
    const auto scramble = [&](Value x) {
      x = (x ^ (x >> 30)) * u64(0xbf58476d1ce4e5b9u);
      x = (x ^ (x >> 27)) * u64(0x94d049bb133111ebu);
      return x ^ (x >> 31);
    };
    const std::uint64_t seed = dgen::scramble(static_cast<std::uint64_t>(node.attributes.size) + golden);
    const Value high = convert(Scalar::u64, position_) >> 32;
    const Value keys = scramble(u64(seed) + (high + u64(1)) * u64(golden));
    noise_keys_[id] = {convert(Scalar::u32, keys), convert(Scalar::u32, keys >> 32)};
  }
}

Value FrameKernel::noise_at(int id) {
  const auto u32 = [&](std::uint32_t v) { return builder_.integer({Scalar::u32, wide_}, v); };
  const auto [first, second] = noise_keys_.at(id);
  Value frame = spread(convert(Scalar::u32, position32_ + host_index_));
  if (wide_) {
    const Value lane = convert(Scalar::u32, builder_.lane());
    frame = backward_ ? frame - lane : frame + lane;
  }
  Value x = frame + spread(first);
  x = (x ^ (x >> 17)) * u32(0xed5ad4bbu);
  x = (x ^ (x >> 11)) * u32(0xac4c1b51u);
  x = (x ^ (x >> 15)) * u32(0x31848babu);
  x = (x ^ (x >> 14)) + spread(second);
  x = (x ^ (x >> 16)) * u32(0x7feb352du);
  x = (x ^ (x >> 15)) * u32(0x846ca68bu);
  x = x ^ (x >> 16);
  return convert(Scalar::f32, bitcast(Scalar::i32, x) >> 8) * 0x1p-23;
}

}  // namespace dgen::lower
