#pragma once
// A program written by hand on the interface of generated code: states of several types, two parameters.

#include <memory>
#include <string>
#include <vector>

#include "dgen/program.h"
#include "render/abi.h"
#include "runtime/load_program.h"

namespace dgen::sample_patch {

/// out[0] = a smoothed in[0], a ramp in 64-bit fixed point and the element of a table that counts its visits.
inline std::string source(const std::string& name) {
  std::string text = R"(
typedef struct NAME_memory {
  double sample_rate, prepared;
  int64_t position;
  uint32_t started, reserved;
  float last[24];
  float smooth;
  int32_t visits;
  uint64_t ramp;
  double table[4];
} NAME_memory;

static void NAME_reset(void* state) {
  NAME_memory* m = state;
  const double rate = m->sample_rate;
  *m = (NAME_memory){.sample_rate = rate};
}
static void NAME_init(void* state, double sample_rate) {
  NAME_memory* m = state;
  m->sample_rate = sample_rate;
  NAME_reset(state);
}
static int NAME_process(void* state, const float* params, const float* const* in, float* const* out, int64_t frames) {
  NAME_memory* m = state;
  if (!m->started) {
    m->smooth = params[1];
    for (int k = 0; k < 4; ++k) m->table[k] = k + 0.1;
    m->started = 1;
  }
  for (int64_t i = 0; i < frames; ++i) {
    const float x = in[0] ? in[0][i] : 0;
    m->smooth += params[0] * (x - m->smooth);
    double* slot = &m->table[m->position & 3];
    out[0][i] = m->smooth + (float)(m->ramp >> 40) * 0x1p-24f + (float)*slot;
    *slot += 0.1;
    m->ramp += 0x0123456789abcdefu;
    m->visits -= 1;
    m->position += 1;
  }
  return 0;
}
static const char* const NAME_inputs[] = {"in1"};
static const char* const NAME_outputs[] = {"out1"};
static const dgen_param NAME_params[] = {{"speed", 0.25, 0, 1, 1, 0}, {"start", 0.5, -__builtin_inf(), __builtin_inf(), 1, 0}};
#define OFFSET(member) __builtin_offsetof(NAME_memory, member)
static const dgen_state NAME_states[] = {{"smooth", OFFSET(smooth), 1, dgen_f32},
                                         {"visits", OFFSET(visits), 1, dgen_i32},
                                         {"ramp", OFFSET(ramp), 1, dgen_u64},
                                         {"table", OFFSET(table), 4, dgen_f64}};
#undef OFFSET
const dgen_descriptor dgen_NAME_descriptor = {
    DGEN_ABI_VERSION, 4, sizeof(NAME_memory), 64, 1, 1, 2, 4, "NAME", NAME_inputs, NAME_outputs,
    NAME_params, NAME_states, NAME_init, NAME_reset, NAME_process};
)";
  for (std::size_t at; (at = text.find("NAME")) != std::string::npos;) text.replace(at, 4, name);
  return text;
}

inline std::vector<Program> load(const std::vector<std::string>& names, const CompileOptions& options = {}) {
  std::string text = render::abi_header();
  std::vector<render::ProgramInterface> interfaces;
  const ParamInfo speed{.name = "speed", .initial = 0.25, .min = 0, .max = 1}, start{.name = "start", .initial = 0.5};
  for (const std::string& name : names) {
    text += source(name);
    interfaces.push_back({.name = name, .inputs = {"in1"}, .outputs = {"out1"}, .params = {speed, start}});
  }
  std::vector<Program> programs;
  for (auto& data : runtime::load_programs(text, interfaces, options)) programs.emplace_back(std::move(data));
  return programs;
}

inline Program load() { return load({"sample"}).front(); }

}  // namespace dgen::sample_patch
