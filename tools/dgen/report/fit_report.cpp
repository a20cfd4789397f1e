#include "dgen/report/fit_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "dgen/error.h"
#include "dgen/report/base64.h"
#include "dgen/report/figures.h"
#include "dgen/report/markup.h"
#include "dgen/report/sounds.h"
#include "dgen/report/style.h"

namespace dgen::report {

namespace {

void check_sounds(const FitReport& report) {
  const auto refuse = [](const std::string& why) { throw Error(ErrorCode::bad_value, "cannot make the report: " + why); };
  if (report.target.frames() == 0) refuse("the target has no frames");
  for (const AudioBuffer* sound : {&report.start, &report.result}) {
    if (sound->channels.size() != report.target.channels.size() || sound->frames() != report.target.frames() ||
        sound->sample_rate != report.target.sample_rate)
      refuse("target, start and result differ in rate, length or channels");
  }
}

std::string tile(const std::string& title, const std::string& value, const std::string& note) {
  return "<div class=\"card\"><span>" + title + "</span><b>" + value + "</b><span>" + note + "</span></div>\n";
}

std::string decibels(double db) {
  if (std::fabs(db) < 0.005) return "below 0.01 dB";
  if (db <= -200) return "none";
  const double steps = std::fabs(db) < 1 ? 100 : 10;
  return figure(std::round(steps * db) / steps, 4) + " dB";
}

std::string heading(const FitReport& report) {
  const AudioBuffer& target = report.target;
  const std::size_t channels = target.channels.size();
  std::string text = "<header><p>dgen train</p><h1>" + escaped(report.patch_name) + " fitted to " + escaped(report.target_name) +
                     "</h1><p>" + figure(static_cast<double>(target.frames()) / target.sample_rate) + " s at " +
                     figure(target.sample_rate, 8) + " Hz, " +
                     (channels == 1   ? "mono"
                      : channels == 2 ? "stereo"
                                      : std::to_string(channels) + " channels") +
                     "</p>\n";
  const double before = report.loss.front(), after = report.loss.back();
  const std::string steps = figure(static_cast<double>(report.steps.back()), 12);
  text += "<div class=\"tiles\">" +
          tile("Loss, " + escaped(report.loss_name), figure(after, 3), "was " + figure(before, 3) + ", " + steps + " steps");
  text += tile("Error of the waveform", decibels(waveform_error_db(report.result, target)),
               "was " + decibels(waveform_error_db(report.start, target)) + ", relative to the target");
  text += tile("Difference of the spectrum", decibels(spectrum_difference_db(report.result, target)),
               "was " + decibels(spectrum_difference_db(report.start, target)) + ", mean over thirds of an octave");
  return text + "</div></header>\n";
}

std::string parameter_row(const FittedParam& param) {
  const double change = param.after - param.before;
  const bool percent = param.info.mapping == Mapping::log && param.before > 0;
  const std::string relative =
      percent ? " (" + std::string(change < 0 ? "" : "+") + figure(100 * change / param.before, 3) + " %)" : "";
  std::string row = "<tr><td><code>" + escaped(param.info.name) + "</code></td><td class=\"n\">" + figure(param.before, 6) +
                    "</td><td class=\"n\">" + figure(param.after, 6) + "</td><td class=\"n q\">" +
                    (change == 0 ? "" : (change < 0 ? "" : "+") + figure(change, 4) + relative) + "</td><td class=\"range\">" +
                    range_gauge(param) + "</td>";
  return row + "<td class=\"q\">" + escaped(param.remark) + "</td></tr>\n";
}

std::string parameters(const FitReport& report) {
  if (report.params.empty()) return {};
  std::string text =
      "<h2>Parameters</h2>\n<div class=\"card scroll\"><table class=\"wide\"><tr><th>Parameter</th><th class=\"n\">Before</th>"
      "<th class=\"n\">After</th><th class=\"n\">Change</th><th>In its range</th><th></th></tr>\n";
  for (const FittedParam& param : report.params) text += parameter_row(param);
  return text + "</table></div>\n";
}

std::string training(const FitReport& report) {
  std::string text = "<h2>Training</h2>\n<div class=\"card scroll\"><h3>Loss</h3><div class=\"plot wide result\">" +
                     loss_plot(report) + "</div></div>\n<div class=\"paths\" style=\"margin-top:12px\">\n";
  for (const FittedParam& param : report.params) {
    if (param.trajectory.empty()) continue;
    text += "<div class=\"card\"><h3><code>" + escaped(param.info.name) + "</code></h3><p>" + figure(param.before, 6) + " → " +
            figure(param.after, 6) + "</p><div class=\"plot result\">" + trajectory_plot(report, param) + "</div></div>\n";
  }
  return text + "</div>\n";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

/// A line with what is not in `before` marked.
std::string marked(std::string_view before, std::string_view after) {
  if (before == after) return escaped(after);
  const std::size_t most = std::min(before.size(), after.size());
  std::size_t same = 0, tail = 0;
  while (same < most && before[same] == after[same]) ++same;
  while (tail < most - same && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  // Whole numbers are marked, not the digits that differ.
  const auto of_number = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e'; };
  while (same > 0 && of_number(after[same - 1])) --same;
  while (tail > 0 && of_number(after[after.size() - tail])) --tail;
  return escaped(after.substr(0, same)) + "<mark>" + escaped(after.substr(same, after.size() - tail - same)) + "</mark>" +
         escaped(after.substr(after.size() - tail));
}

std::string patch(const FitReport& report) {
  const auto before = lines_of(report.patch_before), after = lines_of(report.patch_after);
  std::string text = "<h2>The fitted patch</h2>\n<div class=\"card\"><pre>";
  for (std::size_t k = 0; k < after.size(); ++k)
    text += (before.size() == after.size() ? marked(before[k], after[k]) : escaped(after[k])) + "\n";
  return text + "</pre></div>\n";
}

std::string settings(const FitReport& report) {
  std::string text = "<h2>How it was made</h2>\n<div class=\"card\"><pre>$ " + escaped(report.command) +
                     "</pre></div>\n<div class=\"card scroll\" style=\"margin-top:12px\"><table>";
  for (const auto& [name, value] : report.settings)
    text += "<tr><td class=\"q\">" + escaped(name) + "</td><td>" + escaped(value) + "</td></tr>\n";
  for (const std::string& remark : report.remarks) text += "<tr><td class=\"q\">note</td><td>" + escaped(remark) + "</td></tr>\n";
  return text + "</table></div>\n";
}

}  // namespace

std::string fit_report(const FitReport& report) {
  check_sounds(report);
  check(!report.loss.empty() && report.loss.size() == report.steps.size(), "a report has a loss for each of its steps");
  const std::string title = escaped(report.patch_name + " fitted to " + report.target_name);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         title + "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n<main>\n" + heading(report) +
         sounds(report) + close_up(report) + spectra(report) + training(report) + parameters(report) + patch(report) +
         settings(report) + "</main>\n<script>" + std::string(script) + "</script>\n</body>\n</html>\n";
}

}  // namespace dgen::report
