#pragma once
// A training step that ends on a device: what it is given of parameters and optimiser, and what they take over from it.

#include <span>
#include <vector>

#include "dgen/objective.h"
#include "dgen/optimizers.h"
#include "runtime/device_update.h"

namespace dgen::train {

/// One caller at a time.
class DeviceStep {
 public:
  /// Runs the segment and the update; the values of `parameters` stay, their gradients are set. Returns the loss.
  double run(Objective& objective, Parameters& parameters, const Descent& descent, const float* const* in, std::int64_t frames,
             From from, bool same_input) noexcept;
  /// Whether there is a step to take over.
  bool is_done() const { return done_; }
  void forget() { done_ = false; }
  /// Moves the parameters and the optimiser's memory to where the device has them.
  StepReport adopt(Parameters& parameters, Descent& descent) noexcept;

 private:
  std::vector<double> settings_, rates_, values_, slots_;  ///< whose memory every step uses again
  runtime::UpdateStep step_;
  double learning_rate_ = 0;
  bool done_ = false;
};

}  // namespace dgen::train
