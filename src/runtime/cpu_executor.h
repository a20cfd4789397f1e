#pragma once
// Runs generated code that was loaded into this process.

#include "runtime/executor.h"
#include "runtime/program_data.h"

namespace dgen::runtime {

std::unique_ptr<Executor> make_cpu_executor(const Program& program, double sample_rate);

}  // namespace dgen::runtime
