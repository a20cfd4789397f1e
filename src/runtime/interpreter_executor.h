#pragma once
// Runs a graph in the reference interpreter.

#include "runtime/executor.h"
#include "runtime/program_data.h"

namespace dgen::runtime {

std::unique_ptr<Executor> make_interpreter_executor(const Program& program, double sample_rate);

}  // namespace dgen::runtime
