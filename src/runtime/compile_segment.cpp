// Losses and gradients to programs that run over segments, for every back end.

#include "dgen/error.h"
#include "dgen/segment.h"
#include "graph/describe.h"
#include "runtime/device_segment_data.h"
#include "runtime/segment_data.h"

namespace dgen {

namespace {

void check_wanted(std::span<const Signal> wanted) {
  if (wanted.empty()) throw Error(ErrorCode::bad_value, "compile_segment: nothing is wanted; give it a loss or a signal");
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    const std::string which = "compile_segment: wanted signal " + std::to_string(k);
    if (!wanted[k]) {
      throw Error(ErrorCode::bad_value,
                  which + " is empty; where it is a gradient, nothing reaches what it is of (Gradient::why_none)");
    }
    if (wanted[k].graph != wanted[0].graph)
      throw Error(ErrorCode::mixed_graphs, which + " belongs to another graph than signal 0");
    const Node& node = (*wanted[k].graph)[wanted[k].id];
    if (node.type.dtype == DType::signal) continue;
    throw Error(ErrorCode::bad_type, which + ", " + describe(*wanted[k].graph, wanted[k].id) + ", is a " + to_string(node.type) +
                                         "; only signals can be read, so read an element of it");
  }
}

/// Memory of a running segment gives one number a frame, or one a segment.
void check_compiled(std::span<const Signal> wanted) {
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    const Type& type = (*wanted[k].graph)[wanted[k].id].type;
    if (type.clock <= Clock::control || (type.clock == Clock::frame && type.shape.rank == 0)) continue;
    throw Error(ErrorCode::bad_type, "compile_segment: wanted signal " + std::to_string(k) + ", " +
                                         describe(*wanted[k].graph, wanted[k].id) + ", is " + to_string(type) +
                                         "; compiled segments give frame signals and numbers: hold it, or sum it");
  }
}

void check_options(const SegmentOptions& options) {
  constexpr int most_threads = 1024;
  if (options.threads < 0 || options.threads > most_threads) {
    throw Error(ErrorCode::bad_value, "compile_segment: threads is " + std::to_string(options.threads) + "; it must be 0 … " +
                                          std::to_string(most_threads));
  }
  if (options.memory_budget > 0) return;
  throw Error(ErrorCode::bad_value,
              "compile_segment: the memory budget is " + std::to_string(options.memory_budget) + " bytes; it must be positive");
}

std::vector<std::string> names_of(std::size_t count, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < count; ++k) names.push_back(count == 1 ? name : name + "_" + std::to_string(k));
  return names;
}

}  // namespace

std::vector<SegmentProgram> compile_segments(std::span<const std::vector<Signal>> wanted, const SegmentOptions& options) {
  check_options(options);
  for (const std::vector<Signal>& signals : wanted) check_wanted(signals);
  const std::vector<std::string> names = names_of(wanted.size(), options.compile.name);
  if (options.compile.backend != Backend::interpreter) {
    for (const std::vector<Signal>& signals : wanted) check_compiled(signals);
  }
  if (options.compile.backend == Backend::cpu) return runtime::compile_cpu_segments(wanted, names, options);
  if (runtime::is_device(options.compile.backend)) return runtime::compile_device_segments(wanted, names, options);
  std::vector<SegmentProgram> programs;
  for (std::size_t k = 0; k < wanted.size(); ++k) programs.emplace_back(runtime::interpret_segment(wanted[k], names[k]));
  return programs;
}

SegmentProgram compile_segment(std::span<const Signal> wanted, const SegmentOptions& options) {
  const std::vector<Signal> signals(wanted.begin(), wanted.end());
  return compile_segments(std::span(&signals, 1), options).front();
}

}  // namespace dgen
