#include "dgen/parameters.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "dgen/error.h"

namespace dgen {

namespace {

constexpr double nepers_per_decibel = 0.11512925464970229;  // ln(10) / 20

std::vector<Parameter> parameters_of(const Graph& graph) {
  std::vector<Parameter> list;
  for (const int id : graph.params()) {
    const ParamInfo& info = *graph[id].attributes.param;
    list.push_back({.name = info.name,
                    .initial = info.initial,
                    .min = info.min,
                    .max = info.max,
                    .mapping = info.mapping,
                    .elements = info.elements(),
                    .shape = info.shape,
                    .values = info.values});
  }
  return list;
}

std::string_view mapping_name(Mapping mapping) {
  switch (mapping) {
    case Mapping::linear: return "linear";
    case Mapping::log: return "log";
    case Mapping::decibel: return "decibel";
  }
  return "";
}

void check_parameter(const Parameter& p) {
  const std::string quoted = "parameter '" + p.name + "'";
  if (p.elements < 1) throw Error(ErrorCode::bad_value, quoted + " has no elements");
  if ((p.values && std::ssize(*p.values) != p.elements) || (p.shape.rank > 0 && p.shape.elements() != p.elements)) {
    throw Error(ErrorCode::bad_value, quoted + " has " + std::to_string(p.elements) + " elements, the shape " +
                                          to_string(p.shape) + " and " + std::to_string(p.values ? p.values->size() : 0) +
                                          " initial values");
  }
  for (std::int64_t k = 0; k < (p.values ? p.elements : 1); ++k) {
    const double initial = p.initial_of(k);
    if (!(p.min <= initial && initial <= p.max) || !std::isfinite(initial)) {
      throw Error(ErrorCode::bad_value, quoted + " starts at " + base::number_text(initial) + ", outside its range " +
                                            base::number_text(p.min) + " … " + base::number_text(p.max));
    }
    if (p.mapping != Mapping::linear && initial <= 0) {
      throw Error(ErrorCode::bad_value, quoted + " starts at " + base::number_text(initial) + ", and its mapping is " +
                                            std::string(mapping_name(p.mapping)) +
                                            ", in which 0 is infinitely far away: let it start above 0, or make it linear");
    }
  }
}

/// A value that a parameter is set to, in its range. Throws where it has none.
double checked(const Parameter& p, double value) {
  const std::string quoted = "parameter '" + p.name + "'";
  if (!std::isfinite(value)) throw Error(ErrorCode::bad_value, quoted + " cannot be set to " + base::number_text(value));
  if (value <= 0 && p.mapping != Mapping::linear) {
    throw Error(ErrorCode::bad_value, quoted + " cannot be set to " + base::number_text(value) + ": its mapping is " +
                                          std::string(mapping_name(p.mapping)) + ", which needs numbers above 0");
  }
  return std::clamp(value, p.min, p.max);
}

}  // namespace

Parameters::Parameters(const Graph& graph) : Parameters(parameters_of(graph)) {}

Parameters::Parameters(std::vector<Parameter> list) : list_(std::move(list)) {
  std::int64_t count = 0;
  for (std::size_t k = 0; k < list_.size(); ++k) {
    check_parameter(list_[k]);
    for (std::size_t before = 0; before < k; ++before) {
      if (list_[before].name == list_[k].name)
        throw Error(ErrorCode::duplicate_name, "there are two parameters '" + list_[k].name + "'");
    }
    list_[k].offset = count;
    count += list_[k].elements;
  }
  values_.resize(static_cast<std::size_t>(count));
  gradients_.resize(values_.size());
  for (int k = 0; k < this->count(); ++k) {
    std::int64_t element = 0;
    for (double& value : values(k)) value = (*this)[k].initial_of(element++);
  }
}

int Parameters::index(std::string_view name) const {
  for (int k = 0; k < count(); ++k) {
    if ((*this)[k].name == name) return k;
  }
  std::vector<std::string_view> names;
  for (const Parameter& p : list_) names.push_back(p.name);
  throw Error(ErrorCode::unknown_name,
              "there is no parameter '" + std::string(name) + "'" + base::suggestion(name, std::span(names)));
}

void Parameters::set(std::string_view name, double value) {
  const int k = index(name);
  std::ranges::fill(values(k), checked((*this)[k], value));
}

void Parameters::set(std::string_view name, std::span<const double> given) {
  const int k = index(name);
  if (std::ssize(given) != (*this)[k].elements) {
    throw Error(ErrorCode::bad_value, "parameter '" + std::string(name) + "' has " + std::to_string((*this)[k].elements) +
                                          " elements and cannot take " + std::to_string(given.size()) + " values");
  }
  for (const double value : given) static_cast<void>(checked((*this)[k], value));  // before the first is set
  std::ranges::transform(given, values(k).begin(), [&](double value) { return checked((*this)[k], value); });
}

void Parameters::zero_grad() noexcept { std::ranges::fill(gradients_, 0.0); }

void Parameters::project() noexcept {
  for (int k = 0; k < count(); ++k) {
    for (double& v : values(k)) v = std::clamp(v, (*this)[k].min, (*this)[k].max);
  }
}

void Parameters::freeze(std::string_view name, bool frozen) { list_[static_cast<std::size_t>(index(name))].frozen = frozen; }

void Parameters::set_learning_rate(std::string_view name, double factor) {
  const auto k = static_cast<std::size_t>(index(name));
  if (!(factor >= 0) || !std::isfinite(factor)) {
    throw Error(ErrorCode::bad_value, "the learning rate of parameter '" + std::string(name) + "' cannot be scaled by " +
                                          base::number_text(factor) + "; the factor is a finite number from 0 on");
  }
  list_[k].learning_rate = factor;
}

double to_coordinate(Mapping mapping, double value) {
  switch (mapping) {
    case Mapping::linear: return value;
    case Mapping::log: return std::log(value);
    case Mapping::decibel: return std::log(value) / nepers_per_decibel;
  }
  return value;
}

double coordinate_slope(Mapping mapping, double value) {
  switch (mapping) {
    case Mapping::linear: return 1;
    case Mapping::log: return value;
    case Mapping::decibel: return value * nepers_per_decibel;
  }
  return 1;
}

double moved(Mapping mapping, double value, double move) {
  switch (mapping) {
    case Mapping::linear: return value + move;
    case Mapping::log: return value * std::exp(move);
    case Mapping::decibel: return value * std::exp(move * nepers_per_decibel);
  }
  return value + move;
}

}  // namespace dgen
