// Losses and gradients to programs that run over segments, for every back end.

#include "dgen/error.h"
#include "dgen/segment.h"
#include "graph/clone.h"
#include "graph/describe.h"
#include "runtime/backends.h"
#include "runtime/choose_backend.h"
#include "runtime/segment_data.h"

namespace dgen {

namespace {

using runtime::Choice;
using runtime::def_of;

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

/// The same signals of a copy of their graph.
std::function<SegmentProgram()> compiler_of(const std::vector<Signal>& wanted, const SegmentOptions& options) {
  const std::shared_ptr<Graph> graph = clone(*wanted[0].graph);
  std::vector<Signal> copies = wanted;
  for (Signal& signal : copies) signal.graph = graph.get();
  return [graph, copies, options] { return compile_segment(copies, options); };
}

/// Programs that carry what was chosen for them and, on a device, how to go on without it.
std::vector<SegmentProgram> with_choice(std::span<const std::vector<Signal>> wanted, const std::vector<SegmentProgram>& programs,
                                        const Choice& choice, SegmentOptions options) {
  options.compile.backend = Backend::cpu;
  std::vector<SegmentProgram> made;
  for (std::size_t k = 0; k < programs.size(); ++k) {
    auto data = std::make_shared<runtime::SegmentData>(programs[k].data());
    data->choice = choice.why;
    options.compile.name = data->name;
    if (choice.backend != Backend::cpu) data->on_cpu = compiler_of(wanted[k], options);
    made.emplace_back(std::move(data));
  }
  return made;
}

/// What a device or its compiler refuses runs on the CPU.
std::vector<SegmentProgram> compile_chosen(std::span<const std::vector<Signal>> wanted, std::span<const std::string> names,
                                           Choice choice, SegmentOptions options) {
  options.compile.backend = choice.backend;
  if (choice.backend != Backend::cpu) {
    try {
      return with_choice(wanted, def_of(choice.backend).compile_segments(wanted, names, options), choice, options);
    } catch (const Error& e) {
      choice = {Backend::cpu, std::string("cpu: ") + to_string(choice.backend) + " fails: " + e.what()};
      options.compile.backend = Backend::cpu;
    }
  }
  return with_choice(wanted, def_of(Backend::cpu).compile_segments(wanted, names, options), choice, options);
}

}  // namespace

std::vector<SegmentProgram> compile_segments(std::span<const std::vector<Signal>> wanted, const SegmentOptions& options) {
  check_options(options);
  for (const std::vector<Signal>& signals : wanted) check_wanted(signals);
  const std::vector<std::string> names = names_of(wanted.size(), options.compile.name);
  const Backend backend = options.compile.backend;
  if (backend == Backend::automatic || !def_of(backend).gives_rows) {
    for (const std::vector<Signal>& signals : wanted) check_compiled(signals);
  }
  if (backend != Backend::automatic) return def_of(backend).compile_segments(wanted, names, options);
  return compile_chosen(wanted, names, runtime::choose_backend(wanted, names, options), options);
}

SegmentProgram compile_segment(std::span<const Signal> wanted, const SegmentOptions& options) {
  const std::vector<Signal> signals(wanted.begin(), wanted.end());
  return compile_segments(std::span(&signals, 1), options).front();
}

}  // namespace dgen
