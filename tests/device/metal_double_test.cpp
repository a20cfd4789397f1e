// The doubles that Metal computes in integers have the bits that this machine's have.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "device/shim.h"
#include "render/device_dialect.h"

namespace {

using namespace dgen;

constexpr std::size_t results = 14;

/// Of pair n of the numbers at the beginning: results n, items + n, …
constexpr const char* every_operation = R"(
kernel void every_operation(device uchar* memory, constant Arguments& arguments, uint2 place) {
  const int n = (int)place.x, items = arguments.items;
  if (n >= items) return;
  const device ulong* x = (const device ulong*)memory;
  device ulong* y = (device ulong*)memory + 2 * items + n;
  const Double a = as_Double(x[n]), b = as_Double(x[items + n]);
  const Double made[] = {a + b, a - b, a * b, a / b, sqrt(a), floor(a), -a, fabs(a), Double((float)a), Double((long)x[n]),
                         Double(x[n]), Double((int)(uint)x[n]), Double((uint)x[n]),
                         Double((a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a != b))};
  for (const Double& one : made) *y = as_ulong(one), y += items;
}
kernel void to_integers(device uchar* memory, constant Arguments& arguments, uint2 place) {
  const int n = (int)place.x, items = arguments.items;
  if (n >= items) return;
  const Double a = as_Double(((const device ulong*)memory)[n]);
  device ulong* y = (device ulong*)memory + items + n;
  y[0] = (ulong)(long)a, y[items] = (ulong)fabs(a), y[2 * items] = (ulong)(long)(int)a;
}
)";

/// Denormals are zero, and there is one kind of what is no number.
std::uint64_t bits(double x) {
  if (std::isnan(x)) return 0x7ff8000000000000u;
  if (std::fabs(x) < std::numeric_limits<double>::min()) return std::bit_cast<std::uint64_t>(std::copysign(0.0, x));
  return std::bit_cast<std::uint64_t>(x);
}

double flushed(float x) {
  return std::fabs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0, static_cast<double>(x)) : static_cast<double>(x);
}

/// Numbers of every size, those next to one another, and those at the ends.
std::vector<double> numbers(std::size_t count, std::uint32_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> made;
  for (const double x : {0.0, 1.0, 1.5, 0x1p52, 0x1p53, 3.4028235677973366e38, 0x1.ffffffp-127, 1.7e308, 2.3e-308})
    made.push_back(x), made.push_back(-x);
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double x : {infinity, -infinity, std::nan("")}) made.push_back(x);
  while (made.size() < count) {
    const std::uint64_t drawn = random();
    const bool small_range = drawn & 1;  // so that sums meet
    const int exponent = small_range ? static_cast<int>(drawn >> 1 & 63) - 32 : static_cast<int>(drawn >> 1 & 2047) - 1023;
    const std::uint64_t fraction = random() & (drawn & 2 ? ~std::uint64_t{0} : ~std::uint64_t{0} << 40);
    const double x = std::ldexp(1 + std::ldexp(static_cast<double>(fraction >> 12), -52), exponent);
    if (std::isnormal(x)) made.push_back(drawn >> 63 ? -x : x);
  }
  return made;
}

struct Shim {
  std::unique_ptr<engine::DeviceQueue> queue;
  std::size_t items;
  Shim(const char* kernel, std::size_t count, std::size_t rows) : items(count) {
    const render::DeviceDialect& metal = render::metal_dialect();
    const std::string text = std::string(metal.language.prologue) + std::string(metal.own_double) + every_operation;
    const std::string names[] = {kernel};
    queue = device_shim::build(device_shim::metal, text, device_shim::launch_metal)
                ->make_queue(names, static_cast<std::int64_t>(rows * items * sizeof(double)));
  }
  std::vector<std::uint64_t> run(std::span<const double> given, std::size_t rows) const {
    queue->write(0, std::as_bytes(given));
    queue->launch(0, {static_cast<std::int64_t>(items), 1, 64}, 0, 0);
    std::vector<std::uint64_t> found(rows * items);
    queue->read(static_cast<std::int64_t>(given.size_bytes()), std::as_writable_bytes(std::span(found)));
    return found;
  }
};

TEST(MetalDouble, HasTheBitsOfThisMachine) {
  constexpr std::size_t count = 20000;
  std::vector<double> x = numbers(count, 1);
  std::vector<double> second = numbers(count, 2);
  std::rotate(second.begin(), second.begin() + 5, second.end());
  x.insert(x.end(), second.begin(), second.end());
  const std::vector<std::uint64_t> found = Shim("every_operation", count, results + 2).run(x, results);
  for (std::size_t n = 0; n < count; ++n) {
    const double a = x[n], b = x[count + n];
    const auto whole = std::bit_cast<std::uint64_t>(a);
    const double wanted[results] = {a + b,
                                    a - b,
                                    a * b,
                                    a / b,
                                    std::sqrt(a),
                                    std::floor(a),
                                    -a,
                                    std::fabs(a),
                                    flushed(static_cast<float>(a)),
                                    static_cast<double>(static_cast<std::int64_t>(whole)),
                                    static_cast<double>(whole),
                                    static_cast<double>(static_cast<std::int32_t>(whole)),
                                    static_cast<double>(static_cast<std::uint32_t>(whole)),
                                    static_cast<double>((a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a != b))};
    for (std::size_t r = 0; r < results; ++r)
      ASSERT_EQ(bits(std::bit_cast<double>(found[r * count + n])), bits(wanted[r])) << "result " << r << " of " << a << ", " << b;
  }
}

TEST(MetalDouble, BecomesIntegersTowardZero) {
  std::vector<double> x;
  for (const double number : numbers(4000, 3)) {
    if (std::fabs(number) < 0x1p62) x.push_back(number);
  }
  const std::vector<std::uint64_t> found = Shim("to_integers", x.size(), 4).run(x, 3);
  for (std::size_t n = 0; n < x.size(); ++n) {
    EXPECT_EQ(static_cast<std::int64_t>(found[n]), static_cast<std::int64_t>(x[n])) << x[n];
    EXPECT_EQ(found[x.size() + n], static_cast<std::uint64_t>(std::fabs(x[n]))) << x[n];
    if (std::fabs(x[n]) < 0x1p31) {
      EXPECT_EQ(static_cast<std::int64_t>(found[2 * x.size() + n]), static_cast<std::int64_t>(x[n]));
    }
  }
}

}  // namespace
