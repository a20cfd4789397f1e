#pragma once
// Which back end Backend::automatic stands for: a GPU where there is one and the program gains by it, else the CPU.

#include <span>
#include <string>

#include "runtime/backends.h"
#include "runtime/device_estimate.h"

namespace dgen::runtime {

struct Choice {
  Backend backend = Backend::cpu;
  std::string why;  ///< a line: "cpu: …"
};

/// Whether there is a GPU to choose.
bool finds_gpu();

/// For graphs that stream, in calls of about `options.frames` frames.
Choice choose_backend(Graphs graphs, Names names, const CompileOptions& options);
/// For segments of about so many frames.
Choice choose_backend(Wanted wanted, Names names, const SegmentOptions& options);

/// By how long a call takes on `gpu`, and on the CPU.
Choice choose_backend(const DeviceInfo& gpu, const DeviceEstimate& estimate);

/// The choice for programs of which notes cut the calls into short ones.
Choice choose_for_notes();

}  // namespace dgen::runtime
