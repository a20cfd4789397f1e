#include "runtime/executor.h"

#include "dgen/error.h"
#include "runtime/cpu_executor.h"
#include "runtime/device_executor.h"
#include "runtime/interpreter_executor.h"

namespace dgen::runtime {

std::unique_ptr<Executor> make_executor(const Program& program, double sample_rate) {
  switch (program.data().backend) {
    case Backend::cpu: return make_cpu_executor(program, sample_rate);
    case Backend::opencl:
    case Backend::cuda:
    case Backend::metal: return make_device_executor(program, sample_rate);
    case Backend::interpreter: return make_interpreter_executor(program, sample_rate);
  }
  throw InternalError("a program has a back end");
}

}  // namespace dgen::runtime
