#pragma once
// The devices that the suites run on: those that are here, and the text of CUDA and Metal on this machine's own processor.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "dgen/devices.h"
#include "dgen/error.h"
#include "runtime/device_program.h"
#include "runtime/device_segment_data.h"

namespace device_suite {

using namespace dgen;

struct Device {
  std::string name;
  Backend backend = Backend::opencl;
  const render::DeviceDialect* dialect = nullptr;
  runtime::BuildDeviceCode build{};
  std::string why_not{};  ///< it is not here
  unsigned part = 1;      ///< one of so many cases runs unless all are asked for

  Program compile(const Graph& g) const { return program(g, build); }

  std::vector<SegmentProgram> compile_segments(std::span<const std::vector<Signal>> wanted,
                                               const SegmentOptions& options = {}) const {
    std::vector<SegmentProgram> programs;
    for (const auto& data : segments(wanted, build, options)) programs.emplace_back(data);
    return programs;
  }

  /// Whether it takes a graph: it must where the cpu back end does.
  bool takes(const Graph& g) const {
    const bool taken = is_taken([&] { program(g, without_code); });
    EXPECT_TRUE(taken || !is_taken([&] { dgen::compile(g); })) << name << " refuses what the CPU takes";
    return taken;
  }
  bool takes_segment(const std::vector<Signal>& wanted) const {
    const bool taken = is_taken([&] { segments(std::span(&wanted, 1), without_code, {}); });
    EXPECT_TRUE(taken || !is_taken([&] { compile_segment(wanted); })) << name << " refuses what the CPU takes";
    return taken;
  }

  /// Which cases run where building kernels takes long: by the hash of a name, the same in every run; all with
  /// DGEN_EVERY_DEVICE_CASE=1, as `scripts/test --backend` sets it.
  bool runs(std::string_view its_name) const { return part == 1 || runs_all() || base::hash(its_name).low % part == 1; }
  static bool runs_all() { return std::getenv("DGEN_EVERY_DEVICE_CASE") != nullptr; }

 private:
  static std::shared_ptr<const engine::DeviceCode> without_code(const std::string&) { return nullptr; }

  Program program(const Graph& g, const runtime::BuildDeviceCode& built_by) const {
    const Graph* const graphs[] = {&g};
    const std::string names[] = {"patch"};
    return Program(runtime::device_programs(backend, graphs, names, *dialect, built_by).front());
  }

  std::vector<std::shared_ptr<const runtime::SegmentData>> segments(std::span<const std::vector<Signal>> wanted,
                                                                    const runtime::BuildDeviceCode& built_by,
                                                                    const SegmentOptions& options) const {
    std::vector<std::string> names;
    for (std::size_t k = 0; k < wanted.size(); ++k) names.push_back("segment" + std::to_string(k));
    return runtime::device_segments(backend, wanted, names, options, *dialect, built_by);
  }

  template <class Make>
  static bool is_taken(Make make) {
    try {
      make();
      return true;
    } catch (const Error& e) {
      if (e.code() != ErrorCode::bad_type) throw;
      return false;
    }
  }
};

/// OpenCL, CUDA and Metal, here or not, then CUDA and Metal on the shim.
const std::vector<Device>& every_device();

}  // namespace device_suite
