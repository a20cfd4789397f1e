#pragma once
// An additive synthesiser whose harmonics and noise a small network plays.

#include <vector>

#include "dgen/dgen.h"

namespace mlp_piano {

/// The partials of a string: frequency k f0 sqrt(1 + B k²). Source: Fletcher 1964.
struct String {
  double f0_hz = 220;
  double inharmonicity = 0;  ///< B
  double frequency_hz(int partial) const;
};

/// The string that best explains a recording: its partials stand where the recording is loudest.
String find_string(const std::vector<float>& sound, double rate, double near_hz);

inline constexpr int partials = 32;
inline constexpr std::int64_t hop = 64;  ///< frames between the network's answers

/// The sound of `frames` frames: an MLP 3-64-64-33 maps time, its logarithm and pitch to the amplitudes of the partials and a
/// level of noise, every `hop` frames; between them both are faded. Parameters net.0.weight, net.0.bias, ….
dgen::Signal piano(dgen::Graph& graph, const String& string, double rate, std::int64_t frames);

}  // namespace mlp_piano
