#include <algorithm>
#include <charconv>

#include "dgen/error.h"
#include "dgen/op.h"

namespace dgen {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

std::size_t Signature::required() const {
  return static_cast<std::size_t>(std::count_if(inputs.begin(), inputs.end(), [](const InputDef& x) { return !x.optional; }));
}

Signature signature(const OpDef& op) {
  Signature found;
  for (std::string_view rest = op.inputs; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = trimmed(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    if (item == "...") {
      found.variadic = true;
      continue;
    }
    const std::size_t equals = item.find('=');
    InputDef input{.name = trimmed(item.substr(0, equals))};
    if (equals != std::string_view::npos) {
      const std::string_view number = trimmed(item.substr(equals + 1));
      input.optional = true;
      const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), input.initial);
      check(error == std::errc{} && end == number.data() + number.size(), "the default of an op's input is a number");
    }
    found.inputs.push_back(input);
  }
  return found;
}

}  // namespace dgen
