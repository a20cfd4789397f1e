#pragma once
// What the compiler made of a graph, as text: every representation, and why each stage runs as it does.

#include <string>
#include <vector>

#include "dgen/program.h"

namespace dgen {

/// The representations of a patch on its way to code.
enum class Representation : std::uint8_t { graph, closed, schedule, ir, source };

/// Readable text of one representation.
std::string dump(const Graph& graph, Representation representation, const CompileOptions& options = {});

/// One stage of a schedule, for `dgen explain`.
struct StageReport {
  std::string name;
  std::string order;  ///< "control", "parallel", "sequential"
  std::string why;    ///< one sentence
  int nodes = 0;
  std::vector<std::string> loads;   ///< what comes in from other stages or the host
  std::vector<std::string> stores;  ///< what leaves
  std::vector<std::string> states;  ///< states it carries from frame to frame
};

struct Report {
  std::vector<StageReport> stages;
  std::int64_t state_bytes = 0;
  std::int64_t scratch_bytes = 0;
  int sub_block = 0;
  int vector_width = 0;
  std::int64_t latency = 0;  ///< frames: Program::latency
  /// Of a device, instead of stages: its kernels, with their threads and groups for a block of 4096 frames, and why.
  std::vector<std::string> kernels{};
  Backend backend = Backend::cpu;  ///< of which this is
  std::string choice{};            ///< of Backend::automatic: as Program::choice
  /// What several threads share where CompileOptions::threads asks for them: a line for each part, which is kernels of the
  /// generated source that one thread runs, with what it waits for and why.
  std::vector<std::string> parts{};
};

/// How the patch will run, and why.
Report explain(const Graph& graph, const CompileOptions& options = {});

/// The report as the text `dgen explain` prints.
std::string to_text(const Report& report);

}  // namespace dgen
