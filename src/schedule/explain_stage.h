#pragma once
// Why a stage runs as it does, in words.

#include <string>

#include "schedule/schedule.h"

namespace dgen::schedule {

/// One sentence, for `explain`. The stages of `schedule` are placed, and its taps found.
std::string explain_stage(const Schedule& schedule, const Stage& stage);

}  // namespace dgen::schedule
