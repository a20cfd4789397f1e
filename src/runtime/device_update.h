#pragma once
// A training step's end on the device: from sums over time to gradients, through an optimiser's rule, to new values. All in
// double. The host writes a few settings, and reads a block of results once a step.

#include <functional>
#include <memory>
#include <vector>

#include "dgen/op.h"
#include "ir/builder.h"
#include "lower/device.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

/// One element of a parameter, as a rule sees it; numbers are f64.
struct UpdateElement {
  ir::Value position;                        ///< its coordinate
  ir::Value slope;                           ///< d(loss)/d(coordinate), clipped
  ir::Value rate;                            ///< the step's learning rate times the parameter's factor
  std::function<ir::Value(int)> setting;     ///< what the host says of this step
  std::function<ir::Value(int)> slot;        ///< the rule's memory before the step …
  std::function<void(int, ir::Value)> keep;  ///< … and after it
};

struct UpdatedParameter {
  std::int64_t elements = 1;
  Mapping mapping = Mapping::linear;
  double min = 0, max = 0;
  int gradient = -1;  ///< which wanted signal; -1: none reaches it
};

/// An optimiser as a device needs it. Wanted signal 0 of the program is the loss.
struct UpdateSpec {
  std::vector<UpdatedParameter> parameters{};
  int slots = 0;     ///< numbers of memory an element has
  int settings = 0;  ///< numbers that the host gives each step
  double clip_value = 0, clip_norm = 0;
  std::function<ir::Value(const UpdateElement&)> move{};  ///< what to add to the coordinate
  std::int64_t elements() const;
};

/// What a step is given, and what came of it. Spans of values have all elements, slots those of slot after slot.
struct UpdateStep {
  std::span<const double> settings, rates;  ///< rates: by element: the factor of the learning rate; below 0: it stays
  std::span<double> values, gradients, slots;
  double loss = 0, norm = 0;
  std::int64_t bad_slope = -1, bad_value = -1;  ///< the first element whose gradient, or next value, is not finite; -1: none
};

/// Where the numbers of a step lie in the block that is read at once.
struct UpdateBlock {
  enum : std::int64_t { loss, norm, bad_slope, bad_value, scale, goes, first = 8 };
  std::int64_t elements = 0, slots = 0;
  std::int64_t value(std::int64_t e = 0) const { return first + e; }
  std::int64_t gradient(std::int64_t e = 0) const { return first + elements + e; }
  std::int64_t slot(std::int64_t number, std::int64_t e = 0) const { return first + (2 + number) * elements + e; }
  std::int64_t numbers() const { return slot(slots); }
};

/// Buffers of other programs that the kernels of an update reach, by where they lie.
struct UpdatePlaces {
  struct Run {
    ir::Buffer params{};
    std::vector<ParamSource> sources{};
    struct Sum {
      ir::Buffer total{}, rest{};
      std::int64_t elements = 1, number = 0;  ///< its first element among those of all sums
    };
    std::vector<Sum> sums{};
  };
  std::vector<Run> runs{};  ///< the last one is what is known at the end, where that is computed
  struct Number {
    bool is_sum = false;
    std::int64_t first = 0;  ///< among all sums, or in the buffer
    ir::Buffer buffer{};
    std::vector<double> constants{};
  };
  std::vector<Number> wanted{};  ///< by wanted signal
  std::int64_t sums = 0;         ///< elements of all of them
};

/// The kernels, with offsets from `begin` on; `end`: where their memory ends. Launches in `lowered.block`: hand over parameters
/// to run 0, sums of run 0, …, then the update.
struct DeviceUpdate {
  lower::DeviceLowered lowered;
  UpdateBlock block;
  std::int64_t block_offset = 0, given_offset = 0, end = 0;  ///< bytes
  std::vector<int> hand_over, take_sums;                     ///< by run: launch, -1: none
  int first_update = 0;                                      ///< launch
};

DeviceUpdate make_update(const UpdateSpec& spec, const UpdatePlaces& places, const std::string& name, std::int64_t begin);

}  // namespace dgen::runtime
