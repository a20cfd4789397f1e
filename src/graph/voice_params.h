#pragma once
// The parameters of a patch that notes set.

#include <span>
#include <string_view>

#include "dgen/op.h"

namespace dgen {

/// By number; -1 where the patch has none.
struct VoiceParams {
  int gate = -1;      ///< 1 while the note is held, else 0
  int freq = -1;      ///< Hz
  int note = -1;      ///< MIDI note number, with fractions where it is bent
  int velocity = -1;  ///< 0 … 1
  int gain = -1;      ///< the same, by Faust's name
  bool has(int param) const {
    return param >= 0 && (param == gate || param == freq || param == note || param == velocity || param == gain);
  }
};

/// Throws `Error` unknown_name where `gate`, or both `freq` and `note`, are missing; bad_value where the range of `gate` does
/// not hold 0 and 1.
VoiceParams find_voice_params(std::span<const ParamInfo> params);

}  // namespace dgen
