// The functions the host calls. They run the launch list over sub-blocks and never touch host memory that is not theirs.

#include <algorithm>

#include "dgen/error.h"
#include "render/abi.h"
#include "render/block_text.h"
#include "render/program_text.h"

namespace dgen::render {

namespace {

/// "$program", which no identifier holds, stands for the program's name.
std::string named(std::string text, const std::string& name) { return replaced(std::move(text), "$program", name); }

constexpr std::int64_t compared_at_once = 8;  ///< parameters

/// What tells which elements of `params` changed, a bit each.
std::string changed_text(std::int64_t elements) {
  const auto compare = [&](const std::string& begin, std::int64_t end, const char* indent) {
    return std::string(indent) + "for (int k = " + begin + "; k < " + (begin == "j" ? "j + " : "") + std::to_string(end) +
           "; ++k) changed |= (uint64_t)(memcmp(s->params + k, params + k, 4) != 0) << " +
           (elements > 64 ? "(k < 63 ? k : 63)" : "k") + ";\n";
  };
  std::string text = "    uint64_t changed = all ? ~(uint64_t)0 : 0;\n";
  const std::int64_t whole = elements > compared_at_once ? elements - elements % compared_at_once : 0;
  if (whole > 0) {
    const std::string at_once = std::to_string(compared_at_once);
    text += "    for (int j = 0; j < " + std::to_string(whole) + "; j += " + at_once +
            ") {\n      if (memcmp(s->params + j, params + j, " + std::to_string(4 * compared_at_once) + ") == 0) continue;\n" +
            compare("j", compared_at_once, "      ") + "    }\n";
  }
  return whole < elements ? text + compare(std::to_string(whole), elements, "    ") : text;
}

std::string change_calls(const ProgramText& program) {
  std::string text;
  for (const KernelText& kernel : program.kernels) {
    if (kernel.when != ir::When::change) continue;
    text += "    ";
    if (kernel.changes == 0) text += "if (all) ";
    if (kernel.changes != 0 && ~kernel.changes != 0) text += "if (changed & " + std::to_string(kernel.changes) + "u) ";
    text += kernel.call + "\n";
  }
  return text;
}

/// Control kernels, where something they read changed.
std::string prepare_text(const ProgramText& program) {
  const std::int64_t elements = elements_of(program.interface->params);
  const std::string bytes = std::to_string(4 * elements);
  const bool params = !program.interface->params.empty();
  const std::string kernels = change_calls(program);
  std::string text =
      "\n// Runs the control kernels of what changed: a parameter's bits, or for all of them the sample rate.\n"
      "static void $program_prepare(struct $program_state* s, const float* params) {\n";
  if (!params) text += "  (void)params;\n";
  text += "  const int all = s->started == 0 || memcmp(&s->prepared_sample_rate, &s->sample_rate, 8) != 0;\n  if (all";
  if (params) text += " || memcmp(s->params, params, " + bytes + ") != 0";
  text += ") {\n    s->prepared_sample_rate = s->sample_rate;\n";
  if (kernels.find("changed") != std::string::npos) text += changed_text(elements);
  if (params) text += "    memcpy(s->params, params, " + bytes + ");\n";
  text += kernels;
  text += "  }\n  if (s->started == 0) {\n    s->started = 1;\n" + calls(program, ir::When::start, "    ") + "  }\n}\n";
  return text;
}

/// Host outputs that no kernel writes are silent.
std::string silent_outputs(const ProgramText& program) {
  std::string text;
  const int outputs = static_cast<int>(program.interface->outputs.size());
  for (int c = 0; c < outputs; ++c) {
    bool written = false;
    for (const int channel : program.outputs) written = written || channel == c;
    if (!written) {
      const std::string n = std::to_string(c);
      text += "  if (out != NULL && out[" + n + "] != NULL) memset(out[" + n + "], 0, (size_t)frames * sizeof(float));\n";
    }
  }
  return text;
}

constexpr std::string_view forward_length =
    R"(    const int64_t left = 4294967296 - (s->position & 4294967295);  // noise changes its keys every 2^32 frames
    int64_t most = left < block ? left : block;
$vectors    const int32_t now = (int32_t)(frames - at < most ? frames - at : most);
)";

constexpr std::string_view forward_blocks = R"(  for (int64_t at = 0; at < frames;) {
$length    $program_block(s, in, out, at, now);
    at += now;
    s->position += now;
  }
)";

// The position is that of the frame behind those to come. Sub-blocks begin at multiples of their length from the first
// frame of the call, so that a segment in pieces of whole sub-blocks runs as one in one piece does.
constexpr std::string_view backward_length =
    R"(    const int64_t left = ((s->position - 1) & 4294967295) + 1;  // noise changes its keys every 2^32 frames
    int64_t most = (at - 1) % block + 1;
