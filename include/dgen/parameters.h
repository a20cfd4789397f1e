#pragma once
// What training changes: the parameters of a graph, their gradients, and the coordinates in which steps are taken.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen {

/// A parameter of a graph as training sees it: a number, or a tensor of `elements` numbers.
struct Parameter {
  std::string name;
  double initial = 0;  ///< of a tensor without `values`: of every element
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  Mapping mapping = Mapping::linear;
  std::int64_t elements = 1;
  std::int64_t offset = 0;                              ///< of its first element in every arena; `Parameters` sets it
  double learning_rate = 1;                             ///< factor of the optimiser's
  bool frozen = false;                                  ///< steps leave it as it is
  Shape shape{};                                        ///< of its elements
  std::shared_ptr<const std::vector<double>> values{};  ///< initial, of every element; null: all `initial`
  double initial_of(std::int64_t element) const { return values ? (*values)[static_cast<std::size_t>(element)] : initial; }
};

/// Memory that begins on a cache line.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  CacheLineAllocator() = default;
  template <class U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t(64))); }
  void deallocate(T* data, std::size_t) { ::operator delete(data, std::align_val_t(64)); }
  template <class U>
  bool operator==(const CacheLineAllocator<U>&) const {
    return true;
  }
};

/// Numbers of all parameters, one after the other, from a cache line on.
using ParameterArena = std::vector<double, CacheLineAllocator<double>>;

/// The parameters of a graph with their values and gradients, each in one flat arena of doubles, parameter after parameter
/// in the graph's order. Spans stay valid as long as the object does and is not assigned to. One caller at a time.
class Parameters {
 public:
  /// Those of a graph, at their initial values. Throws `Error` bad_value where one moves by a log or decibel mapping and
  /// does not start above 0.
  explicit Parameters(const Graph& graph);
  /// The given ones. Throws as above, and duplicate_name, bad_value for a parameter of no elements, or of another number of
  /// them than it has values or its shape.
  explicit Parameters(std::vector<Parameter> list);

  std::span<const Parameter> list() const { return list_; }
  int count() const { return static_cast<int>(list_.size()); }
  const Parameter& operator[](int k) const { return list_[static_cast<std::size_t>(k)]; }
  /// The number of the parameter of that name. Throws unknown_name with a suggestion.
  int index(std::string_view name) const;

  /// All values in natural units (Hz, amplitude), [elements of all parameters]. What is written is used as it is: `project`
  /// brings it into the ranges.
  std::span<double> values() { return values_; }
  std::span<const double> values() const { return values_; }
  /// d(loss)/d(value), where the values are.
  std::span<double> gradients() { return gradients_; }
  std::span<const double> gradients() const { return gradients_; }
  /// The part of parameter k.
  std::span<double> values(int k) { return part(std::span<double>(values_), k); }
  std::span<const double> values(int k) const { return part(std::span<const double>(values_), k); }
  std::span<double> gradients(int k) { return part(std::span<double>(gradients_), k); }
  std::span<const double> gradients(int k) const { return part(std::span<const double>(gradients_), k); }

  /// The first element of a parameter: its value, where it is a number. Throws unknown_name.
  double value(std::string_view name) const { return values(index(name))[0]; }
  /// Sets every element, clamped to the range. Throws unknown_name; bad_value for a number that is not finite.
  void set(std::string_view name, double value);
  /// Sets each element, last axis fastest. Throws as above, and bad_value for another number of values.
  void set(std::string_view name, std::span<const double> values);

  /// Sets all gradients to 0.
  void zero_grad() noexcept;
  /// Brings every value into its range; what is not a number stays.
  void project() noexcept;

  /// Steps leave the parameter as it is, or move it again. Throws unknown_name.
  void freeze(std::string_view name, bool frozen = true);
  /// Steps of this parameter use `factor` times the optimiser's learning rate. Throws unknown_name, bad_value.
  void set_learning_rate(std::string_view name, double factor);

 private:
  template <class T>
  std::span<T> part(std::span<T> all, int k) const {
    const Parameter& p = (*this)[k];
    return all.subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(p.elements));
  }

  std::vector<Parameter> list_;
  ParameterArena values_, gradients_;
};

/// The coordinate in which steps move a value: itself, its natural logarithm, or 20 log10 of it (decibels).
double to_coordinate(Mapping mapping, double value);
/// d(value)/d(coordinate) at `value`.
double coordinate_slope(Mapping mapping, double value);
/// The value that lies `move` further in the coordinate.
double moved(Mapping mapping, double value, double move);

}  // namespace dgen
