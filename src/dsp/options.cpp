#include "dsp/options.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "dgen/error.h"
#include "dsp/build_time.h"

namespace dgen::dsp {

namespace {

std::size_t place_of(const Signature& signature, std::string_view name) {
  const auto found = std::ranges::find(signature.inputs, name, &InputDef::name);
  check(found != signature.inputs.end(), "an option has the name of an input of its record");
  return static_cast<std::size_t>(found - signature.inputs.begin());
}

}  // namespace

Signal Options::input(std::string_view name) const { return inputs_[place_of(signature_, name)]; }

std::string Options::label(std::string_view name) const { return std::string(op_.name) + ": " + std::string(name); }

void Options::refuse(const std::string& why) const { throw Error(ErrorCode::bad_value, std::string(op_.name) + ": " + why); }

std::int64_t Options::whole(std::string_view name, std::int64_t lo, std::int64_t hi) const {
  return whole_number(input(name), label(name), lo, hi);
}

double Options::number(std::string_view name, double lo, double hi) const {
  const double value = constant_value(input(name), label(name));
  if (value >= lo && value <= hi) return value;
  refuse(std::string(name) + " must be in " + base::number_text(lo) + " … " + base::number_text(hi) + ", got " +
         base::number_text(value));
}

Signal add_with_options(const OpDef& op, const Operand& x, const Operand& target, std::initializer_list<Option> options) {
  const Signature wanted = signature(op);
  std::vector<Operand> inputs{x, target};
  for (std::size_t k = inputs.size(); k < wanted.inputs.size(); ++k) inputs.emplace_back(wanted.inputs[k].initial);
  for (const Option& option : options) inputs[place_of(wanted, option.name)] = Operand(option.value);
  return add_node(x.signal ? x.signal.graph : target.signal.graph, op, inputs);
}

}  // namespace dgen::dsp
