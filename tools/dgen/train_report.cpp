#include "dgen/train_report.h"

#include <algorithm>

#include "dgen/messages.h"

namespace dgen::tool {

std::string reason(const Unreached& unreached) {
  const std::size_t place = unreached.why.find("): ");
  return place == std::string::npos ? unreached.why : unreached.why.substr(place + 3);
}

std::string remark_on(const std::string& name, const TrainOptions& options, const Trainer& trainer) {
  if (std::find(options.freeze.begin(), options.freeze.end(), name) != options.freeze.end()) return "frozen";
  for (const Unreached& unreached : trainer.unreached()) {
    if (unreached.name == name) return "not trained: " + reason(unreached);
  }
  return {};
}

void add_history(report::FitReport& report, const Trainer& trainer, double start_loss, double loss) {
  const LossHistory& history = trainer.history();
  for (std::int64_t row = 0; row < history.rows(); ++row) {
    report.steps.push_back(row * history.stride());
    report.loss.push_back(history.loss(row));
  }
  if (report.steps.empty() || report.steps.front() != 0) {
    report.steps.insert(report.steps.begin(), 0);
    report.loss.insert(report.loss.begin(), start_loss);
  }
  report.loss.front() = start_loss;
  if (trainer.steps() > 0) {
    report.steps.push_back(trainer.steps());
    report.loss.push_back(loss);
  }
  for (std::size_t k = 0; k < report.params.size(); ++k) {
    report::FittedParam& param = report.params[k];
    if (!param.remark.empty() || trainer.steps() == 0) continue;
    for (std::int64_t row = 0; row < history.rows() && k < history.values(row).size(); ++row)
      param.trajectory.push_back(history.values(row)[k]);
    if (!param.trajectory.empty()) param.trajectory.push_back(param.after);
  }
}

std::string backend_of(const Trainer& trainer) {
  const std::string name = to_string(trainer.objective().program().backend());
  return trainer.objective().fallback().empty() ? name : name + ", then cpu: the device failed";
}

std::vector<std::pair<std::string, std::string>> settings_of(const TrainOptions& options, const Method& method,
                                                             const Trainer& trainer, const FitProblem& problem) {
  const TrainerOptions& chosen = trainer.options();
  const auto seconds = [&](std::int64_t frames) { return number(static_cast<double>(frames) / problem.sample_rate()) + " s"; };
  std::string segment = "the whole sound, " + seconds(chosen.frames);
  if (chosen.frames < problem.frames()) {
    segment = chosen.order == SegmentOrder::random ? seconds(chosen.frames) + " from anywhere, " + seconds(chosen.pre_roll) +
                                                         " before it run first; seed " + std::to_string(options.seed)
                                                   : "the first " + seconds(chosen.frames);
  }
  return {{"loss", options.loss},
          {"optimizer", to_string(method.optimizer)},
          {"steps of the parameters", options.scale == Scale::range ? "scaled by their ranges" : "in their own coordinates"},
          {"schedule", to_string(method.schedule)},
          {"steps", std::to_string(trainer.steps())},
          {"segment", segment},
          {"back end", backend_of(trainer)}};
}

}  // namespace dgen::tool
