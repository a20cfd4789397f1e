// Draws the spectral loss of a sine under an LFO ramp over the sine's frequency, where the target has 300 Hz, for short and
// long windows: `loss_landscape FILE.svg`. The picture in docs/losses.md is made so.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "dgen/dgen.h"

using namespace dgen;

namespace {

constexpr double rate = 44100;
constexpr std::int64_t frames = 4096;
constexpr double lowest = 230, highest = 370, step = 0.5;  // Hz
constexpr double left = 60, top = 20, width = 640, height = 300;

struct Curve {
  const char* label;
  const char* colour;
  SpectralLoss options;
};

Signal voice(Signal frequency) { return sin(two_pi * phasor(frequency)) * phasor(frequency.graph->constant(10.0)); }

/// The loss at every frequency, in parts of the largest.
std::vector<double> landscape(const SpectralLoss& options) {
  Graph g;
  const Signal loss = spectral_loss(voice(g.param("frequency", 300)), voice(g.constant(300.0)), options);
  Segment segment(compile_segment(std::span(&loss, 1)), rate, frames);
  std::vector<double> losses;
  for (double frequency = lowest; frequency <= highest; frequency += step) {
    segment.set(0, frequency);
    segment.run(nullptr, frames, From::reset, true);
    losses.push_back(segment.value(0));
  }
  const double largest = *std::max_element(losses.begin(), losses.end());
  for (double& x : losses) x /= largest;
  return losses;
}

/// How far from 300 Hz the loss falls all the way to it, in Hz below.
double basin(const std::vector<double>& losses) {
  const auto target = static_cast<std::size_t>((300 - lowest) / step);
  std::size_t k = target;
  while (k > 0 && losses[k - 1] >= losses[k]) --k;
  return static_cast<double>(target - k) * step;
}

std::string line_of(const std::vector<double>& losses, const Curve& curve) {
  std::string text = std::string("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"") + curve.colour + "\" points=\"";
  for (std::size_t k = 0; k < losses.size(); ++k) {
    char point[64];
    std::snprintf(point, sizeof point, "%.1f,%.1f ",
                  left + width * static_cast<double>(k) / static_cast<double>(losses.size() - 1), top + height * (1 - losses[k]));
    text += point;
  }
  return text + "\"/>\n";
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
  char place[96];
  std::snprintf(place, sizeof place, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, more);
  return place + text + "</text>\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: loss_landscape FILE.svg\n");
    return 2;
  }
  const auto hann = [](std::int64_t window) {
    return SpectralLoss{.window = window, .hop = window / 4, .window_function = WindowFunction::hann, .padding = Padding::none};
  };
  const Curve curves[] = {{"64 frames, rectangular, hop 1", "#c0392b", {}},
                          {"256 frames, Hann, hop 64", "#2980b9", hann(256)},
                          {"1024 frames, Hann, hop 256", "#27ae60", hann(1024)}};
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 380\" font-family=\"sans-serif\" font-size=\"13\">\n"
      "<rect width=\"720\" height=\"380\" fill=\"white\"/>\n"
      "<rect x=\"60\" y=\"20\" width=\"640\" height=\"300\" fill=\"none\" stroke=\"#888\"/>\n";
  try {
    double row = 40;
    for (const Curve& curve : curves) {
      const std::vector<double> losses = landscape(curve.options);
      std::printf("%-32s falls to 300 Hz from %.1f Hz below it\n", curve.label, basin(losses));
      svg += line_of(losses, curve);
      svg += text_at(80, row, curve.label, (std::string("fill=\"") + curve.colour + "\"").c_str());
      row += 18;
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "loss_landscape: %s\n", error.what());
    return 1;
  }
  for (double frequency = 240; frequency <= 360; frequency += 20)
    svg += text_at(left + width * (frequency - lowest) / (highest - lowest), 340, std::to_string(static_cast<int>(frequency)),
                   "text-anchor=\"middle\"");
  svg += text_at(380, 365, "frequency in Hz; the target has 300", "text-anchor=\"middle\"");
  svg += text_at(20, 180, "loss / largest", "text-anchor=\"middle\" transform=\"rotate(-90 20 180)\"");
  svg += "</svg>\n";
  std::FILE* file = std::fopen(argv[1], "w");
  const bool written = file && std::fputs(svg.c_str(), file) >= 0;
  if (!file || std::fclose(file) != 0 || !written) {
    std::fprintf(stderr, "loss_landscape: %s cannot be written\n", argv[1]);
    return 1;
  }
  return 0;
}
