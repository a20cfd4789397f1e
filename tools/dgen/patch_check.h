#pragma once
// What `dgen check` measures of a patch: gradients against differences, compiled code against the interpreter.

#include <cstdint>
#include <string>
#include <vector>

#include "dgen/patch_options.h"
#include "dgen/program.h"

namespace dgen::tool {

/// How a patch is checked.
struct CheckPlan {
  std::int64_t frames = 2000;
  double rate = 48000;  ///< Hz
  std::uint64_t seed = 1;
  std::vector<Setting> settings{};
  CompileOptions compile{};  ///< back end interpreter: no compiled code is checked
};

/// A figure and the most it may be. Errors are relative: of gradients to the parameter's own, or where that is small, to a part
/// of the largest one of all parameters; of outputs to the peak.
struct Figure {
  bool measured = false;
  double error = 0, limit = 0;
  bool exceeds() const { return measured && !(error <= limit); }
};

/// One parameter: the gradient of the loss, in double, compiled, and by differences of the loss.
struct ParamCheck {
  std::string name{};
  double value = 0;  ///< where the gradient was taken: inside the range by the steps of the differences
  double gradient = 0, difference = 0, compiled = 0;
  Figure against_differences{}, against_interpreter{};
  std::string why_none{};     ///< why no gradient reaches it
  std::string why_skipped{};  ///< why it was not compared with differences
};

/// One output of compiled code.
struct OutputCheck {
  std::string backend{}, name{};
  double peak = 0;
  double rounding = 0;  ///< how far rounding every value to float32 moves it, relative: the limit is at least 4 times that
  Figure against_interpreter{};
};

struct PatchCheck {
  std::vector<ParamCheck> params{};
  std::vector<OutputCheck> outputs{};
};

/// Runs the patch file on white noise. The loss is the mean square of the outputs less white noise of their own, so that
/// phases count. Throws `Error`: what is wrong with the patch or the settings, not_finite.
PatchCheck check_patch(const std::string& path, const CheckPlan& plan);

}  // namespace dgen::tool
