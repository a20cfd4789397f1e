#include "dgen/loss_spec.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "dgen/commands.h"
#include "dgen/error.h"
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

Reduction reduction_of(const LossPair& pair) {
  return loss_choice<Reduction, 2>(pair, {"mean", "sum"}, {Reduction::mean, Reduction::sum});
}

LossOptions time_options(const KnownLoss& loss, const std::vector<LossPair>& pairs) {
  LossOptions options;
  for (const LossPair& pair : pairs) {
    if (pair.key == "pre-emphasis")
      options.pre_emphasis = loss_number(pair.key, pair.value);
    else if (pair.key == "reduction" && loss.reduces)
      options.reduction = reduction_of(pair);
    else
      unknown_loss_key(std::string(loss.name), pair.key,
                       loss.reduces ? std::vector<std::string_view>{"pre-emphasis", "reduction"}
                                    : std::vector<std::string_view>{"pre-emphasis"});
  }
  return options;
}

std::vector<LossPair> pairs_of(const std::string& name, const std::string& text) {
  std::vector<LossPair> pairs;
  for (const std::string& part : split_words(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0)
      refuse_loss("'" + name + "' takes KEY=VALUE after its ':', not '" + part + "'");
    pairs.push_back({part.substr(0, equals), part.substr(equals + 1)});
    std::replace(pairs.back().key.begin(), pairs.back().key.end(), '_', '-');
    const auto same = [&](const LossPair& earlier) { return earlier.key == pairs.back().key; };
    if (std::any_of(pairs.begin(), pairs.end() - 1, same))
      refuse_loss("'" + name + "' is given " + pairs.back().key + " twice; a sum compares in both ways: " + name + ":" +
                  pairs.back().key + "=…+" + name + ":" + pairs.back().key + "=…");
  }
  return pairs;
}

[[noreturn]] void unknown_loss(const std::string& name) {
  std::vector<std::string_view> known;
  for (const KnownLoss& loss : time_losses) known.push_back(loss.name);
  known.insert(known.end(), spectral_losses.begin(), spectral_losses.end());
  std::string list;
  for (const std::string_view one : known) list += (list.empty() ? "" : ", ") + std::string(one);
  refuse_loss("there is no loss '" + name + "'" + base::suggestion(name, known) + "; the losses are " + list);
}

LossTerm parse_term(std::string text, const std::string& whole) {
  LossTerm term;
  if (const std::size_t star = text.find('*'); star != std::string::npos) {
    term.weight = loss_number("a factor", text.substr(0, star));
    if (!(term.weight > 0)) refuse_loss("a factor must be above 0, so that the loss falls, not '" + text.substr(0, star) + "'");
    text.erase(0, star + 1);
  }
  const std::size_t colon = text.find(':');
  term.name = text.substr(0, colon);
  if (term.name.empty()) refuse_loss("a loss is missing in '" + whole + "'");
  std::replace(term.name.begin(), term.name.end(), '_', '-');
  const std::vector<LossPair> pairs =
      colon == std::string::npos ? std::vector<LossPair>{} : pairs_of(term.name, text.substr(colon + 1));
  if (std::find(spectral_losses.begin(), spectral_losses.end(), term.name) != spectral_losses.end()) {
    term.options = spectral_options(term.name, pairs);
    return term;
  }
  const auto known =
      std::find_if(time_losses.begin(), time_losses.end(), [&](const auto& loss) { return loss.name == term.name; });
  if (known == time_losses.end()) unknown_loss(term.name);
  term.options = time_options(*known, pairs);
  return term;
}

Signal build_term(const LossTerm& term, Signal x, Signal target, double sample_rate) {
  if (const auto* spectra = std::get_if<SpectralOptions>(&term.options)) return spectral_term(*spectra, x, target, sample_rate);
  const auto known =
      std::find_if(time_losses.begin(), time_losses.end(), [&](const auto& loss) { return loss.name == term.name; });
  return known->build(x, target, std::get<LossOptions>(term.options));
}

/// A value that the loss refuses stands in the arguments.
Signal term_of(const LossTerm& term, Signal x, Signal target, double sample_rate) {
  try {
    return build_term(term, x, target, sample_rate);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_value) throw;
    refuse_loss("'" + term.name + "': " + error.what());
  }
}

}  // namespace

Signal LossSpec::of(Signal x, Signal target, double sample_rate) const {
  Signal sum{};
  for (const LossTerm& term : terms) {
    const Signal value = term_of(term, x, target, sample_rate), weighted = term.weight == 1 ? value : term.weight * value;
    sum = sum ? sum + weighted : weighted;
  }
  return sum;
}

std::int64_t LossSpec::fewest_frames() const {
  std::int64_t fewest = 0;
  for (const LossTerm& term : terms) {
    const auto* spectra = std::get_if<SpectralOptions>(&term.options);
    if (spectra) fewest = std::max(fewest, tool::fewest_frames(*spectra));
  }
  return fewest;
}

LossSpec parse_loss(const std::string& text) {
  LossSpec spec;
  for (const std::string& part : summands(text)) spec.terms.push_back(parse_term(part, text));
  return spec;
}

}  // namespace dgen::tool
