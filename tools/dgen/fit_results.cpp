#include "dgen/fit_results.h"

#include <algorithm>
#include <array>
#include <functional>

#include "audio/file_bytes.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/patch.h"
#include "dgen/safetensors.h"

namespace dgen::tool {

namespace {

using Row = std::array<std::string, 4>;

/// Columns as wide as their widest entry; figures to the right.
std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, 4> width{};
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line = row[0] + std::string(width[0] - row[0].size(), ' ');
    for (const std::size_t c : {1u, 2u}) line += "  " + std::string(width[c] - row[c].size(), ' ') + row[c];
    if (!row[3].empty()) line += "  " + row[3];
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::string fit_table(const report::FitReport& report) {
  std::vector<Row> rows{{"parameter", "before", "after", ""}};
  for (const report::FittedParam& param : report.params)
    rows.push_back(
        {param.info.name, number(param.before, 6), number(param.after, 6), param.remark.substr(0, param.remark.find(", at "))});
  rows.push_back({"loss", number(report.loss.front()), number(report.loss.back()), ""});
  return aligned(rows);
}

std::string fitted_text(const PatchText& patch, const std::vector<report::FittedParam>& params) {
  std::vector<ParamDefault> defaults;
  for (const report::FittedParam& param : params) defaults.push_back({param.info.name, param.after});
  return with_defaults(patch.text, defaults, patch.path);
}

void write_results(const FitPaths& paths, const report::FitReport& report) {
  std::string failures;
  const auto attempt = [&](const std::string& path, const std::function<void()>& write) {
    if (path.empty()) return;
    try {
      write();
      say("wrote '" + path + "'");
    } catch (const Error& error) {
      failures += (failures.empty() ? "" : "\n") + std::string(error.what());
    }
  };
  attempt(paths.patch, [&] { audio::write_bytes(paths.patch, report.patch_after); });
  attempt(paths.wav, [&] { write_audio(paths.wav, report.result); });
  attempt(paths.weights, [&] {
    std::vector<NamedTensor> tensors;
    for (const report::FittedParam& param : report.params) tensors.push_back({.name = param.info.name, .values = {param.after}});
    write_safetensors(paths.weights, tensors, Stored::f64);
  });
  attempt(paths.page, [&] { audio::write_bytes(paths.page, report::fit_report(report)); });
  if (!failures.empty()) throw Error(ErrorCode::file_unwritable, failures);
}

}  // namespace dgen::tool
