#include "dgen/report/sounds.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "dgen/report/base64.h"
#include "dgen/report/markup.h"
#include "dgen/report/plot.h"
#include "dgen/report/spectrum.h"
#include "dgen/report/wav.h"

namespace dgen::report {

namespace {

constexpr double longest_s = 60;      ///< of a sound inside the page
constexpr double range_db = 84;       ///< of spectrograms
constexpr int picture_columns = 720;  ///< pixels of a spectrogram
constexpr int picture_rows = 160;

struct Named {
  const char* style;  ///< and id
  const char* title;
  const AudioBuffer* audio;
};

std::array<Named, 3> named(const FitReport& report) {
  return {{{"target", "Target", &report.target}, {"start", "Start", &report.start}, {"result", "Result", &report.result}}};
}

double seconds(const AudioBuffer& audio) { return static_cast<double>(audio.frames()) / audio.sample_rate; }

/// The first `longest_s` seconds.
AudioBuffer shortened(const AudioBuffer& audio) {
  AudioBuffer part = audio;
  const auto most = static_cast<std::size_t>(longest_s * audio.sample_rate);
  for (auto& channel : part.channels) channel.resize(std::min(channel.size(), most));
  return part;
}

std::string legend() {
  return "<div class=\"key\"><span class=\"target\">target</span><span class=\"start\">start</span><span "
         "class=\"result\">result</span></div>";
}

/// The lowest and highest sample of `columns` stretches of the sound.
std::string waveform(const Named& sound, double peak) {
  const AudioBuffer& audio = *sound.audio;
  const auto frames = static_cast<std::size_t>(audio.frames()), columns = std::min<std::size_t>(frames, 890);
  std::vector<double> x, low, high;
  for (std::size_t c = 0; c < columns; ++c) {
    const std::size_t from = frames * c / columns, to = frames * (c + 1) / columns;
    double least = 0, most = 0;
    for (const auto& channel : audio.channels) {
      for (std::size_t n = from; n < to; ++n) {
        if (!std::isfinite(channel[n])) continue;
        least = std::min(least, static_cast<double>(channel[n]));
        most = std::max(most, static_cast<double>(channel[n]));
      }
    }
    x.push_back((static_cast<double>(c) + 0.5) * seconds(audio) / static_cast<double>(columns));
    low.push_back(least);
    high.push_back(most);
  }
  const Axis time{0, seconds(audio), false}, level{-peak, peak, false};
  Plot plot({.height = 92, .bottom = 6}, time, level, std::string("Waveform of the ") + sound.style);
  std::vector<Tick> unlabelled = ticks(time, 10);
  for (Tick& tick : unlabelled) tick.label.clear();
  plot.grid(unlabelled, ticks(level, 2));
  plot.area(x, low, high, sound.style);
  return plot.svg();
}

std::string spectrogram_plot(const Named& sound, const Spectrogram& spectrogram, double loudest) {
  const Frequencies shown = frequencies_of(sound.audio->sample_rate);
  const Axis time{0, seconds(*sound.audio), false}, frequency{shown.lowest, shown.highest, true};
  Plot plot({.height = 168, .top = 2}, time, frequency, std::string("Spectrogram of the ") + sound.style);
  std::vector<Tick> hertz;
  for (const double value : {100.0, 1000.0, 10000.0}) {
    if (value > shown.lowest && value < shown.highest)
      hertz.push_back({value, figure(value < 1000 ? value : value / 1000) + (value < 1000 ? " Hz" : " kHz")});
  }
  std::vector<Tick> along = ticks(time, 10);
  for (Tick& tick : along) tick.label += " s";
  plot.grid(along, hertz);
  plot.image("data:image/png;base64," + base64(png_bytes(picture_of(spectrogram, loudest, range_db))));
  return plot.svg();
}

std::string levels(const AudioBuffer& audio) {
  const AudioLevels measured = measure(audio);
  const auto db = [](double x) { return figure(std::round(200 * std::log10(x)) / 10, 4) + " dB"; };
  std::string text = "peak " + db(measured.peak) + ", RMS " + db(measured.rms);
  if (measured.not_finite > 0) text += ", " + std::to_string(measured.not_finite) + " samples are not numbers";
  return text;
}

std::string player(const Named& sound, double gain) {
  return "<audio controls preload=\"metadata\" src=\"data:audio/wav;base64," + base64(wav_bytes(shortened(*sound.audio), gain)) +
         "\"></audio>";
}

constexpr const char* compare_bar =
    "<div class=\"card compare\" hidden><button class=\"play\" type=\"button\">▶ Play</button>"
    "<button type=\"button\" class=\"target\" data-sound=\"target\" aria-pressed=\"true\">Target</button>"
    "<button type=\"button\" class=\"start\" data-sound=\"start\" aria-pressed=\"false\">Start</button>"
    "<button type=\"button\" class=\"result\" data-sound=\"result\" aria-pressed=\"false\">Result</button>"
    "<small>In step, switched without a gap. Keys: 1, 2, 3, space; a click in a picture plays from there.</small></div>\n";

}  // namespace

std::string sounds(const FitReport& report) {
  double peak = 1e-9, loudest = 0;
  std::array<Spectrogram, 3> spectrograms;
  const std::array<Named, 3> all = named(report);
  for (std::size_t k = 0; k < all.size(); ++k) {
    peak = std::max(peak, measure(*all[k].audio).peak);
    spectrograms[k] = spectrogram(*all[k].audio, picture_columns, picture_rows);
    loudest = std::max(loudest, *std::max_element(spectrograms[k].power.begin(), spectrograms[k].power.end()));
  }
  const double gain = peak > 1 ? 1 / peak : 1;
  std::string text = "<h2>Listen</h2>\n<p>The scales are the same for all three; colours span " + figure(range_db) + " dB.";
  if (gain < 1) text += " All three play " + figure(-20 * std::log10(gain), 3) + " dB softer than they are, so that none clips.";
  if (seconds(report.target) > longest_s) text += " The first " + figure(longest_s) + " s can be played.";
  text += "</p>\n" + std::string(compare_bar);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Named& sound = all[k];
    const std::string style = sound.style, open = "<div class=\"plot time wide\" data-sound=\"" + style + "\">";
    text += "<section class=\"card sound " + style + "\" id=\"" + style + "\"><div><h3>" + sound.title + "</h3>" +
            player(sound, gain) + "<small>" + levels(*sound.audio) + "</small></div><div class=\"scroll\">" + open +
            waveform(sound, peak) + "<i class=\"head\"></i></div>" + open + spectrogram_plot(sound, spectrograms[k], loudest) +
            "<i class=\"head bright\"></i></div></div></section>\n";
  }
  return text;
}

