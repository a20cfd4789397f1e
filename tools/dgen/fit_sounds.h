#pragma once
// The recordings of a fit: what the patch hears, and what it is to sound like.

#include <string>
#include <vector>

#include "dgen/audio.h"

namespace dgen::tool {

/// Input and target at one rate and of one length, a channel for each input and output of the patch.
struct FitSounds {
  AudioBuffer input{};  ///< no channels where there is no input file
  AudioBuffer target{};
  std::vector<std::string> remarks{};  ///< what was converted, mixed or cut, for the user
};

/// Which files, and what the patch needs.
struct FitFiles {
  std::string input{};  ///< path, or empty: none
  std::string target{};
  double rate = 0;  ///< Hz; 0: the input's, else the target's
  int inputs = 0;   ///< of the patch
  int outputs = 1;
};

/// Reads the files. What has another rate than the run is converted; the shorter of the two gives the length; where the
/// patch has one input (output) and the file more channels, their mean is taken; a mono file feeds every input.
/// Throws `Error`: what `read_audio` does; bad_value where the channels do not fit, a sample is not a number, the target is
/// silent or nothing is left.
FitSounds load_sounds(const FitFiles& files);

}  // namespace dgen::tool
