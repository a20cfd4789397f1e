#pragma once
// Runs generated code that was loaded into this process.

#include "runtime/executor.h"
#include "runtime/program_data.h"

namespace dgen::runtime {

std::unique_ptr<Executor> make_cpu_executor(const Program& program, double sample_rate);

/// How often a state of `scalar` elements appears in a saved state: elements of 64-bit integers take two numbers, the
/// high and the low half, because a double does not hold them.
std::int64_t saved_elements(const render::abi::State& state);

/// The saved state that carries the frames since reset, beside those of the patch; the interpreter calls it so too.
inline constexpr std::string_view position_name = "frame";

}  // namespace dgen::runtime
