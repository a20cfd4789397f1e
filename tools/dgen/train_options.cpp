#include "dgen/train_options.h"

#include <filesystem>

#include "audio/file_bytes.h"
#include "dgen/audio.h"
#include "dgen/commands.h"

namespace dgen::tool {

namespace {

/// Nothing that is written may take the place of what is read, or of something else that is written.
void check_overwriting(const TrainOptions& options) {
  struct Use {
    const char* option;
    std::string path;
    bool read = false;
  };
  std::vector<Use> uses{Use{"PATCH", options.patch.path, true}, Use{"--target", options.target, true},
                        Use{"-i", options.input, true},         Use{"--weights", options.set.weights, true},
                        Use{"-o", options.paths.patch},         Use{"--wav", options.paths.wav},
                        Use{"--report", options.paths.page},    Use{"--save-weights", options.paths.weights},
                        Use{"--checkpoint", options.checkpoint}};
  for (int k = 1; k < descents(options); ++k) uses.push_back({"--checkpoint", checkpoint_of(options, k)});
  const auto place = [](const std::string& path) {
    std::error_code unknown;
    const auto found = std::filesystem::weakly_canonical(path, unknown);
    return unknown ? std::filesystem::path(path) : found;
  };
  for (std::size_t later = 0; later < uses.size(); ++later) {
    for (std::size_t k = 0; k < later; ++k) {
      const Use &a = uses[k], &b = uses[later];
      if ((a.read && b.read) || a.path.empty() || b.path.empty()) continue;
      std::error_code unknown;
      const bool device = std::filesystem::exists(b.path, unknown) && !std::filesystem::is_regular_file(b.path, unknown);
      if (device || place(a.path) != place(b.path)) continue;
      throw UsageError(std::string(b.option) + " would overwrite " + (a.read ? "" : "what is written by ") + a.option + ", '" +
                       a.path + "'; give it another name");
    }
  }
}

}  // namespace

void check_paths(const TrainOptions& options) {
  check_overwriting(options);
  audio::check_folder(options.paths.patch);
  if (!options.paths.wav.empty()) check_writable(options.paths.wav);
  if (!options.paths.page.empty()) audio::check_folder(options.paths.page);
  if (!options.paths.weights.empty()) audio::check_folder(options.paths.weights);
  if (!options.checkpoint.empty()) audio::check_folder(options.checkpoint);
}

int descents(const TrainOptions& options) { return options.search.wanted() ? options.search.refine.value_or(4) : 1; }

std::string checkpoint_of(const TrainOptions& options, int k) {
  return options.checkpoint.empty() || k == 0 ? options.checkpoint : options.checkpoint + "." + std::to_string(k + 1);
}

}  // namespace dgen::tool
