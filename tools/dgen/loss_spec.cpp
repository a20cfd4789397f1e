#include "dgen/loss_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "dgen/commands.h"
#include "dgen/math.h"
#include "dgen/messages.h"

namespace dgen::tool {

namespace {

using TimeLoss = Signal (*)(Operand, Operand, const LossOptions&);

/// A loss on the frames themselves.
struct KnownLoss {
  std::string_view name;
  TimeLoss build;
  bool reduces;  ///< takes reduction=
};

constexpr std::array time_losses{
    KnownLoss{"mse", &mse, true},           KnownLoss{"l1", &l1, true},          KnownLoss{"esr", &esr, false},
    KnownLoss{"log-cosh", &log_cosh, true}, KnownLoss{"si-sdr", &si_sdr, false},
};

/// KEY=VALUE of a term.
struct Pair {
  std::string key, value;
};

[[noreturn]] void refuse(const std::string& why) { throw UsageError("--loss: " + why); }

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// The summands: cut at every '+' that is not of an exponent, as in 1e+3.
std::vector<std::string> summands(const std::string& text) {
  std::vector<std::string> parts{""};
  for (std::size_t k = 0; k < text.size(); ++k) {
    const bool exponent = k >= 2 && k + 1 < text.size() && (text[k - 1] == 'e' || text[k - 1] == 'E') &&
                          std::isdigit(static_cast<unsigned char>(text[k - 2])) &&
                          std::isdigit(static_cast<unsigned char>(text[k + 1]));
    if (text[k] == '+' && !exponent)
      parts.emplace_back();
    else if (text[k] != ' ')
      parts.back() += text[k];
  }
  return parts;
}

double number_of(const std::string& what, const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const char* const from = !text.empty() && text[0] == '+' ? text.data() + 1 : text.data();
  const auto [stop, failed] = std::from_chars(from, end, value);
  if (failed != std::errc{} || stop != end || !std::isfinite(value)) refuse(what + " takes a number, not '" + text + "'");
  return value;
}

/// One of the words, as its place among them.
template <class T, std::size_t count>
T choice_of(const Pair& pair, const std::array<std::string_view, count>& words, const std::array<T, count>& values) {
  std::string list;
  for (std::size_t k = 0; k < count; ++k) {
    if (pair.value == words[k]) return values[k];
    list += (k == 0 ? "" : k + 1 == count ? " or " : ", ") + std::string(words[k]);
  }
  refuse(pair.key + " takes " + list + ", not '" + pair.value + "'");
}

Reduction reduction_of(const Pair& pair) {
  return choice_of<Reduction, 2>(pair, {"mean", "sum"}, {Reduction::mean, Reduction::sum});
}

[[noreturn]] void unknown_key(const std::string& loss, const std::string& key, const std::vector<std::string_view>& known) {
  std::string list;
  for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string(name);
  refuse("'" + loss + "' has no '" + key + "'" + base::suggestion(key, known) + "; it takes " + list);
}

LossOptions time_options(const KnownLoss& loss, const std::vector<Pair>& pairs) {
  LossOptions options;
  for (const Pair& pair : pairs) {
    if (pair.key == "pre-emphasis")
      options.pre_emphasis = number_of(pair.key, pair.value);
    else if (pair.key == "reduction" && loss.reduces)
      options.reduction = reduction_of(pair);
    else
      unknown_key(std::string(loss.name), pair.key,
                  loss.reduces ? std::vector<std::string_view>{"pre-emphasis", "reduction"}
                               : std::vector<std::string_view>{"pre-emphasis"});
  }
  return options;
}

std::vector<Pair> pairs_of(const std::string& name, const std::string& text) {
  std::vector<Pair> pairs;
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0) refuse("'" + name + "' takes KEY=VALUE after its ':', not '" + part + "'");
    pairs.push_back({part.substr(0, equals), part.substr(equals + 1)});
    std::replace(pairs.back().key.begin(), pairs.back().key.end(), '_', '-');
  }
  return pairs;
}

[[noreturn]] void unknown_loss(const std::string& name) {
  std::vector<std::string_view> known;
  std::string list;
  for (const KnownLoss& loss : time_losses) {
    known.push_back(loss.name);
    list += (list.empty() ? "" : ", ") + std::string(loss.name);
  }
  refuse("there is no loss '" + name + "'" + base::suggestion(name, known) + "; the losses are " + list);
}

LossTerm parse_term(std::string text, const std::string& whole) {
  LossTerm term;
  if (const std::size_t star = text.find('*'); star != std::string::npos) {
    term.weight = number_of("a factor", text.substr(0, star));
    text.erase(0, star + 1);
  }
  const std::size_t colon = text.find(':');
  term.name = text.substr(0, colon);
  if (term.name.empty()) refuse("a loss is missing in '" + whole + "'");
  std::replace(term.name.begin(), term.name.end(), '_', '-');
  const std::vector<Pair> pairs = colon == std::string::npos ? std::vector<Pair>{} : pairs_of(term.name, text.substr(colon + 1));
  const auto known =
      std::find_if(time_losses.begin(), time_losses.end(), [&](const auto& loss) { return loss.name == term.name; });
  if (known == time_losses.end()) unknown_loss(term.name);
  term.options = time_options(*known, pairs);
  return term;
}

Signal term_of(const LossTerm& term, Signal x, Signal target) {
  const auto known =
      std::find_if(time_losses.begin(), time_losses.end(), [&](const auto& loss) { return loss.name == term.name; });
  return known->build(x, target, term.options);
}

}  // namespace

Signal LossSpec::of(Signal x, Signal target) const {
  Signal sum{};
  for (const LossTerm& term : terms) {
    const Signal value = term_of(term, x, target), weighted = term.weight == 1 ? value : term.weight * value;
    sum = sum ? sum + weighted : weighted;
  }
  return sum;
}

LossSpec parse_loss(const std::string& text) {
  LossSpec spec;
  for (const std::string& part : summands(text)) spec.terms.push_back(parse_term(part, text));
  return spec;
}

}  // namespace dgen::tool
