#pragma once
// Points to start from, all over the ranges of the parameters: in the unit cube, a coordinate for each number that is searched.

#include <cstdint>
#include <vector>

namespace dgen {

/// Points drawn independently, uniform in (0, 1): [points, dimensions]. The same for the same seed; a point does not depend on
/// how many are drawn after it. Throws `Error` bad_value for fewer than 1 of either, limit_exceeded above 2^30 numbers.
std::vector<double> random_points(std::int64_t points, std::int64_t dimensions, std::uint64_t seed);

/// A Latin hypercube: cut every coordinate into as many strata as there are points, and each stratum holds one point, at a random
/// place in it. [points, dimensions], in (0, 1); the same for the same seed. Throws as above.
/// Source: McKay, Beckman, Conover 1979.
std::vector<double> latin_hypercube(std::int64_t points, std::int64_t dimensions, std::uint64_t seed);

}  // namespace dgen
