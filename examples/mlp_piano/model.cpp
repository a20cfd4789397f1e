#include "model.h"

#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace mlp_piano {

using namespace dgen;

namespace {

constexpr double cycle = 2 * std::numbers::pi;

/// Magnitude of the sound's spectrum at one frequency.
double spectrum_at(const std::vector<float>& sound, double hz, double rate) {
  const std::complex<double> turn = std::polar(1.0, -cycle * hz / rate);
  std::complex<double> sum = 0, here = 1;
  for (const float x : sound) sum += static_cast<double>(x) * here, here *= turn;
  return std::abs(sum);
}

/// A basis of frames: row j, column k holds wave(phase of partial k, j frames after its tick) times a Hann window, so that
/// frames that overlap by half fade into each other. The last column, that of the noise, is 0.
Signal basis(Graph& g, const String& string, double rate, double (*wave)(double)) {
  const std::vector<double> fade = window_function(WindowFunction::hann, 2 * hop);
  std::vector<double> values;
  for (std::size_t j = 0; j < fade.size(); ++j) {
    for (int k = 1; k <= partials; ++k)
      values.push_back(fade[j] * wave(cycle * string.frequency_hz(k) / rate * static_cast<double>(j)));
    values.push_back(0);
  }
  return tensor(g, values, extents({2 * hop, partials + 1}));
}

/// What the network hears of a tick: [time, its logarithm, pitch in octaves above A4], each within a few units.
Signal features(Graph& g, const String& string, std::int64_t frames) {
  const Signal time = tick_frame(g, hop) * (1.0 / static_cast<double>(frames));
  return time * tensor(g, {2, 0, 0}) + log(time + 0.003) * tensor(g, {0, 0.5, 0}) +
         tensor(g, {0, 0, std::log2(string.f0_hz / 440)});
}

/// Positive, and exponential over most of its range. Source: Engel et al. 2020, DDSP: 2 sigmoid(x)^ln(10) + 1e-7.
Signal amplitude(Signal x) { return 2.0 * exp(-std::log(10.0) * nn::activate(-x, nn::Activation::softplus)) + 1e-7; }

}  // namespace

double String::frequency_hz(int partial) const { return partial * f0_hz * std::sqrt(1 + inharmonicity * partial * partial); }

String find_string(const std::vector<float>& sound, double rate, double near_hz) {
  const std::vector<float> part(sound.begin(), sound.begin() + std::min<std::ptrdiff_t>(std::ssize(sound), 8192));
  String best{near_hz, 0};
  double most = 0;
  for (int cents = -20; cents <= 20; cents += 2) {
    for (int b = 0; b <= 20; ++b) {
      const String tried{near_hz * std::exp2(cents / 1200.0), 5e-5 * b};
      double sum = 0;
      for (int k = 1; k <= 12 && tried.frequency_hz(k) < rate / 2; ++k) sum += spectrum_at(part, tried.frequency_hz(k), rate);
      if (sum > most) most = sum, best = tried;
    }
  }
  return best;
}

Signal piano(Graph& g, const String& string, double rate, std::int64_t frames) {
  const nn::Mlp network = nn::mlp(g, "net", std::array{3, 64, 64, partials + 1}, {.hidden = nn::Activation::tanh});
  const Signal levels = amplitude(network(features(g, string, frames)));
  std::vector<double> cycles_per_frame, audible, noise_only(partials + 1, 0.0);
  for (int k = 1; k <= partials; ++k) {
    cycles_per_frame.push_back(string.frequency_hz(k) / rate);
    audible.push_back(string.frequency_hz(k) < 0.45 * rate ? 0.25 : 0);
  }
  cycles_per_frame.push_back(0);
  audible.push_back(0);
  noise_only.back() = 1;
  const Shape each = extents({partials + 1});
  const Signal phase = cycle * wrap(tick_frame(g, hop) * tensor(g, cycles_per_frame, each), 0.0, 1.0);
  const Signal tones = levels * tensor(g, audible, each);
  const Signal harmonic = linear(tones * sin(phase), basis(g, string, rate, [](double x) { return std::cos(x); })) +
                          linear(tones * cos(phase), basis(g, string, rate, [](double x) { return std::sin(x); }));
  const Signal fade = tensor(g, window_function(WindowFunction::hann, 2 * hop), extents({2 * hop}));
  const Signal breath = window(noise(g, 1), 2 * hop, hop) * fade * (0.1 * sum(levels * tensor(g, noise_only, each)));
  return overlap_add(harmonic + breath);
}

}  // namespace mlp_piano
