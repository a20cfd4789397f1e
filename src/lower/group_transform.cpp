#include "lower/group_transform.h"

#include <algorithm>
#include <bit>

#include "graph/fourier.h"

namespace dgen::lower {

namespace {

constexpr int most_bits = 3;                 // radices up to 8: 16 registers of numbers
constexpr std::int64_t numbers_of_item = 8;  // that a work item takes through a pass
constexpr std::int64_t most_numbers_of_item = 32;
constexpr std::int64_t least_group = 64;  // work items: fewer leave lanes of a GPU idle

std::int64_t bytes_of(const GroupTransform& t) { return 2 * t.elements() * ir::bytes(ir::Scalar::f32); }

}  // namespace

std::vector<std::int64_t> transform_radices(std::int64_t n, int most_bits) {
  std::vector<std::int64_t> radices;
  const int bits = std::countr_zero(static_cast<std::uint64_t>(n));
  for (int passes = (bits + most_bits - 1) / most_bits, left = bits; passes > 0; --passes) {
    const int its = (left + passes - 1) / passes;
    radices.push_back(std::int64_t{1} << its);
    left -= its;
  }
  n >>= bits;
  for (const std::int64_t odd : {5, 3}) {
    for (; n % odd == 0; n /= odd) radices.push_back(odd);
  }
  return radices;
}

std::int64_t transforms_of_tick(const Graph& g, int fft) {
  const Node& node = g[fft];
  const std::int64_t elements = node.type.shape.elements(), n = node.attributes.size;
  switch (node.attributes.transform) {
    case Transform::complex_forward:
    case Transform::complex_inverse: return elements / (2 * n);
    case Transform::real_forward: return elements / (n + 2);
    case Transform::real_inverse: return elements / n;
  }
  return 1;
}

std::optional<GroupTransform> group_transform(const Graph& g, int fft, const ir::GroupLimits& limits) {
  const std::int64_t n = g[fft].attributes.size;
  const std::int64_t size = fourier::is_real(g[fft].attributes.transform) ? n / 2 : n;
  if (limits.items == 0) return {};
  GroupTransform made{.size = size, .radices = transform_radices(size, most_bits)};
  made.threads = std::min<std::int64_t>((size + numbers_of_item - 1) / numbers_of_item, limits.items);
  if (made.threads * most_numbers_of_item < size || bytes_of(made) > limits.bytes) return {};
  const std::int64_t most = std::min<std::int64_t>(least_group, limits.items) / made.threads;
  for (made.transforms = std::max<std::int64_t>(most, 1); bytes_of(made) > limits.bytes;) --made.transforms;
  return made;
}

}  // namespace dgen::lower
