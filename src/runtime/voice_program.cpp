#include <algorithm>

#include "dgen/error.h"
#include "dgen/polyphony.h"
#include "graph/affine_loop.h"
#include "graph/voice_params.h"
#include "passes/simplify.h"
#include "passes/voice_lanes.h"
#include "runtime/choose_backend.h"
#include "runtime/pipeline.h"
#include "runtime/program_data.h"
#include "schedule/phase.h"

namespace dgen {

namespace {

void check_voices(int voices) {
  constexpr int most = 1024;
  if (voices >= 1 && voices <= most) return;
  throw Error(ErrorCode::bad_value,
              "voices: " + std::to_string(voices) + " voices asked for; there may be 1 … " + std::to_string(most));
}

void check_params(const Graph& patch) {
  std::vector<ParamInfo> infos;
  for (const int id : patch.params()) infos.push_back(*patch[id].attributes.param);
  find_voice_params(infos);
}

/// Why one program with voices in its lanes is expected to be faster than many with frames in theirs; empty where it is not.
std::string why_lanes(const Graph& patch, int voices, const CompileOptions& options) {
  constexpr int filling = 16;  // lanes of the widest vectors
  const schedule::Schedule voice = runtime::compile_graph(patch, options, options.name).schedule;
  const auto sequential = [](const schedule::Stage& stage) { return stage.order == schedule::Order::sequential; };
  if (std::any_of(voice.stages.begin(), voice.stages.end(), sequential))
    return "loops that run frame by frame take a vector of voices at a time";
  int turning = 0, scans = 0;
  for (int id = 0; id < voice.graph->size(); ++id) {
    turning += schedule::oscillator(*voice.graph, id) ? 1 : 0;
    scans += (*voice.graph)[id].op->kind == Kind::recur && affine_loop(*voice.graph, id) ? 1 : 0;
  }
  if (voices < filling || scans == 0 || turning > 0) return {};
  return "there are enough of them to fill vectors, where a loop needs no scan";
}

VoiceProgram copies(const Graph& patch, int voices, const CompileOptions& options, std::string why) {
  return {compile(patch, options), voices, VoiceLayout::copies, "copies of one voice: " + std::move(why)};
}

VoiceProgram lanes(const Graph& patch, int voices, const CompileOptions& options, std::string why) {
  return {compile(*voice_lanes(patch, voices), options), voices, VoiceLayout::lanes, "voices in lanes: " + std::move(why)};
}

/// What Backend::automatic stands for.
VoiceProgram on_cpu(const Graph& patch, int voices, VoiceLayout layout, CompileOptions options) {
  options.backend = Backend::cpu;
  VoiceProgram made = compile_voices(patch, voices, layout, options);
  auto data = std::make_shared<runtime::ProgramData>(made.program.data());
  data->choice = runtime::choose_for_notes().why;
  made.program = Program(std::move(data));
  return made;
}

}  // namespace

std::unique_ptr<Graph> voice_lanes(const Graph& patch, int voices) {
  check_voices(voices);
  check_params(patch);
  return passes::widen_voices(*passes::find_scans(*passes::simplify(patch).graph).graph, voices);
}

VoiceProgram compile_voices(const Graph& patch, int voices, VoiceLayout layout, const CompileOptions& options) {
  check_voices(voices);
  check_params(patch);
  if (options.backend == Backend::automatic) return on_cpu(patch, voices, layout, options);
  if (layout == VoiceLayout::copies) return copies(patch, voices, options, "asked for");
  if (layout == VoiceLayout::lanes) return lanes(patch, voices, options, "asked for");
  if (voices == 1) return copies(patch, voices, options, "there is one only");
  if (options.backend != Backend::cpu) return copies(patch, voices, options, std::string("on ") + to_string(options.backend));
  const std::string why = why_lanes(patch, voices, options);
  if (why.empty()) return copies(patch, voices, options, "all of a voice runs with frames in the lanes of vectors");
  try {
    return lanes(patch, voices, options, why);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_type) throw;
    return copies(patch, voices, options, e.what());
  }
}

}  // namespace dgen
