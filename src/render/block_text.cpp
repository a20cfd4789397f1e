#include "render/block_text.h"

#include "dgen/error.h"

namespace dgen::render {

std::string replaced(std::string text, std::string_view token, std::string_view by) {
  for (std::size_t at = text.find(token); at != std::string::npos; at = text.find(token, at + by.size()))
    text.replace(at, token.size(), by);
  return text;
}

std::string calls(const ProgramText& program, ir::When when, const char* indent) {
  std::string text;
  for (const KernelText& kernel : program.kernels) {
    if (kernel.when == when) text += indent + kernel.call + "\n";
  }
  return text;
}

const ir::Buffer& host_buffer(const ir::Module& module, ir::Space space, int channel) {
  for (const ir::Buffer& buffer : module.buffers) {
    if (buffer.space == space && buffer.channel == channel) return buffer;
  }
  throw InternalError("internal error, this must hold: a channel that is used has a buffer");
}

std::string rows_before(const ir::Buffer& buffer) {
  return "dgen_ticks(s->position - at, at, " + std::to_string(buffer.hop) + ") * " + std::to_string(buffer.stride);
}

namespace {

/// Pointers to the host's input channels, or to copies of them.
std::string input_pointers(const ProgramText& program) {
  const std::string back = program.module->run == ir::Run::backward ? "_back" : "";
  std::string text;
  for (const int channel : program.inputs) {
    const std::string c = std::to_string(channel);
    if (const ir::Buffer& buffer = host_buffer(*program.module, ir::Space::input, channel); buffer.hop > 0) {
      text += "  const float* const in_" + c + " = in[" + c + "] + " + rows_before(buffer) + ";\n";
      continue;
    }
    text += "  const float* const in_" + c + " = dgen_input" + back + "(in, " + c + ", at, frames, s->input_" + c + ");\n";
  }
  return text;
}

/// Pointers to the host's output channels, or to what is delivered to them by `finish`.
std::string output_pointers(const ProgramText& program, std::string& finish) {
  const std::string back = program.module->run == ir::Run::backward ? "_back" : "";
  std::string text;
  for (std::size_t k = 0; k < program.outputs.size(); ++k) {
    const std::string c = std::to_string(program.outputs[k]);
    if (const ir::Buffer& buffer = host_buffer(*program.module, ir::Space::output, program.outputs[k]); buffer.hop > 0) {
      text += "  float* const out_" + c + " = out[" + c + "] + " + rows_before(buffer) + ";\n";
      continue;
    }
    const bool direct = program.direct[k];
    text += "  float* const out_" + c + " = " +
            (direct ? "dgen_output" + back + "(out, " + c + ", at, frames, s->output_" + c + ")" : "s->output_" + c) + ";\n";
    finish += "  dgen_deliver(out, " + c + ", at, frames, out_" + c + ");\n";
  }
  return text;
}

/// `frames` frames from frame `at` of the host's channels, through the kernels of `when`.
std::string frames_text(const ProgramText& program, const std::string& name, ir::When when) {
  std::string text = "static void $program_" + name +
                     "(struct $program_state* s, const float* const* in, float* const* out, int64_t at, int32_t frames) {\n";
  const bool writes = when == ir::When::block && !program.outputs.empty();
  if (program.inputs.empty()) text += "  (void)in;\n";
  if (!writes) text += "  (void)out;\n";
  if (program.inputs.empty() && !writes) text += "  (void)at;\n";
  std::string finish;
  text += input_pointers(program);
  if (writes) text += output_pointers(program, finish);
  const std::string kernels = calls(program, when, "  ");
  if (kernels.empty() && program.inputs.empty() && !writes) text += "  (void)s;\n  (void)frames;\n";
  for (const int c : program.inputs) {
    if (kernels.find("in_" + std::to_string(c)) == std::string::npos) text += "  (void)in_" + std::to_string(c) + ";\n";
  }
  return text + kernels + finish + "}\n";
}

// Delays whose times move are known for all frames of the sub-block once what they follow from has run. A part ends before the
// first frame that reads one of its own; where it is a vector or more and not the last, with a whole vector.
constexpr std::string_view parts_of_block = R"(
// Most frames from frame `from` on that read none of each other.
static int32_t $program_apart(const int32_t* latest, int32_t from, int32_t frames) {
  int32_t now = 1;
  for (; from + now + 16 <= frames; now += 16) {
    int32_t reached = 0;
    for (int k = 0; k < 16; ++k) reached |= latest[from + now + k] >= from;
    if (reached) break;
  }
  while (from + now < frames && latest[from + now] < from) ++now;
  return now;
}

// One sub-block, in parts as long as the delays in it allow.
static void $program_block(struct $program_state* s, const float* const* in, float* const* out, int64_t at, int32_t frames) {
  $program_ahead(s, in, out, at, frames);
  const int64_t position = s->position;
  for (int32_t from = 0, now; from < frames; from += now) {
    now = $program_apart(s->$latest, from, frames);
    const int32_t within = $within, rest = $lanes - within;
    if (within > 0 && now >= rest) now = rest;
    else if (from + now < frames && within + now >= $lanes) now -= (within + now) & ($lanes - 1);
    s->$from[0] = from;
    $place
    $program_part(s, in, out, at + $first, now);
  }
  s->position = position;
}
)";

std::string parts_of_block_text(const ProgramText& program) {
  const ir::Module& module = *program.module;
  const bool back = module.run == ir::Run::backward;
  const std::string mask = " & " + std::to_string(program.lanes - 1) + ")";
  const std::string first = back ? "frames - from - now" : "from";
  std::string text(parts_of_block);
  text = replaced(std::move(text), "$latest", state_member(module, module.latest));
  text = replaced(std::move(text), "$from", state_member(module, module.part_from));
  const std::string end = back ? "(int32_t)(-(position + frames - from)" : "(int32_t)((position + from)";
  text = replaced(std::move(text), "$within", module.whole_vectors ? end + mask : "0");
  text = replaced(std::move(text), "$place", "s->position = position + " + first + ";");
  text = replaced(std::move(text), "$first", first);
  return replaced(std::move(text), "$lanes", std::to_string(program.lanes));
}

}  // namespace

std::string block_text(const ProgramText& program) {
  const std::string what = "\n// One sub-block: `frames` frames from frame `at` of the host's channels.\n";
  if (program.module->latest < 0) return what + frames_text(program, "block", ir::When::block);
  return "\n// What runs ahead of the parts of a sub-block.\n" + frames_text(program, "ahead", ir::When::ahead) +
         "\n// One part: `frames` frames from frame `at` of the host's channels.\n" +
         frames_text(program, "part", ir::When::block) + parts_of_block_text(program);
}

}  // namespace dgen::render