std::string close_up(const FitReport& report) {
  const std::vector<float>& target = report.target.channels.front();
  const double rate = report.target.sample_rate;
  const std::size_t length = std::min<std::size_t>(target.size(), static_cast<std::size_t>(std::max(0.02 * rate, 64.0)));
  // The loudest stretch: the largest energy of windows at every half length.
  std::size_t first = 0;
  double most = -1;
  for (std::size_t from = 0; from + length <= target.size(); from += std::max<std::size_t>(length / 2, 1)) {
    double energy = 0;
    for (std::size_t n = from; n < from + length; ++n) energy += static_cast<double>(target[n]) * static_cast<double>(target[n]);
    if (energy <= most) continue;
    most = energy;
    first = from;
  }
  std::vector<double> time_ms;
  for (std::size_t n = first; n < first + length; ++n) time_ms.push_back(1000 * static_cast<double>(n) / rate);
  std::array<std::vector<double>, 3> rows;
  std::vector<double> all;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto& channel = named(report)[k].audio->channels.front();
    rows[k].assign(channel.begin() + static_cast<std::ptrdiff_t>(first),
                   channel.begin() + static_cast<std::ptrdiff_t>(first + length));
    all.insert(all.end(), rows[k].begin(), rows[k].end());
  }
  if (length < 2) return {};
  const Axis x{time_ms.front(), time_ms.back(), false}, y = axis_around(all, false);
  Plot plot({.height = 220}, x, y, "The three waveforms over each other");
  std::vector<Tick> along = ticks(x, 8);
  for (Tick& tick : along) tick.label += " ms";
  plot.grid(along, ticks(y, 5));
  plot.line(time_ms, rows[0], "target");
  plot.line(time_ms, rows[1], "start");
  plot.line(time_ms, rows[2], "result");
  return "<h2>Close up</h2>\n<p>" + figure(1000 * static_cast<double>(length) / rate, 3) + " ms where the target is loudest" +
         (report.target.channels.size() > 1 ? ", first channel" : "") + ".</p>\n<div class=\"card\">" + legend() +
         "<div class=\"scroll\"><div class=\"plot wide over\">" + plot.svg() + "</div></div></div>\n";
}

std::string spectra(const FitReport& report) {
  std::array<std::vector<double>, 3> level_db;
  std::vector<double> centres, all;
  double most = -300;
  for (std::size_t k = 0; k < level_db.size(); ++k) {
    const Bands bands = average_spectrum(*named(report)[k].audio);
    centres = bands.centre_hz;
    for (const double power : bands.power) level_db[k].push_back(10 * std::log10(std::max(power, 1e-30)));
    most = std::max(most, *std::max_element(level_db[k].begin(), level_db[k].end()));
  }
  for (auto& row : level_db) {
    for (double& value : row) all.push_back(value = std::max(value, most - 100));
  }
  const Axis x{centres.front(), centres.back(), true}, y = axis_around(all, false);
  Plot plot({.height = 220}, x, y, "The average spectra of the three over each other");
  std::vector<Tick> hertz = ticks(x, 9);
  for (Tick& tick : hertz) tick.label = tick.value < 1000 ? figure(tick.value) : figure(tick.value / 1000) + " k";
  std::vector<Tick> level = ticks(y, 5);
  for (Tick& tick : level) tick.label += " dB";
  plot.grid(hertz, level);
  plot.line(centres, level_db[0], "target");
  plot.line(centres, level_db[1], "start");
  plot.line(centres, level_db[2], "result");
  return "<h2>Spectrum</h2>\n<p>Average level by thirds of an octave, in Hz.</p>\n<div class=\"card\">" + legend() +
         "<div class=\"scroll\"><div class=\"plot wide over\">" + plot.svg() + "</div></div></div>\n";
}

}  // namespace dgen::report
