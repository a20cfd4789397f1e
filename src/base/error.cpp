#include "dgen/error.h"

namespace dgen {

std::string_view code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_arity: return "bad-arity";
    case ErrorCode::mixed_graphs: return "mixed-graphs";
    case ErrorCode::bad_value: return "bad-value";
    case ErrorCode::bad_type: return "bad-type";
    case ErrorCode::bad_feedback: return "bad-feedback";
    case ErrorCode::loop_without_delay: return "loop-without-delay";
    case ErrorCode::unknown_op: return "unknown-op";
    case ErrorCode::unknown_name: return "unknown-name";
    case ErrorCode::duplicate_name: return "duplicate-name";
    case ErrorCode::syntax: return "syntax";
    case ErrorCode::compiler_missing: return "compiler-missing";
    case ErrorCode::compiler_failed: return "compiler-failed";
    case ErrorCode::file_unreadable: return "file-unreadable";
    case ErrorCode::file_malformed: return "file-malformed";
    case ErrorCode::file_unwritable: return "file-unwritable";
    case ErrorCode::device_unavailable: return "device-unavailable";
    case ErrorCode::backend_unavailable: return "backend-unavailable";
    case ErrorCode::state_mismatch: return "state-mismatch";
    case ErrorCode::limit_exceeded: return "limit-exceeded";
    case ErrorCode::not_finite: return "not-finite";
  }
  return "unknown";
}

}  // namespace dgen
