#pragma once
// What `dgen train` says of a training in its table and on its page.

#include <string>
#include <utility>
#include <vector>

#include "dgen/report/fit_report.h"
#include "dgen/train_method.h"

namespace dgen::tool {

/// Why no gradient reaches the parameter, without the name and place that stand in front.
std::string reason(const Unreached& unreached);

/// Why a parameter stays as it is, or what only the search moves; empty where it is trained.
std::string remark_on(const std::string& name, const TrainOptions& options, const Graph& graph,
                      std::span<const Unreached> unreached);

/// Whether a parameter with this remark stays as it is.
bool stays(const std::string& remark);

/// The way the losses and parameters took, with what was chosen at its end. trainer: null where none descended.
void add_history(report::FitReport& report, const Trainer* trainer, double start_loss, double loss);

/// What a training runs on, and that it fell back.
std::string backend_of(const Trainer& trainer);

/// What was chosen, and the value. trainer: null where none descended.
std::vector<std::pair<std::string, std::string>> settings_of(const TrainOptions& options, const Method& method,
                                                             const TrainerOptions& chosen, const Trainer* trainer,
                                                             const FitProblem& problem);

}  // namespace dgen::tool
