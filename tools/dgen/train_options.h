#pragma once
// What the command line of `dgen train` says.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dgen/fit_results.h"
#include "dgen/patch_options.h"
#include "dgen/search.h"

namespace dgen::tool {

/// How far a step of a given learning rate goes.
enum class Scale : std::uint8_t {
  range,  ///< by the width of the parameter's range
  none,   ///< in the parameter's own coordinate
};

/// What `--search` and its kin say.
struct SearchChoice {
  std::optional<SearchMethod> method{};
  std::optional<int> starts{}, generations{}, population{}, refine{};
  bool wanted() const { return method || starts; }
};

struct TrainOptions {
  PatchOptions patch{};
  SetOptions set{};
  std::string target{}, input{}, loss = "esr", optimizer = "adam", schedule = "cosine";
  std::optional<double> learning_rate{};
  Scale scale = Scale::range;
  std::int64_t steps = 1000;
  double segment = 0, pre_roll = -1, rate = 0;  ///< seconds, seconds, Hz
  std::uint64_t seed = 0;
  double memory_mib = 1024;
  int threads = 0;
  std::vector<std::string> freeze{};
  FitPaths paths{};
  std::string checkpoint{};
  bool resume = false;
  SearchChoice search{};
  std::string command_line{};
};

/// Throws `UsageError` where what is written would take the place of what is
/// read, or of something else that is written; `Error` file_unwritable where it cannot be.
void check_paths(const TrainOptions& options);

/// Trainings side by side, each from a start of its own: those of `--refine`, 4; 1 without a search.
int descents(const TrainOptions& options);

/// The checkpoint of training k, from 0: FILE, FILE.2, FILE.3, …; empty where none was asked for.
std::string checkpoint_of(const TrainOptions& options, int k);

}  // namespace dgen::tool
