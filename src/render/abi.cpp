#include "render/abi.h"

namespace dgen::render {

std::string abi_header() {
  return R"(#ifndef DGEN_ABI_H
#define DGEN_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGEN_ABI_VERSION 2

/* Element types of states. */
enum { dgen_f32, dgen_f64, dgen_i32, dgen_u32, dgen_i64, dgen_u64, dgen_m32, dgen_m64 };

typedef struct dgen_param {
  const char* name;
  double initial, minimum, maximum; /* infinite where there is no bound */
  int64_t count;                    /* elements: 1 of a number, more of a tensor */
  const double* values;             /* initial, of every element; NULL: all `initial` */
} dgen_param;

typedef struct dgen_state {
  const char* name;
  int64_t offset; /* bytes from the start of the instance's memory */
  int64_t count;  /* elements */
  int32_t scalar; /* dgen_f32 ... */
} dgen_state;

typedef struct dgen_descriptor {
  uint32_t version;      /* DGEN_ABI_VERSION */
  uint32_t vector_width; /* floats a vector */
  int64_t memory_bytes;  /* of one instance */
  int64_t alignment;     /* of that memory, in bytes */
  int32_t inputs, outputs, params, states;
  const char* name;
  const char* const* input_names;
  const char* const* output_names;
  const dgen_param* param_list;
  const dgen_state* state_list;
  void (*init)(void* state, double sample_rate);
  void (*reset)(void* state);
  /* params: the elements of parameter after parameter */
  int (*process)(void* state, const float* params, const float* const* in, float* const* out, int64_t frames);
} dgen_descriptor;

#ifdef __cplusplus
}
#endif

#endif
)";
}

std::string_view parts_header() {
  return R"(
// How threads share the work of a call.
typedef struct dgen_parts {
  int64_t slot_bytes;
  void (*prepare)(void* state, const float* params);
  int32_t (*cut)(const void* state, int64_t at, int64_t frames, int64_t position);
  void (*run)(void* state, void* slots, int64_t step, const float* const* in, float* const* out, int64_t start, int64_t frames,
              int64_t from, int64_t to, int32_t part);
} dgen_parts;
)";
}

}  // namespace dgen::render
