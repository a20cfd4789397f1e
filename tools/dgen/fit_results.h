#pragma once
// What a training leaves behind: the table on standard output, the fitted patch, the sound, the page.

#include <string>
#include <vector>

#include "dgen/fit.h"
#include "dgen/report/fit_report.h"

namespace dgen::tool {

/// The parameters before and after as a table, the loss as its last line.
std::string fit_table(const report::FitReport& report);

/// The patch's text with the parameters' fitted values as defaults.
std::string fitted_text(const PatchText& patch, const std::vector<report::FittedParam>& params);

/// Where results go; an empty path is not written.
struct FitPaths {
  std::string patch{}, wav{}, page{}, weights{};
};

/// Writes what was asked for and says so. A file that cannot be written keeps no other from being written.
/// Throws `Error` file_unwritable with all that went wrong.
void write_results(const FitPaths& paths, const report::FitReport& report);

}  // namespace dgen::tool
