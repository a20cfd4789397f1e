#pragma once
// What a Program holds: what every back end has in common, and the code of one of them.

#include <memory>
#include <string>
#include <vector>

#include "base/dynlib.h"
#include "dgen/program.h"
#include "render/abi.h"

namespace dgen::runtime {

struct DeviceProgram;  // runtime/device_program.h

struct ProgramData {
  std::string name;
  Backend backend = Backend::cpu;
  int inputs = 0, outputs = 0;
  std::vector<ParamInfo> params{};
  std::vector<StateInfo> states{};
  std::shared_ptr<const std::string> source{};  ///< shared by programs that were compiled in one run
  std::int64_t latency = 0;
  double compile_seconds = 0;
  bool from_cache = false;

  std::shared_ptr<const base::DynamicLibrary> library{};  ///< cpu: holds `descriptor`
  const render::abi::Descriptor* descriptor = nullptr;    ///< cpu
  std::shared_ptr<const Graph> graph{};                   ///< interpreter
  std::shared_ptr<const DeviceProgram> device{};          ///< back ends of devices
};

/// The program that interprets a copy of `graph`. Throws what Interpreter throws.
std::shared_ptr<ProgramData> interpret_program(const Graph& graph, const std::string& name);

}  // namespace dgen::runtime
