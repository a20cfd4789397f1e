// Draws the loss of a tone of odd partials over its pitch, where the target has 330 Hz; where descents from 24 pitches end; and
// what a Latin hypercube of as many starts finds: `search_landscape FILE.svg`. The picture in docs/training.md is made so.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "dgen/dgen.h"

using namespace dgen;

namespace {

constexpr double rate = 16000, lowest = 50, highest = 2000, wanted = 330;  // Hz
constexpr std::int64_t frames = 8000;
constexpr int points = 900, descents = 24, steps = 200;
constexpr double left = 60, top = 20, width = 640, height = 260;

Signal tone(Signal pitch) {
  const Signal phase = two_pi * phasor(pitch);
  return 0.4 * (sin(phase) + 0.5 * sin(3 * phase) + 0.3 * sin(5 * phase));
}

/// The patch with the loss of its sound against one of 330 Hz, as `--loss spectral:window=256` has it.
struct Problem {
  Graph g;
  Signal loss;
  Problem() {
    const Signal pitch = g.param("pitch", 900, {.min = lowest, .max = highest, .mapping = Mapping::log});
    loss = spectral_loss(tone(pitch), tone(g.constant(wanted)),
                         {.window = 256, .hop = 64, .window_function = WindowFunction::hann, .padding = Padding::none});
  }
};

double pitch_at(double share) { return lowest * std::pow(highest / lowest, share); }
double x_of(double pitch) { return left + width * std::log(pitch / lowest) / std::log(highest / lowest); }

/// A share of the largest loss: its square root, so that the deepest parts of minima can be told apart.
double y_of(double share) { return top + height * (1 - std::sqrt(share)); }

std::vector<double> landscape(Problem& problem) {
  CandidateLosses candidates(problem.loss, {.frames = frames, .sample_rate = rate, .threads = 0});
  std::vector<double> pitches, losses(points);
  for (int k = 0; k < points; ++k) pitches.push_back(pitch_at(k / (points - 1.0)));
  candidates.run(pitches, losses);
  return losses;
}

struct End {
  double from, to, loss;
};

/// Where Adam ends from pitches all over the range.
std::vector<End> descend(Problem& problem) {
  Trainer first(problem.g, problem.loss, Adam{.learning_rate = 0.03},
                {.frames = frames, .sample_rate = rate, .schedule = {.shape = CosineRate{.steps = steps}}});
  std::vector<End> ends;
  for (int k = 0; k < descents; ++k) {
    Trainer trainer(first);
    trainer.start_from(std::array{pitch_at((k + 0.5) / descents)});
    for (int step = 0; step < steps; ++step) trainer.step();
    ends.push_back({pitch_at((k + 0.5) / descents), trainer.best_values()[0], trainer.best_loss()});
  }
  return ends;
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
  char place[96];
  std::snprintf(place, sizeof place, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, more);
  return place + text + "</text>\n";
}

std::string curve_of(const std::vector<double>& losses, double largest) {
  std::string text = "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"#2980b9\" points=\"";
  for (int k = 0; k < points; ++k) {
    char point[64];
    std::snprintf(point, sizeof point, "%.1f,%.1f ", x_of(pitch_at(k / (points - 1.0))),
                  y_of(losses[static_cast<std::size_t>(k)] / largest));
    text += point;
  }
  return text + "\"/>\n";
}

std::string circle(double x, double y, const char* look) {
  char text[160];
  std::snprintf(text, sizeof text, "<circle cx=\"%.1f\" cy=\"%.1f\" %s/>\n", x, y, look);
  return text;
}

std::string axes() {
  std::string text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 345\" font-family=\"sans-serif\" font-size=\"13\">\n"
      "<rect width=\"720\" height=\"345\" fill=\"white\"/>\n"
      "<rect x=\"60\" y=\"20\" width=\"640\" height=\"260\" fill=\"none\" stroke=\"#888\"/>\n";
  for (const double pitch : {50, 110, 165, 330, 660, 990, 2000})
    text += text_at(x_of(pitch), 300, std::to_string(static_cast<int>(pitch)), "text-anchor=\"middle\"");
  text += text_at(380, 325, "pitch in Hz; the target has 330", "text-anchor=\"middle\"");
  return text + text_at(20, 150, "square root of the loss", "text-anchor=\"middle\" transform=\"rotate(-90 20 150)\"");
}

std::string picture(Problem& problem) {
  const std::vector<double> losses = landscape(problem);
  const double largest = *std::max_element(losses.begin(), losses.end());
  std::string svg = axes() + curve_of(losses, largest);
  int arrived = 0;
  for (const End& end : descend(problem)) {
    const bool there = std::fabs(end.to - wanted) < 1;
    arrived += there ? 1 : 0;
    svg += circle(x_of(end.to), y_of(end.loss / largest), there ? "r=\"5\" fill=\"#27ae60\"" : "r=\"5\" fill=\"#c0392b\"");
  }
  CandidateLosses candidates(problem.loss, {.frames = frames, .sample_rate = rate});
  const SearchResult found = search(candidates, Parameters(problem.g), {.starts = descents, .seed = 1, .keep = 1});
  svg += circle(x_of(found.best[0].values[0]), y_of(found.best[0].loss / largest),
                "r=\"8\" fill=\"none\" stroke=\"#27ae60\" stroke-width=\"3\"");
  std::printf("%d of %d descents end at the target; the best of %d starts has %.1f Hz\n", arrived, descents, descents,
              found.best[0].values[0]);
  svg += text_at(450, 225, "red: where descents end", "fill=\"#c0392b\"");
  svg += text_at(450, 243, "green: those that end at the target", "fill=\"#27ae60\"");
  return svg + text_at(450, 261, "ring: the best of 24 starts", "fill=\"#27ae60\"") + "</svg>\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: search_landscape FILE.svg\n");
    return 2;
  }
  std::string svg;
  try {
    Problem problem;
    svg = picture(problem);
  } catch (const Error& error) {
    std::fprintf(stderr, "search_landscape: %s\n", error.what());
    return 1;
  }
  std::FILE* file = std::fopen(argv[1], "w");
  const bool written = file && std::fputs(svg.c_str(), file) >= 0;
  if (!file || std::fclose(file) != 0 || !written) {
    std::fprintf(stderr, "search_landscape: %s cannot be written\n", argv[1]);
    return 1;
  }
  return 0;
}
