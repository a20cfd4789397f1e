// `dgen check`: whether a patch's gradients and compiled code are right.

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/messages.h"
#include "dgen/patch_check.h"

namespace dgen::tool {

namespace {

struct CheckOptions {
  PatchOptions patch{};
  SetOptions set{};
  CheckPlan plan{};
  double frames = 2000, seed = 1;
  bool json = false;
};

std::string scientific(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", value);
  return text;
}

std::string figure(const Figure& f, const char* otherwise) {
  return f.measured ? scientific(f.error) + (f.exceeds() ? " !" : "") : otherwise;
}

std::string limit_of(const std::vector<Figure>& figures) {
  for (const Figure& f : figures) {
    if (f.measured) return scientific(f.limit);
  }
  return "-";
}

template <class Rows, class Member>
std::vector<Figure> column(const Rows& rows, Member member) {
  std::vector<Figure> figures;
  for (const auto& row : rows) figures.push_back(row.*member);
  return figures;
}

/// Rows of words in columns as wide as their longest word.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += row[c];
      if (c + 1 < row.size()) line += std::string(widths[c] - row[c].size() + 2, ' ');
    }
    std::printf("%s\n", line.c_str());
  }
}

void print_params(const PatchCheck& check) {
  if (check.params.empty()) {
    std::printf("the patch has no parameters\n");
    return;
  }
  std::vector<std::vector<std::string>> rows{{"parameter", "value", "gradient", "from differences", "compiled"}};
  for (const ParamCheck& p : check.params) {
    rows.push_back({p.name, number(p.value), p.why_none.empty() ? number(p.gradient) : "none",
                    figure(p.against_differences, "skipped"), figure(p.against_interpreter, "-")});
  }
  rows.push_back({"limit", "", "", limit_of(column(check.params, &ParamCheck::against_differences)),
                  limit_of(column(check.params, &ParamCheck::against_interpreter))});
  print_table(rows);
  for (const ParamCheck& p : check.params) {
    if (!p.why_none.empty()) std::printf("no gradient: %s\n", p.why_none.c_str());
    if (p.why_none.empty() && p.gradient == 0)
      std::printf("zero: %s: nothing of it reaches these frames; more of them may show it (--frames)\n", p.name.c_str());
    if (!p.why_skipped.empty()) std::printf("skipped: %s: %s\n", p.name.c_str(), p.why_skipped.c_str());
  }
}

void print_outputs(const PatchCheck& check) {
  if (check.outputs.empty()) return;
  std::vector<std::vector<std::string>> rows{{"output", "back end", "peak", "from the interpreter", "limit"}};
  for (const OutputCheck& o : check.outputs)
    rows.push_back(
        {o.name, o.backend, number(o.peak), figure(o.against_interpreter, "-"), scientific(o.against_interpreter.limit)});
  print_table(rows);
  std::string last;
  for (const OutputCheck& o : check.outputs) {
    if (4 * o.rounding < o.against_interpreter.limit || o.name == last) continue;
    std::printf("%s: rounding to float32 alone moves it by %s of its peak: a jump is near, or a loop amplifies\n", o.name.c_str(),
                scientific(o.rounding).c_str());
    last = o.name;
  }
}

nlohmann::ordered_json to_json(const Figure& f) {
  if (!f.measured) return nullptr;
  return {{"error", f.error}, {"limit", f.limit}};
}

nlohmann::ordered_json to_json(const PatchCheck& check) {
  nlohmann::ordered_json params = nlohmann::ordered_json::array(), outputs = nlohmann::ordered_json::array();
  for (const ParamCheck& p : check.params) {
    nlohmann::ordered_json row{{"name", p.name}, {"value", p.value}};
    row["gradient"] = p.why_none.empty() ? nlohmann::ordered_json(p.gradient) : nlohmann::ordered_json(nullptr);
    row["difference"] = p.difference;
    row["against_differences"] = to_json(p.against_differences);
    row["against_interpreter"] = to_json(p.against_interpreter);
    if (!p.why_none.empty()) row["why_none"] = p.why_none;
    if (!p.why_skipped.empty()) row["why_skipped"] = p.why_skipped;
    params.push_back(std::move(row));
  }
  for (const OutputCheck& o : check.outputs) {
    outputs.push_back({{"name", o.name},
                       {"backend", o.backend},
                       {"peak", o.peak},
                       {"rounding", o.rounding},
                       {"against_interpreter", to_json(o.against_interpreter)}});
  }
  return {{"params", params}, {"outputs", outputs}};
}

int exceeding(const PatchCheck& check) {
  int count = 0;
  for (const ParamCheck& p : check.params) count += p.against_differences.exceeds() + p.against_interpreter.exceeds();
  for (const OutputCheck& o : check.outputs) count += o.against_interpreter.exceeds();
  return count;
}

void show(const CheckOptions& options) {
  CheckPlan plan = options.plan;
  plan.compile = options.patch.compile;
  plan.settings = options.set.settings();
  plan.frames = static_cast<std::int64_t>(options.frames);
  plan.seed = static_cast<std::uint64_t>(options.seed);
  const PatchCheck check = check_patch(options.patch.path, plan);
  if (options.json) {
    std::printf("%s\n", to_json(check).dump(2).c_str());
  } else {
    print_params(check);
    print_outputs(check);
  }
  std::fflush(stdout);
  if (const int count = exceeding(check); count > 0) {
    throw std::runtime_error(count_of(count, "figure") + (count == 1 ? " exceeds its limit" : " exceed their limits"));
  }
}

}  // namespace

void add_check(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("check", "Check a patch's gradients and compiled code");
  const auto options = std::make_shared<CheckOptions>();
  options->patch.add_patch(command);
  options->set.add(command);
  command.add_option("--frames", options->frames, "Frames of white noise to run (2000)")->check(whole_number_from(16, 1000000));
  command.add_option("--rate", options->plan.rate, "Sample rate in Hz (48000)")->check(number_from(1, 1e7));
  command.add_option("--seed", options->seed, "Of the noise (1)")->check(whole_number_from(0, 1000000));
  options->patch.add_backend(command);
  options->patch.add_width(command);
  command.add_flag("--json", options->json, "Print JSON");
  command.footer(
      R"(Gradients of every parameter are compared with five-point differences of the loss in double, and compiled gradients and
outputs with the interpreter's. The loss is the mean square of the outputs less noise. The exit code is 1 where a figure
exceeds the limit below its column.

Examples:
  dgen check echo.genexpr
  dgen check echo.genexpr --set feedback=0.9 --frames 8000)");
  command.callback([options] { show(*options); });
}

}  // namespace dgen::tool
