#include "runtime/segment_executor.h"

#include "dgen/error.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

std::unique_ptr<SegmentExecutor> make_segment_executor(const SegmentProgram& program, double sample_rate,
                                                       std::int64_t max_frames) {
  switch (program.data().backend) {
    case Backend::cpu: return make_cpu_segment(program, sample_rate, max_frames);
    case Backend::opencl:
    case Backend::cuda:
    case Backend::metal: return make_device_segment(program, sample_rate, max_frames);
    case Backend::interpreter: return make_interpreter_segment(program, sample_rate, max_frames);
  }
  throw InternalError("a segment program has a back end");
}

}  // namespace dgen::runtime
