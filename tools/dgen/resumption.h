#pragma once
// What `--resume` needs to know of the command that wrote a checkpoint.

#include <optional>
#include <string>

#include "dgen/train_method.h"

namespace dgen::tool {

/// What a checkpoint notes of the command line, with the number of descents that there are.
std::string checkpoint_note(const TrainOptions& options, const Method& method, int descents);

/// The descents that `--checkpoint FILE` keeps, read before anything is computed; none where there is no FILE. Says where the
/// optimiser's settings are others. Throws `Error` file_unreadable or file_malformed for a file that is missing or broken, and
/// state_mismatch where the search, --freeze or --scale are others than those it was made with.
std::optional<int> saved_descents(const TrainOptions& options, const Method& method);

}  // namespace dgen::tool
