#pragma once
// The channels a trainer learns from, and where its segments lie.

#include <cstdint>
#include <span>
#include <vector>

#include "dgen/train.h"

namespace dgen::train {

/// The frames of the channels that are not silence; 0 where all are.
std::int64_t length_of(std::span<const std::span<const float>> channels);

/// The same, once it is sure that all have as many, hold finite numbers, and are as many as the graph reads.
/// Throws `Error` bad_value.
std::int64_t check_channels(const Graph& graph, std::span<const std::span<const float>> channels);

/// That segments of `options.frames` frames can be cut from `length` as the options say. Throws `Error` bad_value.
void check_segments(const TrainerOptions& options, std::int64_t length);

/// A number in [0, count) that follows from seed and step.
std::int64_t random_start(std::uint64_t seed, std::int64_t step, std::int64_t count);

}  // namespace dgen::train
