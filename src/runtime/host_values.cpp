#include "runtime/host_values.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/text.h"
#include "dgen/error.h"

namespace dgen::runtime {

namespace {

constexpr double lowest_rate = 1, highest_rate = 1e7;  // Hz
constexpr double float_limit = std::numeric_limits<float>::max();

}  // namespace

double checked_rate(std::string_view who, double sample_rate) {
  if (sample_rate >= lowest_rate && sample_rate <= highest_rate) return sample_rate;
  throw Error(ErrorCode::bad_value, std::string(who) + ": the sample rate is " + std::to_string(sample_rate) +
                                        " Hz; it must be a number in 1 … 10000000 Hz");
}

float in_range(const ParamInfo& param, double value) {
  return static_cast<float>(std::clamp(std::clamp(value, param.min, param.max), -float_limit, float_limit));
}

std::vector<std::size_t> offsets_of(std::span<const ParamInfo> params) {
  std::vector<std::size_t> offsets{0};
  for (const ParamInfo& param : params) offsets.push_back(offsets.back() + static_cast<std::size_t>(param.elements()));
  return offsets;
}

void check_count(const ParamInfo& param, std::size_t count) {
  if (static_cast<std::int64_t>(count) == param.elements()) return;
  throw Error(ErrorCode::bad_value, "parameter '" + param.name + "' " +
                                        (param.shape.rank == 0 ? "is one number" : "has the shape " + to_string(param.shape)) +
                                        " and cannot take " + std::to_string(count) + " values");
}

std::size_t find_param(std::span<const ParamInfo> params, std::string_view patch, std::string_view name) {
  for (std::size_t k = 0; k < params.size(); ++k) {
    if (params[k].name == name) return k;
  }
  std::vector<std::string_view> names;
  for (const ParamInfo& param : params) names.push_back(param.name);
  throw Error(ErrorCode::unknown_name, "patch '" + std::string(patch) + "' has no parameter '" + std::string(name) + "'" +
                                           base::suggestion(name, names) + (names.empty() ? "; it has none" : ""));
}

}  // namespace dgen::runtime
