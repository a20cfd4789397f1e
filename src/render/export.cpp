#include "render/export.h"

#include "render/abi.h"
#include "render/program_text.h"
#include "render/render.h"
#include "render/text.h"

namespace dgen::render {

namespace {

constexpr std::string_view contract = R"(
#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of one instance's memory, which the caller allocates, aligned to 64 bytes. */
enum { $name_memory_bytes = $bytes };

/* Makes an instance of `state`, at frame 0. sample_rate: Hz.
   Threads: any; no other call on the same state at the same time. Does not allocate or block. */
void $name_init(void* state, double sample_rate);

/* Back to frame 0, with the same sample rate.
   Threads: any; no other call on the same state at the same time. Does not allocate or block. */
void $name_reset(void* state);

/* Runs `frames` frames. in[c], out[c]: `frames` floats of channel c, in the order of the descriptor's names; out[c] may be
   in[d] for any c and d, but may not overlap it otherwise. A null channel is silence, or is not written. params: one float
   for each parameter, in the order of the descriptor's list; read at the start of the call only. Any division of a signal
   into calls gives the same samples. Returns 0; 1, and does nothing, for a null state, null params where there are some,
   or a negative number of frames.
   Threads: one call on a state at a time, of any thread; calls on different states may run at the same time. Real-time
   safe: does not allocate, lock or call the system. Denormal numbers are zero meanwhile; the mode is restored. */
int $name_process(void* state, const float* params, const float* const* in, float* const* out, int64_t frames);

/* Names, ranges and sizes. Threads: any, at any time; it never changes. */
extern const dgen_descriptor $name_descriptor;

#ifdef __cplusplus
}
#endif
)";

/// Lines about a program's channels and parameters.
std::string summary(const ProgramInterface& seen) {
  std::string text;
  const auto list = [&](const char* what, const std::vector<std::string>& names) {
    text += std::string("   ") + what + ":";
    for (const std::string& name : names) text += " " + name;
    text += names.empty() ? " none\n" : "\n";
  };
  std::vector<std::string> params;
  for (const ParamInfo& param : seen.params) {
    const std::string what = param.shape.rank > 0 ? to_string(param.shape) : "(" + double_literal(param.initial) + ")";
    params.push_back(param.name + " " + what);
  }
  list("inputs", seen.inputs);
  list("outputs", seen.outputs);
  list("params", params);
  for (std::size_t at = text.find("*/"); at != std::string::npos; at = text.find("*/", at)) text.replace(at, 2, "* ");
  return text;
}

}  // namespace

Exported render_export(const ir::Module& module, const ProgramInterface& interface, int lanes) {
  const std::string name = program_symbol(interface), guard = name + "_H";
  const Unit unit{&module, &interface};
  Exported files;
  files.header =
      "/* " + interface.name +
      ", made by DGen. Compile the source with\n"
      "     cc -O2 -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-psabi\n"
      "   and the flags of your machine, never with -ffast-math: it breaks the arithmetic.\n" +
      summary(interface) + "*/\n#ifndef " + guard + "\n#define " + guard + "\n\n" + abi_header() +
      expand(contract, lanes,
             [&](std::string_view word) { return word == "bytes" ? std::to_string(memory_bytes(module, interface)) : name; }) +
      "\n#endif\n";
  files.source = "#include \"" + identifier(interface.name) + ".h\"\n\n#include <stddef.h>\n#include <string.h>\n\n" +
                 render_c_body(std::span(&unit, 1), lanes);
  return files;
}

}  // namespace dgen::render
