#include "dgen/train_report.h"

#include <algorithm>

#include "dgen/messages.h"
#include "dgen/train_search.h"

namespace dgen::tool {

namespace {

constexpr const char* searched_only = "found by the search only";

}  // namespace

std::string reason(const Unreached& unreached) {
  const std::size_t place = unreached.why.find("): ");
  return place == std::string::npos ? unreached.why : unreached.why.substr(place + 3);
}

std::string remark_on(const std::string& name, const TrainOptions& options, const Graph& graph,
                      std::span<const Unreached> unreached) {
  if (std::ranges::count(options.freeze, name) > 0) return "frozen";
  const std::string unsearched = not_searched(graph, name, options);
  for (const Unreached& one : unreached) {
    if (one.name != name) continue;
    return unsearched.empty() ? searched_only : "not trained: " + reason(one);
  }
  const bool descends = descents(options) > 0;
  return descends || unsearched.empty() ? "" : "not searched: " + unsearched;
}

bool stays(const std::string& remark) { return !remark.empty() && remark != searched_only; }

namespace {

void add_losses(report::FitReport& report, const LossHistory& history) {
  for (std::int64_t row = 0; row < history.rows(); ++row) {
    report.steps.push_back(row * history.stride());
    report.loss.push_back(history.loss(row));
  }
}

void add_trajectories(report::FitReport& report, const LossHistory& history) {
  for (std::size_t k = 0; k < report.params.size(); ++k) {
    report::FittedParam& param = report.params[k];
    if (!param.remark.empty()) continue;
    for (std::int64_t row = 0; row < history.rows() && k < history.values(row).size(); ++row)
      param.trajectory.push_back(history.values(row)[k]);
    if (!param.trajectory.empty()) param.trajectory.push_back(param.after);
  }
}

}  // namespace

void add_history(report::FitReport& report, const Trainer* trainer, double start_loss, double loss) {
  if (trainer) add_losses(report, trainer->history());
  if (report.steps.empty() || report.steps.front() != 0) {
    report.steps.insert(report.steps.begin(), 0);
    report.loss.insert(report.loss.begin(), start_loss);
  }
  report.loss.front() = start_loss;
  const std::int64_t steps = trainer ? trainer->steps() : 0;
  if (steps > 0 || loss != start_loss) {
    report.steps.push_back(std::max<std::int64_t>(steps, 1));
    report.loss.push_back(loss);
  }
  if (steps > 0) add_trajectories(report, trainer->history());
}

std::string backend_of(const Trainer& trainer) {
  const std::string name = to_string(trainer.objective().program().backend());
  return trainer.objective().fallback().empty() ? name : name + ", then cpu: the device failed";
}

std::vector<std::pair<std::string, std::string>> settings_of(const TrainOptions& options, const Method& method,
                                                             const TrainerOptions& chosen, const Trainer* trainer,
                                                             const FitProblem& problem) {
  const auto seconds = [&](std::int64_t frames) { return number(static_cast<double>(frames) / problem.sample_rate()) + " s"; };
  std::string segment = "the whole sound, " + seconds(chosen.frames);
  if (chosen.frames < problem.frames()) {
    segment = chosen.order == SegmentOrder::random ? seconds(chosen.frames) + " from anywhere, " + seconds(chosen.pre_roll) +
                                                         " before it run first; seed " + std::to_string(options.seed)
                                                   : "the first " + seconds(chosen.frames);
  }
  std::vector<std::pair<std::string, std::string>> settings{{"loss", options.loss}};
  if (options.search.wanted()) settings.emplace_back("search", search_text(options));
  const std::initializer_list<std::pair<std::string, std::string>> others{
      {"optimizer", to_string(method.optimizer)},
      {"steps of the parameters", options.scale == Scale::range ? "scaled by their ranges" : "in their own coordinates"},
      {"schedule", to_string(method.schedule)},
      {"steps", std::to_string(trainer ? trainer->steps() : 0)},
      {"segment", segment},
      {"back end", trainer ? backend_of(*trainer) : to_string(chosen.compile.backend)}};
  settings.insert(settings.end(), others);
  return settings;
}

}  // namespace dgen::tool
