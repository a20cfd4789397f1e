#include "dgen/descents.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dgen::tool {

namespace {

/// Threads that step trainings side by side. A device has one queue, and one training alone shares its own runs.
int team_of(const TrainOptions& options, Backend backend, std::size_t trainings) {
  if (trainings < 2 || (backend != Backend::cpu && backend != Backend::interpreter)) return 1;
  return base::useful_threads(options.threads, static_cast<int>(trainings));
}

}  // namespace

Descents::Descents(const TrainOptions& options, std::unique_ptr<Trainer> first, std::span<const std::vector<double>> starts)
    : options_(options), team_(team_of(options, first->objective().program().backend(), starts.size())) {
  trainers_.push_back(std::move(first));
  while (trainers_.size() < starts.size()) trainers_.push_back(std::make_unique<Trainer>(*trainers_.front()));
  for (std::size_t k = 0; k < starts.size(); ++k) trainers_[k]->start_from(starts[k]);
  failures_.resize(trainers_.size());
  losses_.resize(trainers_.size());
}

void Descents::resume() {
  for (int k = 0; k < count(); ++k) trainers_[static_cast<std::size_t>(k)]->resume(checkpoint_of(options_, k));
}

void Descents::save(const std::string& note) const {
  for (int k = 0; k < count(); ++k) (*this)[k].save_checkpoint(checkpoint_of(options_, k), note);
}

std::int64_t Descents::steps() const {
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t k = 0; k < trainers_.size(); ++k) {
    if (!failures_[k]) fewest = std::min(fewest, trainers_[k]->steps());
  }
  return fewest;
}

double Descents::step(std::int64_t last) {
  team_.run(count(), [&](int number) {
    const auto k = static_cast<std::size_t>(number);
    losses_[k] = std::numeric_limits<double>::quiet_NaN();
    if (failures_[k] || trainers_[k]->steps() >= last) return;
    try {
      losses_[k] = trainers_[k]->step().loss;
    } catch (const Error& error) {
      failures_[k] = error;
    }
  });
  if (fallen() == count()) throw *failures_.front();
  double least = std::numeric_limits<double>::quiet_NaN();
  for (const double loss : losses_) least = std::isnan(least) || loss < least ? loss : least;
  return least;
}

std::string Descents::fallback() const {
  for (const auto& trainer : trainers_) {
    if (!trainer->objective().fallback().empty()) return trainer->objective().fallback();
  }
  return {};
}

int Descents::fallen() const {
  return static_cast<int>(std::ranges::count_if(failures_, [](const auto& failure) { return failure.has_value(); }));
}

std::string Descents::why_fallen() const {
  for (const std::optional<Error>& failure : failures_) {
    if (failure) return failure->what();
  }
  return {};
}

}  // namespace dgen::tool
