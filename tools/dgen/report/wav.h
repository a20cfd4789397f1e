#pragma once
// A sound as the bytes of a WAV file that every browser plays.

#include <string>

#include "dgen/audio.h"

namespace dgen::report {

/// RIFF WAVE of 16-bit PCM. Samples are multiplied by `gain`, rounded and clipped; what is not a number is silence. The
/// rate is rounded to whole Hz. Source: Multimedia Programming Interface and Data Specifications 1.0, Microsoft, IBM 1991.
std::string wav_bytes(const AudioBuffer& audio, double gain);

}  // namespace dgen::report
