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
constexpr std::string_view spectral = "spectral";

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

std::int64_t frames_of(const Pair& pair) {
  const double value = number_of(pair.key, pair.value);
  if (value < 1 || value > (1 << 20) || value != std::floor(value))
    refuse(pair.key + " takes a whole number of frames, not '" + pair.value + "'");
  return static_cast<std::int64_t>(value);
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

SpectralLoss spectral_options(const std::vector<Pair>& pairs) {
  SpectralLoss options{.window = 1024,
                       .hop = 0,
                       .window_function = WindowFunction::hann,
                       .padding = Padding::none,
                       .normalisation = Normalisation::orthonormal};
  for (const Pair& pair : pairs) {
    if (pair.key == "window")
      options.window = frames_of(pair);
    else if (pair.key == "hop")
      options.hop = frames_of(pair);
    else if (pair.key == "window-function")
      options.window_function = choice_of<WindowFunction, 4>(
          pair, {"hann", "hamming", "blackman", "rectangular"},
          {WindowFunction::hann, WindowFunction::hamming, WindowFunction::blackman, WindowFunction::rectangular});
    else if (pair.key == "padding")
      options.padding = choice_of<Padding, 2>(pair, {"none", "left"}, {Padding::none, Padding::left});
    else if (pair.key == "norm")
      options.norm = choice_of<Norm, 2>(pair, {"l2", "l1"}, {Norm::l2, Norm::l1});
    else if (pair.key == "normalisation")
      options.normalisation =
          choice_of<Normalisation, 2>(pair, {"orthonormal", "none"}, {Normalisation::orthonormal, Normalisation::none});
    else if (pair.key == "reduction")
      options.reduction = reduction_of(pair);
    else
      unknown_key(std::string(spectral), pair.key,
                  {"window", "hop", "window-function", "padding", "norm", "normalisation", "reduction"});
  }
  if (options.hop == 0) options.hop = std::max<std::int64_t>(options.window / 4, 1);
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
  std::vector<std::string_view> known{spectral};
  std::string list;
  for (const KnownLoss& loss : time_losses) {
    known.push_back(loss.name);
    list += std::string(loss.name) + ", ";
  }
  refuse("there is no loss '" + name + "'" + base::suggestion(name, known) + "; the losses are " + list + std::string(spectral));
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
  if (term.name == spectral) {
    term.options = spectral_options(pairs);
    return term;
  }
  const auto known =
      std::find_if(time_losses.begin(), time_losses.end(), [&](const auto& loss) { return loss.name == term.name; });
  if (known == time_losses.end()) unknown_loss(term.name);
  term.options = time_options(*known, pairs);
  return term;
}

Signal term_of(const LossTerm& term, Signal x, Signal target) {
  if (const auto* options = std::get_if<SpectralLoss>(&term.options)) return spectral_loss(x, target, *options);
  const auto known =
      std::find_if(time_losses.begin(), time_losses.end(), [&](const auto& loss) { return loss.name == term.name; });
  return known->build(x, target, std::get<LossOptions>(term.options));
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

std::int64_t LossSpec::fewest_frames() const {
  std::int64_t fewest = 0;
  for (const LossTerm& term : terms) {
    const auto* options = std::get_if<SpectralLoss>(&term.options);
    if (!options) continue;
    const std::int64_t hops = (options->window - 1 + options->hop - 1) / options->hop;  // to the first whole window
    fewest = std::max({fewest, options->window, options->padding == Padding::none ? hops * options->hop + 1 : 1});
  }
  return fewest;
}

LossSpec parse_loss(const std::string& text) {
  LossSpec spec;
  for (const std::string& part : summands(text)) spec.terms.push_back(parse_term(part, text));
  return spec;
}

}  // namespace dgen::tool
