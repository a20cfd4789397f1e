#if !defined(__APPLE__)

#include "dgen/error.h"
#include "engine/metal.h"

namespace dgen::engine {

namespace {

[[noreturn]] void refuse() {
  throw Error(ErrorCode::backend_unavailable, "no Metal: only Apple's systems have it; use the opencl or cuda back end");
}

}  // namespace

std::vector<std::string> metal_devices() { refuse(); }
ir::GroupLimits metal_group() { refuse(); }
std::shared_ptr<const DeviceCode> build_metal(const std::string&) { refuse(); }

}  // namespace dgen::engine

#endif