$vectors    const int32_t now = (int32_t)(left < most ? left : most);
)";

constexpr std::string_view backward_blocks = R"(  for (int64_t at = frames; at > 0;) {
$length    at -= now;
    s->position -= now;
    $program_block(s, in, out, at, now);
  }
)";

/// Ends a sub-block that begins within a vector of frames with that vector.
std::string whole_vectors(const ProgramText& program) {
  if (!program.module->whole_vectors) return "";
  const std::string lanes = std::to_string(program.lanes), within = "(s->position & " + std::to_string(program.lanes - 1) + ")";
  const bool back = program.module->run == ir::Run::backward;
  return "    const int64_t rest = " + (back ? within : lanes + " - " + within) + ";\n    if (rest " +
         (back ? "> 0" : "< " + lanes) + " && rest < most) most = rest;\n";
}

/// What makes `now`, the frames of a sub-block.
std::string length_text(const ProgramText& program) {
  const bool back = program.module->run == ir::Run::backward;
  return replaced(std::string(back ? backward_length : forward_length), "$vectors", whole_vectors(program));
}

std::string blocks_text(const ProgramText& program) {
  const bool back = program.module->run == ir::Run::backward;
  return replaced(std::string(back ? backward_blocks : forward_blocks), "$length", length_text(program));
}

/// Most frames of a sub-block.
std::string block_length(const ir::Module& module) {
  return module.block_limit < 0 ? std::to_string(module.sub_block) : "s->" + state_member(module, module.block_limit) + "[0]";
}

std::string process_text(const ProgramText& program) {
  const bool params = !program.interface->params.empty();
  return std::string("\nint $program_process(void* state, const float* params, const float* const* in, float* const* out, ") +
         "int64_t frames) {\n  struct $program_state* const s = state;\n  if (s == NULL || frames < 0" +
         (params ? " || params == NULL" : "") +
         ") return 1;\n  const uint64_t mode = dgen_flush_denormals();\n  $program_prepare(s, params);\n" +
         "  const int64_t block = " + block_length(*program.module) + ";\n" + blocks_text(program) + silent_outputs(program) +
         "  dgen_restore_denormals(mode);\n  return 0;\n}\n";
}

std::string lifecycle_text(const ProgramText& program) {
  const std::int64_t header = abi::header_bytes(elements_of(program.interface->params));
  std::string text =
      "\nvoid $program_init(void* state, double sample_rate) {\n  struct $program_state* const s = state;\n"
      "  memset(s, 0, sizeof *s);\n  s->sample_rate = sample_rate;\n}\n"
      "\nvoid $program_reset(void* state) {\n  struct $program_state* const s = state;\n"
      "  s->position = 0;\n  s->started = 0;\n";
  const std::int64_t bytes = program.module->state_bytes - header;
  if (bytes > 0) text += "  memset((unsigned char*)state + " + std::to_string(header) + ", 0, " + std::to_string(bytes) + ");\n";
  return text + "}\n";
}

// ---- parts: sub-blocks that several threads work at, each part in the memory of the sub-block it is at

/// Pointers to the host channels of a part, in its own copies; `finish` gets what delivers them.
std::string part_channels(const ProgramText& program, std::size_t number, std::string& finish) {
  const schedule::Part& part = program.interface->parts[number];
  const bool backward = program.module->run == ir::Run::backward;
  const std::string back = backward ? "_back" : "";
  std::string text;
  const auto rows = [&](const ir::Buffer& buffer) { return replaced(rows_before(buffer), "s->position", "position"); };
  for (const int channel : part.inputs) {
    const std::string c = std::to_string(channel), copy = "slot->input_" + c + "_" + std::to_string(number);
    const ir::Buffer& buffer = host_buffer(*program.module, ir::Space::input, channel);
    text +=
        "  const float* const in_" + c + " = " +
        (buffer.hop > 0 ? "in[" + c + "] + " + rows(buffer) : "dgen_input" + back + "(in, " + c + ", at, frames, " + copy + ")") +
        ";\n";
  }
  for (const int channel : part.outputs) {
    const std::string c = std::to_string(channel);
    const ir::Buffer& buffer = host_buffer(*program.module, ir::Space::output, channel);
    text += "  float* const out_" + c + " = " +
            (buffer.hop > 0 ? "out[" + c + "] + " + rows(buffer)
                            : "dgen_output" + back + "(out, " + c + ", at, frames, slot->output_" + c + ")") +
            ";\n";
    if (buffer.hop == 0) finish += "  dgen_deliver(out, " + c + ", at, frames, out_" + c + ");\n";
  }
  return text;
}

