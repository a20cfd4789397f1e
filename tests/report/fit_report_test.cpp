// The page as a whole.

#include "dgen/report/fit_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dgen/error.h"

namespace {

using dgen::AudioBuffer;
using dgen::report::fit_report;
using dgen::report::FitReport;

AudioBuffer tone(float amplitude, std::size_t frames, std::size_t channels = 1) {
  AudioBuffer audio{.sample_rate = 8000};
  audio.channels.assign(channels, std::vector<float>(frames));
  for (auto& channel : audio.channels) {
    for (std::size_t n = 0; n < frames; ++n) channel[n] = amplitude * std::sin(0.3f * static_cast<float>(n));
  }
  return audio;
}

FitReport example() {
  FitReport report{.patch_name = "a&b.genexpr", .target_name = "<t>.wav", .command = "dgen train 'a&b.genexpr'"};
  report.loss_name = "mse";
  report.settings = {{"optimizer", "adam"}};
  report.remarks = {"remark <1>"};
  report.steps = {0, 1, 2};
  report.loss = {0.5, 0.05, 0.004};
  report.params = {
      {.info = {"gain", 0.1, 0, 1, dgen::Mapping::linear}, .before = 0.1, .after = 0.5, .trajectory = {0.1, 0.4, 0.5}},
      {.info = {"idle"}, .before = 2, .after = 2, .remark = "no gradient reaches it"}};
  report.target = tone(0.5f, 4000);
  report.start = tone(0.1f, 4000);
  report.result = tone(0.49f, 4000);
  report.patch_before = "Param gain(0.1, min=0, max=1);\nout1 = gain;\n";
  report.patch_after = "Param gain(0.5, min=0, max=1);\nout1 = gain;\n";
  return report;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// Every element that must be closed is, and no picture is drawn where there is no number.
void expect_sound(const std::string& page) {
  for (const char* element :
       {"div",  "section", "svg",   "table", "tr",     "td",   "th",    "h1",     "h2",    "h3",   "p", "pre", "span",
        "mark", "button",  "audio", "text",  "header", "main", "style", "script", "small", "code", "b", "i"}) {
    const std::string name = element;
    EXPECT_EQ(count_of(page, "<" + name + ">") + count_of(page, "<" + name + " "), count_of(page, "</" + name + ">")) << name;
  }
  EXPECT_EQ(page.find("\"nan"), std::string::npos);
  EXPECT_EQ(page.find("nan,"), std::string::npos);
  EXPECT_EQ(page.find(",nan"), std::string::npos);
  EXPECT_EQ(page.find("inf,"), std::string::npos);
}

TEST(FitReport, HoldsEverythingInOneFile) {
  const std::string page = fit_report(example());
  expect_sound(page);
  EXPECT_EQ(page.substr(0, 15), "<!DOCTYPE html>");
  EXPECT_EQ(count_of(page, "src=\"data:audio/wav;base64,UklGR"), 3u);
  EXPECT_EQ(count_of(page, "href=\"data:image/png;base64,iVBORw0KGgo"), 3u);
  for (const char* outside : {"http:", "https:", "src=\"/", "url(", "@import", "<link"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_EQ(count_of(page, "src=") - count_of(page, "src=\"data:"), 0u);
}

TEST(FitReport, SaysWhatWasFittedAndHowWell) {
  const std::string page = fit_report(example());
  for (const char* text :
       {"<h1>a&amp;b.genexpr fitted to &lt;t&gt;.wav</h1>", "0.5 s at 8000 Hz, mono", "<b>0.004</b><span>was 0.5, 2 steps</span>",
        "<b>−34 dB</b>", "remark &lt;1&gt;", "no gradient reaches it", "Param gain(<mark>0.5</mark>, min=0, max=1);",
        "$ dgen train &#39;a&amp;b.genexpr&#39;", "<td class=\"n q\">+0.4</td>"}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
}

TEST(FitReport, IsTheSameForTheSameRun) { EXPECT_TRUE(fit_report(example()) == fit_report(example())); }

TEST(FitReport, TakesWhateverARunMayLeave) {
  FitReport none = example();  // no step was made, nothing was learnt
  none.steps = {0};
  none.loss = {0.5};
  none.params.clear();
  expect_sound(fit_report(none));
  FitReport worst = example();
  worst.loss = {-3, NAN, INFINITY};
  worst.params[0].trajectory = {1, NAN, 1};
  worst.result.channels[0][7] = NAN;
  worst.start = tone(0, 4000);
  expect_sound(fit_report(worst));
  for (const std::size_t frames : {1u, 2u, 50u}) {
    FitReport brief = example();
    brief.target = brief.start = brief.result = tone(0.5f, frames, 2);
    expect_sound(fit_report(brief));
  }
}

TEST(FitReport, SoftensAllThreeWhereOneWouldClip) {
  FitReport loud = example();
  EXPECT_EQ(fit_report(loud).find("softer"), std::string::npos);
  loud.start = tone(2, 4000);
  EXPECT_NE(fit_report(loud).find("All three play 6.02 dB softer than they are"), std::string::npos);
}

TEST(FitReport, RefusesSoundsThatDoNotMatch) {
  FitReport report = example();
  report.start = tone(0.1f, 3999);
  EXPECT_THROW(fit_report(report), dgen::Error);
  report = example();
  report.target = report.start = report.result = AudioBuffer{};
  EXPECT_THROW(fit_report(report), dgen::Error);
}

}  // namespace
