#pragma once
// Trainings of one patch side by side, each from a start of its own.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/thread_team.h"
#include "dgen/error.h"
#include "dgen/train.h"
#include "dgen/train_options.h"

namespace dgen::tool {

/// Takes a step of each in every round. One whose numbers leave what is finite falls out and keeps what it has reached.
class Descents {
 public:
  /// `first`: the trainer, at its first step; `starts`: values of all parameters, one training for each; none: one, where it is.
  Descents(const TrainOptions& options, std::unique_ptr<Trainer> first, std::span<const std::vector<double>> starts);

  /// Goes on where the checkpoints left off. Throws what Trainer::resume throws.
  void resume();
  /// note: of each checkpoint. Throws `Error` file_unwritable.
  void save(const std::string& note) const;

  /// Steps of the one that has taken the fewest, of those that have not fallen out.
  std::int64_t steps() const;
  /// One round: a step of each that has not taken `last`. Returns the lowest loss before it. Throws what the first of them threw
  /// once all have fallen out.
  double step(std::int64_t last);

  int count() const { return static_cast<int>(trainers_.size()); }
  const Trainer& operator[](int k) const { return *trainers_[static_cast<std::size_t>(k)]; }
  /// Why the device of one failed, whose place the CPU took; empty where none did.
  std::string fallback() const;
  /// How many have fallen out, and why the first one did.
  int fallen() const;
  std::string why_fallen() const;

 private:
  const TrainOptions& options_;
  std::vector<std::unique_ptr<Trainer>> trainers_;
  std::vector<std::optional<Error>> failures_;
  std::vector<double> losses_;  ///< of the round
  base::ThreadTeam team_;
};

}  // namespace dgen::tool
