#include "dgen/starts.h"

#include <numeric>
#include <string>
#include <utility>

#include "dgen/error.h"
#include "train/draws.h"

namespace dgen {

namespace {

constexpr std::uint64_t places = 1, orders = 2;  // streams of draws

void check_points(const char* what, std::int64_t points, std::int64_t dimensions) {
  const std::string counts = std::to_string(points) + " points of " + std::to_string(dimensions) + " numbers";
  if (points < 1 || dimensions < 1)
    throw Error(ErrorCode::bad_value, std::string(what) + ": " + counts + "; it takes at least 1 of each");
  constexpr std::int64_t most = std::int64_t{1} << 30;
  if (points <= most / dimensions) return;
  throw Error(ErrorCode::limit_exceeded,
              std::string(what) + ": " + counts + " are more than " + std::to_string(most) + " numbers; draw fewer points");
}

/// 0 … count - 1 in a random order. Source: Fisher and Yates, as in Durstenfeld 1964.
std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, std::int64_t dimension) {
  const train::Draws draws(seed, orders + 2 * static_cast<std::uint64_t>(dimension));
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[static_cast<std::size_t>(draws.unit(left) * static_cast<double>(left))]);
  return order;
}

}  // namespace

std::vector<double> random_points(std::int64_t points, std::int64_t dimensions, std::uint64_t seed) {
  check_points("random_points", points, dimensions);
  const train::Draws draws(seed, places);
  std::vector<double> made(static_cast<std::size_t>(points * dimensions));
  for (std::size_t k = 0; k < made.size(); ++k) made[k] = draws.unit(k);
  return made;
}

std::vector<double> latin_hypercube(std::int64_t points, std::int64_t dimensions, std::uint64_t seed) {
  check_points("latin_hypercube", points, dimensions);
  const train::Draws draws(seed, places);
  std::vector<double> made(static_cast<std::size_t>(points * dimensions));
  for (std::int64_t d = 0; d < dimensions; ++d) {
    const std::vector<std::int64_t> stratum = shuffled(points, seed, d);
    for (std::int64_t p = 0; p < points; ++p) {
      const auto k = static_cast<std::size_t>(p * dimensions + d);
      made[k] = (static_cast<double>(stratum[static_cast<std::size_t>(p)]) + draws.unit(k)) / static_cast<double>(points);
    }
  }
  return made;
}

}  // namespace dgen