std::string part_text(const ProgramText& program, std::size_t number) {
  std::string finish;
  std::string text = "\nstatic void $program_part_" + std::to_string(number) +
                     "(struct $program_state* s, struct $program_slot* slot, const float* const* in, float* const* out, "
                     "int64_t at, int32_t frames, int64_t position) {\n"
                     "  (void)s, (void)slot, (void)in, (void)out, (void)at, (void)frames, (void)position;\n" +
                     part_channels(program, number, finish);
  for (const int kernel : program.interface->parts[number].kernels) {
    const std::string call = replaced(program.kernels[static_cast<std::size_t>(kernel)].call, "s->scratch", "slot->scratch");
    text += "  " + replaced(call, "s->position", "position") + "\n";
  }
  return text + finish + "}\n";
}

std::string slot_text(const ProgramText& program) {
  std::string text =
      "\n// What one sub-block needs, where several are on their way at once.\nstruct $program_slot {\n"
      "  unsigned char scratch[" +
      std::to_string(std::max<std::int64_t>(program.module->scratch_bytes, 64)) + "];\n";
  const std::string block = "[" + std::to_string(program.module->sub_block + ir::padding) + "];\n";
  for (std::size_t p = 0; p < program.interface->parts.size(); ++p) {
    const schedule::Part& part = program.interface->parts[p];
    for (const int c : part.inputs) text += "  float input_" + std::to_string(c) + "_" + std::to_string(p) + block;
    for (const int c : part.outputs) text += "  float output_" + std::to_string(c) + block;
  }
  return text + "} __attribute__((aligned(64)));\n";
}

/// The turns of `run` over the sub-blocks.
std::string part_turns(const ProgramText& program) {
  const bool back = program.module->run == ir::Run::backward;
  std::string text =
      back ? "  for (int64_t at = from; at > to; slot += step) {\n" : "  for (int64_t at = from; at < to; slot += step) {\n";
  text += "    const int32_t now = $program_cut(s, at, frames, start + at);\n";
  if (back) text += "    at -= now;\n";
  text += "    switch (part) {\n";
  for (std::size_t p = 0; p < program.interface->parts.size(); ++p) {
    const std::string number = std::to_string(p);
    text += "      case " + number + ": $program_part_" + number + "(s, slot, in, out, at, now, start + at); break;\n";
  }
  text += "      default: break;\n    }\n";
  if (!back) text += "    at += now;\n";
  return text + "  }\n";
}

std::string parts_text(const ProgramText& program) {
  if (program.interface->parts.empty()) return "";
  std::string text = slot_text(program);
  for (std::size_t p = 0; p < program.interface->parts.size(); ++p) text += part_text(program, p);
  const bool params = !program.interface->params.empty();
  const std::string length = replaced(length_text(program), "s->position", "position");
  text +=
      "\n// Frames of the sub-block that comes next at frame `at` of a call of `frames` frames.\n"
      "static int32_t $program_cut(const void* state, int64_t at, int64_t frames, int64_t position) {\n"
      "  const struct $program_state* const s = state;\n  const int64_t block = " +
      block_length(*program.module) + ";\n  (void)s, (void)frames, (void)position;\n" + length + "    return now;\n}\n";
  text += "\nstatic void $program_prepare_parts(void* state, const float* params) {\n";
  if (!params) text += "  (void)params;\n";
  text +=
      "  const uint64_t mode = dgen_flush_denormals();\n  $program_prepare(state, params);\n"
      "  dgen_restore_denormals(mode);\n}\n";
  text +=
      "\n// One part of the sub-blocks between frames `from` and `to` of a call that begins at frame `start`. Each has its "
      "slot.\n"
      "static void $program_run_part(void* state, void* slots, int64_t step, const float* const* in, float* const* out, "
      "int64_t start, int64_t frames, int64_t from, int64_t to, int32_t part) {\n"
      "  struct $program_state* const s = state;\n  struct $program_slot* slot = slots;\n"
      "  const uint64_t mode = dgen_flush_denormals();\n" +
      part_turns(program) + "  dgen_restore_denormals(mode);\n}\n";
  return text +
         "const dgen_parts $program_parts = {sizeof(struct $program_slot), $program_prepare_parts, $program_cut, "
         "$program_run_part};\n";
}

}  // namespace

std::string driver_text(const ProgramText& program) {
  const std::string text =
      prepare_text(program) + block_text(program) + lifecycle_text(program) + process_text(program) + parts_text(program);
  return named(text, program.name);
}

}  // namespace dgen::render
