#include "render/render.h"

#include <algorithm>

#include "render/abi.h"
#include "render/prelude.h"
#include "render/program_text.h"
#include "render/text.h"

namespace dgen::render {

namespace {

constexpr std::string_view scratch_types = R"(// Scratch buffers of several types share bytes.
typedef float __attribute__((may_alias)) scratch_float;
typedef double __attribute__((may_alias)) scratch_double;
typedef int32_t __attribute__((may_alias)) scratch_int32_t;
typedef uint32_t __attribute__((may_alias)) scratch_uint32_t;
typedef int64_t __attribute__((may_alias)) scratch_int64_t;
typedef uint64_t __attribute__((may_alias)) scratch_uint64_t;
)";

// x86: bits 15 (flush results) and 6 (treat operands as zero) of MXCSR. AArch64: bit 24 (both) of FPCR.
constexpr std::string_view denormals = R"(
// Denormal numbers are zero while a program runs; the caller's mode comes back afterwards.
static uint64_t dgen_flush_denormals(void) {
#if defined(__SSE__)
  const unsigned mode = __builtin_ia32_stmxcsr();
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr(mode | 0x8040u);  // it waits for all that is under way
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | (UINT64_C(1) << 24)) : "memory");
  return mode;
#else
  return 0;
#endif
}

static void dgen_restore_denormals(uint64_t mode) {
#if defined(__SSE__)
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr((unsigned)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
#else
  (void)mode;
#endif
}
)";

// Kernels run whole vectors, so a sub-block that is not whole ones goes through copies.
constexpr std::string_view input_channel = R"(
// Host channel `channel` from frame `at`: the host's memory, or a copy with zeros up to a whole vector.
static const float* dgen_input(const float* const* in, int channel, int64_t at, int32_t frames, float* copy) {
  if (in == NULL || in[channel] == NULL) return dgen_silence;
  const int32_t rest = frames % $lanes;
  if (rest == 0) return in[channel] + at;
  memcpy(copy, in[channel] + at, (size_t)frames * sizeof(float));
  memset(copy + frames, 0, (size_t)($lanes - rest) * sizeof(float));
  return copy;
}
)";

constexpr std::string_view direct_output = R"(
// Where kernels write host channel `channel`: the host's memory, or `copy`.
static float* dgen_output(float* const* out, int channel, int64_t at, int32_t frames, float* copy) {
  return out == NULL || out[channel] == NULL || frames % $lanes != 0 ? copy : out[channel] + at;
}
)";

// The first frames stand behind what fills up the vector.
constexpr std::string_view input_back = R"(
// The same for kernels that run backward, which touch up to a vector before the first frame.
static const float* dgen_input_back(const float* const* in, int channel, int64_t at, int32_t frames, float* copy) {
  if (in == NULL || in[channel] == NULL) return dgen_silence + $lanes;
  const int32_t before = ($lanes - frames % $lanes) % $lanes;
  if (before == 0) return in[channel] + at;
  memset(copy, 0, (size_t)before * sizeof(float));
  memcpy(copy + before, in[channel] + at, (size_t)frames * sizeof(float));
  return copy + before;
}
)";

constexpr std::string_view output_back = R"(
// The same for kernels that run backward.
static float* dgen_output_back(float* const* out, int channel, int64_t at, int32_t frames, float* copy) {
  const int32_t before = ($lanes - frames % $lanes) % $lanes;
  return out == NULL || out[channel] == NULL || before != 0 ? copy + before : out[channel] + at;
}
)";

constexpr std::string_view silence = R"(
static const float dgen_silence[$silence];
)";

constexpr std::string_view output_channel = R"(
// Copies what was not written in place, after the last kernel of the sub-block.
static void dgen_deliver(float* const* out, int channel, int64_t at, int32_t frames, const float* written) {
  if (out == NULL || out[channel] == NULL || written == out[channel] + at) return;
  memcpy(out[channel] + at, written, (size_t)frames * sizeof(float));
}
)";

constexpr std::string_view tick_count = R"(
// Multiples of `hop` among the frames [from, from + frames).
static int64_t dgen_ticks(int64_t from, int64_t frames, int64_t hop) {
  return (from + frames + hop - 1) / hop - (from + hop - 1) / hop;
}
)";

std::string host_text(const std::string& drivers, int lanes, int length) {
  std::string text;
  if (drivers.find("dgen_ticks(") != std::string::npos) text += tick_count;
  if (drivers.find("dgen_input") != std::string::npos) text += silence;
  if (drivers.find("dgen_input(") != std::string::npos) text += input_channel;
  if (drivers.find("dgen_input_back(") != std::string::npos) text += input_back;
  if (drivers.find("dgen_output(") != std::string::npos) text += direct_output;
  if (drivers.find("dgen_output_back(") != std::string::npos) text += output_back;
  if (drivers.find("dgen_deliver(") != std::string::npos) text += output_channel;
  return expand(text, lanes, [&](std::string_view) { return std::to_string(length); });
}

}  // namespace

std::string render_c_body(std::span<const Unit> units, int lanes) {
  const Dialect& dialect = c_dialect();
  SharedDefinitions shared;
  std::string programs, drivers;
  int longest = 0;
  for (const Unit& unit : units) {
    const ProgramText program = program_text(dialect, *unit.module, *unit.interface, lanes, shared);
    const std::string driver = driver_text(program) + descriptor_text(program);
    programs += program.text + driver;
    drivers += driver;
    longest = std::max(longest, unit.module->sub_block);
  }
  const auto no_words = [](std::string_view) { return std::string(); };
  std::string text = expand(dialect.prologue, lanes, no_words) + "\n";
  text += prelude(dialect, shared.text() + programs, lanes);
  if (programs.find("scratch_") != std::string::npos) text += "\n" + std::string(scratch_types);
  text += shared.text();
  text += denormals;
  if (drivers.find("dgen_parts") != std::string::npos) text += parts_header();
  text += host_text(drivers, lanes, longest + ir::padding);
  return text + programs;
}

std::string render_c(std::span<const Unit> units, int lanes) {
  return "#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n\n" + abi_header() + "\n" + render_c_body(units, lanes);
}

std::string render_c(const ir::Module& module, const ProgramInterface& interface, int lanes) {
  const Unit unit{&module, &interface};
  return render_c(std::span(&unit, 1), lanes);
}

}  // namespace dgen::render
