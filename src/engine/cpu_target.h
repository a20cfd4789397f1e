#pragma once
// The processor that this process runs on, as the compiler's -march=native sees it.

#include <string>

namespace dgen::engine {

/// Floats in the widest vector the processor computes on: 16 with AVX-512, 8 with AVX, else 4.
int native_vector_width();

/// Text that differs between processors for which -march=native may give different code: part of the cache key.
std::string processor_identity();

}  // namespace dgen::engine
