#include "dgen/report/figures.h"

#include <algorithm>
#include <cmath>

#include "dgen/report/markup.h"
#include "dgen/report/plot.h"
#include "dgen/report/spectrum.h"

namespace dgen::report {

namespace {

std::vector<double> numbers_of(const std::vector<std::int64_t>& steps) { return {steps.begin(), steps.end()}; }

/// From the first step to the last; a run of none has an axis all the same.
Axis step_axis(const FitReport& report) {
  return {static_cast<double>(report.steps.front()), static_cast<double>(std::max(report.steps.back(), report.steps.front() + 1)),
          false};
}

std::vector<Tick> whole_ticks(const Axis& axis, int count) {
  std::vector<Tick> made = ticks(axis, count);
  std::erase_if(made, [](const Tick& tick) { return tick.value != std::round(tick.value); });
  return made;
}

}  // namespace

double waveform_error_db(const AudioBuffer& sound, const AudioBuffer& target) {
  double error = 0, energy = 0;
  for (std::size_t c = 0; c < target.channels.size(); ++c) {
    for (std::size_t n = 0; n < target.channels[c].size(); ++n) {
      const double wanted = target.channels[c][n], difference = sound.channels[c][n] - wanted;
      error += difference * difference;
      energy += wanted * wanted;
    }
  }
  return std::max(10 * std::log10(error / energy), -200.0);
}

double spectrum_difference_db(const AudioBuffer& sound, const AudioBuffer& target) {
  const Bands a = average_spectrum(sound), b = average_spectrum(target);
  const double floor = 1e-6 * *std::max_element(b.power.begin(), b.power.end());
  double sum = 0;
  int bands = 0;
  for (std::size_t k = 0; k < b.power.size(); ++k) {
    if (b.power[k] < floor) continue;
    sum += std::fabs(10 * std::log10(std::max(a.power[k], 1e-3 * floor) / b.power[k]));
    ++bands;
  }
  return bands == 0 ? 0 : sum / bands;
}

std::string loss_plot(const FitReport& report) {
  const Axis x = step_axis(report), y = axis_around(report.loss, true);
  Plot plot({.height = 240}, x, y,
            "Loss over the steps, from " + figure(report.loss.front(), 3) + " to " + figure(report.loss.back(), 3));
  plot.grid(whole_ticks(x, 8), ticks(y, 6));
  const std::vector<double> steps = numbers_of(report.steps);
  plot.line(steps, report.loss, "result");
  plot.dot(steps.front(), report.loss.front(), "start");
  plot.dot(steps.back(), report.loss.back(), "result");
  return plot.svg();
}

std::string trajectory_plot(const FitReport& report, const FittedParam& param) {
  const Axis x = step_axis(report), y = axis_around(param.trajectory, param.info.mapping == Mapping::log);
  Plot plot({.width = 330, .height = 150, .left = 52}, x, y,
            param.info.name + " over the steps, from " + figure(param.before, 6) + " to " + figure(param.after, 6));
  plot.grid(whole_ticks(x, 4), ticks(y, 4));
  const std::vector<double> steps = numbers_of(report.steps);
  plot.line(steps, param.trajectory, "result");
  plot.dot(steps.front(), param.trajectory.front(), "start");
  plot.dot(steps.back(), param.trajectory.back(), "result");
  return plot.svg();
}

std::string range_gauge(const FittedParam& param) {
  const ParamInfo& info = param.info;
  if (!std::isfinite(info.min) || !std::isfinite(info.max) || info.min >= info.max) return {};
  const Axis axis{info.min, info.max, info.mapping == Mapping::log && info.min > 0};
  const auto across = [&](double value) { return coordinate(5 + 140 * axis.place(value)); };
  return "<svg viewBox=\"0 0 150 14\" role=\"img\" aria-label=\"from " + figure(info.min, 6) + " to " + figure(info.max, 6) +
         "\"><title>" + figure(info.min, 6) + " … " + figure(info.max, 6) +
         "</title><line x1=\"5\" x2=\"145\" y1=\"7\" y2=\"7\"/>" + "<line class=\"moved\" x1=\"" + across(param.before) +
         "\" x2=\"" + across(param.after) + "\" y1=\"7\" y2=\"7\"/>" + "<circle class=\"dot start\" r=\"3\" cx=\"" +
         across(param.before) + "\" cy=\"7\"/>" + "<circle class=\"dot result\" r=\"4.5\" cx=\"" + across(param.after) +
         "\" cy=\"7\"/></svg>";
}

}  // namespace dgen::report
