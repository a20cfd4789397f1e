#pragma once
// What a training needs to go on as if it had never stopped, as bytes: sealed with a checksum, and bound to the patch, the
// recording and the optimiser it is of.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/parameters.h"

namespace dgen::train {

struct Checkpoint {
  std::string note;  ///< the caller's
  // What it is of.
  std::string patch;                  ///< fingerprint of the loss
  std::string recording;              ///< fingerprint of the channels
  std::string segments;               ///< how they are cut, in words
  std::string optimizer;              ///< name
  std::vector<Parameter> parameters;  ///< name, range, mapping, elements
  // Where it stands.
  std::int64_t step = 0, skipped = 0, descent_steps = 0, since_watched = 0;
  double best_loss = 0, watched_loss = 0;
  ParameterArena values, good_values, best_values;
  std::vector<ParameterArena> slots;
  std::string states;        ///< what the next segment starts from, where states are carried on; else empty
  std::string backend;       ///< that these states are of
  std::int64_t carried = 0;  ///< segments since reset that made them
  std::int64_t history_steps = 0, history_stride = 1;
  std::vector<double> history;
};

/// The checkpoint as bytes.
std::string encode(const Checkpoint& checkpoint);

/// Reads what `encode` wrote. Throws `Error` file_malformed (no checkpoint, truncated, damaged) and state_mismatch (another
/// version), naming `path`.
Checkpoint decode(std::string_view bytes, const std::string& path);

/// Throws `Error` state_mismatch naming `path` and the first thing in which the training that `saved` is of differs from
/// that of `here`.
void check_same(const Checkpoint& saved, const Checkpoint& here, const std::string& path);

}  // namespace dgen::train
