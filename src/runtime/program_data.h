#pragma once
// What a Program holds: what every back end has in common, and the code of one of them.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/dynlib.h"
#include "dgen/program.h"
#include "render/abi.h"
#include "schedule/parts.h"

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
  std::string choice{};  ///< as Program::choice

  std::shared_ptr<const base::DynamicLibrary> library{};  ///< cpu: holds `descriptor`
  const render::abi::Descriptor* descriptor = nullptr;    ///< cpu
  const render::abi::Parts* parts = nullptr;              ///< cpu: what several threads share; null: one runs it
  std::vector<schedule::Part> part_list{};                ///< of `parts`
  int threads = 1;                                        ///< as CompileOptions::threads
  std::shared_ptr<const Graph> graph{};                   ///< interpreter
  std::shared_ptr<const DeviceProgram> device{};          ///< back ends of devices
  std::function<Program()> on_cpu{};                      ///< of automatic, on a device: compiles the same for the CPU
};

/// The programs that interpret copies of the graphs. Throws what Interpreter throws.
std::vector<Program> interpret_programs(std::span<const Graph* const> graphs, std::span<const std::string> names,
                                        const CompileOptions& options);

}  // namespace dgen::runtime
