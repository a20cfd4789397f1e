#pragma once
// The page that `dgen train --report` writes: what was fitted to what, how well, and how it went. One file that needs
// nothing else: pictures, sounds and style are inside.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dgen/audio.h"
#include "dgen/op.h"

namespace dgen::report {

/// A parameter of the patch.
struct FittedParam {
  ParamInfo info{};
  double before = 0, after = 0;
  std::vector<double> trajectory{};  ///< at each of FitReport::steps; empty where it was not trained
  std::string remark{};              ///< why it was not trained, or what else a reader should know
};

struct FitReport {
  std::string patch_name{};                                     ///< file name, such as "echo.genexpr"
  std::string target_name{};                                    ///< file name of the target
  std::string command{};                                        ///< as it was typed
  std::vector<std::pair<std::string, std::string>> settings{};  ///< what was chosen, and the value
  std::string loss_name{};                                      ///< as --loss has it
  std::vector<std::int64_t> steps{};                            ///< updates made before each of `loss`; the first is 0
  std::vector<double> loss{};                                   ///< at each of `steps`
  std::vector<FittedParam> params{};
  AudioBuffer target{}, start{}, result{};  ///< of one rate, one length, and as many channels
  std::string patch_before{}, patch_after{};
  std::vector<std::string> remarks{};  ///< what the run said on the way
};

/// The page: UTF-8, the same bytes for the same report. Throws `Error` bad_value where the sounds are empty or differ in
/// shape.
std::string fit_report(const FitReport& report);

}  // namespace dgen::report
