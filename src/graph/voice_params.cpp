#include "graph/voice_params.h"

#include <algorithm>
#include <string>

#include "dgen/error.h"

namespace dgen {

namespace {

int number_of(std::span<const ParamInfo> params, std::string_view name) {
  const auto found = std::find_if(params.begin(), params.end(), [&](const ParamInfo& param) { return param.name == name; });
  return found == params.end() ? -1 : static_cast<int>(found - params.begin());
}

std::string names_of(std::span<const ParamInfo> params) {
  std::string list;
  for (const ParamInfo& param : params) list += (list.empty() ? "; it has " : ", ") + param.name;
  return list.empty() ? "; it has no parameters" : list;
}

void check_gate(const ParamInfo& gate) {
  if (gate.min <= 0 && gate.max >= 1) return;
  throw Error(ErrorCode::bad_value, "voices: the range of 'gate' is " + std::to_string(gate.min) + " … " +
                                        std::to_string(gate.max) + "; notes set it to 0 and 1");
}

}  // namespace

VoiceParams find_voice_params(std::span<const ParamInfo> params) {
  const VoiceParams found{.gate = number_of(params, "gate"),
                          .freq = number_of(params, "freq"),
                          .note = number_of(params, "note"),
                          .velocity = number_of(params, "velocity"),
                          .gain = number_of(params, "gain")};
  if (found.gate < 0) {
    throw Error(ErrorCode::unknown_name,
                "voices: the patch has no parameter 'gate', which is 1 while a note is held: Param gate(0)" + names_of(params));
  }
  if (found.freq < 0 && found.note < 0) {
    throw Error(ErrorCode::unknown_name,
                "voices: the patch has no parameter for the pitch of notes: Param freq(440) in Hz, or Param note(69), a MIDI "
                "note number" +
                    names_of(params));
  }
  check_gate(params[static_cast<std::size_t>(found.gate)]);
  return found;
}

}  // namespace dgen
