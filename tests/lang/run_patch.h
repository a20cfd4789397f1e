#pragma once
// Runs patch text in the interpreter, and catches what it says of wrong text.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/error.h"
#include "dgen/graph.h"
#include "dgen/interpreter.h"
#include "dgen/patch.h"

namespace dgen::test {

/// Output `channel` of `frames` frames at 48 kHz. `in`: host input channels.
inline std::vector<double> run(std::string_view text, std::int64_t frames, std::vector<std::vector<double>> in = {},
                               std::size_t channel = 0, double rate = 48000) {
  Graph g;
  parse_patch(g, text);
  Interpreter interpreter(g, rate);
  std::vector<std::vector<double>> out(g.outputs().size());
  interpreter.process(in, out, frames);
  return out.at(channel);
}

/// The text of the error that parsing throws; empty where it throws none.
inline std::string error_of(std::string_view text) {
  Graph g;
  try {
    parse_patch(g, text);
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

/// The code of the error that parsing throws; none where it throws none.
inline std::optional<ErrorCode> code_of(std::string_view text) {
  Graph g;
  try {
    parse_patch(g, text);
  } catch (const Error& e) {
    return e.code();
  }
  return {};
}

/// 0, 1, 2, …
inline std::vector<double> ramp(int frames) {
  std::vector<double> x;
  for (int k = 0; k < frames; ++k) x.push_back(k);
  return x;
}

}  // namespace dgen::test
