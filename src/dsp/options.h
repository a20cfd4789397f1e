#pragma once
// Options of composites: inputs that must be numbers known when the graph is built, found by the names of their record.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "dgen/graph.h"

namespace dgen::dsp {

/// What a record's expansion reads. Every reader throws `Error` bad_value naming op and option where the input is no constant
/// or out of bounds.
class Options {
 public:
  Options(const OpDef& op, std::span<const Signal> inputs) : op_(op), inputs_(inputs), signature_(signature(op)) {}

  /// A whole number in lo … hi.
  std::int64_t whole(std::string_view name, std::int64_t lo, std::int64_t hi) const;
  /// A number in lo … hi.
  double number(std::string_view name, double lo, double hi) const;
  bool flag(std::string_view name) const { return whole(name, 0, 1) == 1; }
  /// One of the values of an enumeration, up to `last`.
  template <class Choice>
  Choice choice(std::string_view name, Choice last) const {
    return static_cast<Choice>(whole(name, 0, static_cast<std::int64_t>(last)));
  }
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  Signal input(std::string_view name) const;
  std::string label(std::string_view name) const;

  const OpDef& op_;
  std::span<const Signal> inputs_;
  Signature signature_;
};

/// The value of an option by its name in the record; numbers, flags and enumerations.
struct Option {
  template <class Value>
  Option(std::string_view option, Value given) : name(option), value(static_cast<double>(given)) {}
  std::string_view name;
  double value;
};

/// Adds a node for `op`, whose first inputs are x and target; options that are not named have their defaults.
/// Throws as `Graph::n`.
Signal add_with_options(const OpDef& op, const Operand& x, const Operand& target, std::initializer_list<Option> options);

}  // namespace dgen::dsp
